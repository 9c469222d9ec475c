/**
 * Strangers' datagrams at a station with live calls: what each costs it, what they are answered, and what it keeps of them.
 *
 *     node ops/bench/t38-flood.ts [--rate DATAGRAMS_A_SECOND] [--seconds N]
 */
import { createSocket, type Socket } from 'node:dgram';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { StationProcess } from './t38-pair.ts';

/** What one kind of flood did. */
export interface FloodFigure {
  readonly what: string;
  readonly sent: number;
  /** Seconds in which they were sent. */
  readonly seconds: number;
  readonly answered: number;
  /** Processor time of the station for each of them beyond that of its calls, µs. */
  readonly cost: number;
  /** MiB that the station has more afterwards, when its garbage is gone. */
  readonly kept: number;
}

/** All floods, and the calls that went on beside them. */
export interface FloodReport {
  readonly figures: readonly FloodFigure[];
  /** 99.9 % of the datagrams of these calls left within so many ms. */
  readonly late: number;
  readonly pages: { readonly same: number; readonly different: number };
  /** Calls that failed, by cause: while INVITEs from the trunk's own address fill the station, others find no room. */
  readonly failed: Readonly<Record<string, number>>;
}

const VICTIM = 17_064;
const CALLER = 17_065;
/** Even ports of the calls that live meanwhile. */
const MEDIA = [41_000, 41_098] as const;
const CALLS = 10;
/** Seconds before each flood in which the calls alone are looked at. */
const QUIET = 4;
/** Where strangers are, and where the trunk is. */
const STRANGER = '127.0.0.66';
const TRUNK = '127.0.0.1';
/** Calls that a station takes at once, as in its default settings. */
const INCOMING = 60;
/** ms between two bursts. */
const BURST = 10;
const RATE = 2_000;
const SECONDS = 8;

interface Flood {
  readonly what: string;
  readonly from: string;
  port(count: number): number;
  datagram(count: number): Uint8Array;
}

const sip = () => VICTIM;
const text = new TextEncoder();

const FLOODS: readonly Flood[] = [
  { what: 'octets that are no SIP', from: STRANGER, port: sip, datagram: noise },
  {
    what: 'malformed SIP',
    from: STRANGER,
    port: sip,
    datagram: (count) => request('INVITE', count).slice(0, 40 + (count % 300)),
  },
  { what: 'OPTIONS of scanners', from: STRANGER, port: sip, datagram: (count) => request('OPTIONS', count) },
  { what: 'INVITE of strangers', from: STRANGER, port: sip, datagram: (count) => request('INVITE', count) },
  { what: 'REGISTER of strangers', from: STRANGER, port: sip, datagram: (count) => request('REGISTER', count) },
  {
    what: 'malformed SIP from the address of the trunk',
    from: TRUNK,
    port: sip,
    datagram: (count) => request('INVITE', count).slice(0, 40 + (count % 300)),
  },
  {
    what: 'OPTIONS from the address of the trunk',
    from: TRUNK,
    port: sip,
    datagram: (count) => request('OPTIONS', count),
  },
  { what: 'UDPTL of strangers at the media ports of live calls', from: STRANGER, port: media, datagram: udptl },
  { what: 'octets of strangers at the media ports of live calls', from: STRANGER, port: media, datagram: noise },
  {
    what: `INVITE from the address of the trunk, never acknowledged (${INCOMING} calls at most)`,
    from: TRUNK,
    port: sip,
    datagram: (count) => request('INVITE', count),
  },
];

function media(count: number): number {
  return MEDIA[0] + 2 * (count % CALLS);
}

/** The same octets for the same count; none of them random, so that making them costs nothing. */
function noise(count: number): Uint8Array {
  return Uint8Array.from({ length: 60 }, (_, at) => (Math.imul(count + 1, 2_654_435_761) >>> (at % 25)) & 0xff);
}

/** A datagram as of a call: `no-signal` with a number of its own. */
function udptl(count: number): Uint8Array {
  return Uint8Array.of((count >> 8) & 0xff, count & 0xff, 1, 0, 0, 0);
}

const SDP = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', 'm=audio 9 RTP/AVP 0 8'];

function request(method: 'INVITE' | 'OPTIONS' | 'REGISTER', count: number): Uint8Array {
  const body = method === 'INVITE' ? SDP.map((line) => `${line}\r\n`).join('') : '';
  const lines = [
    `${method} sip:+15550200@127.0.0.1:${VICTIM} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.66:5060;branch=z9hG4bKflood${method}${count};rport`,
    `From: <sip:+15550300@127.0.0.66>;tag=f${count}`,
    `To: <sip:+15550200@127.0.0.1:${VICTIM}>`,
    'Contact: <sip:+15550300@127.0.0.66:5060>',
    `Call-ID: flood-${method}-${count}`,
    `CSeq: 1 ${method}`,
    'Max-Forwards: 70',
    ...(method === 'INVITE' ? ['Content-Type: application/sdp'] : []),
    `Content-Length: ${body.length}`,
  ];
  return text.encode(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

/** Floods a station, kind after kind. */
export async function runFlood(rate: number, seconds: number): Promise<FloodReport> {
  const whole = 20 + FLOODS.length * (seconds + QUIET + 2) + 10;
  const common = { ramp: 10, seconds: whole, incoming: INCOMING };
  const victim = new StationProcess(0, { ...common, does: 'take', calls: 0, port: VICTIM, peer: CALLER, media: MEDIA });
  await victim.ready();
  const order = { ...common, does: 'place', calls: CALLS, port: CALLER, peer: VICTIM, media: [0, 0] } as const;
  const caller = await new StationProcess(1, order).ready();
  await pause(20_000);
  const figures: FloodFigure[] = [];
  for (const flood of FLOODS) figures.push(await flooded(victim, flood, rate, seconds));
  const [taken, placed] = await Promise.all([victim.report, caller.report]);
  return {
    figures,
    late: taken.late.p999,
    pages: { same: taken.same, different: taken.different },
    failed: placed.failed,
  };
}

async function flooded(victim: StationProcess, flood: Flood, rate: number, seconds: number): Promise<FloodFigure> {
  const first = await victim.usage();
  await pause(QUIET * 1_000);
  const before = await victim.usage();
  const started = performance.now();
  const { sent, answered } = await poured(flood, rate, seconds);
  const took = (performance.now() - started) / 1_000;
  const after = await victim.usage();
  const ofCalls = ((before.spent - first.spent) / QUIET) * took;
  const cost = ((after.spent - before.spent - ofCalls) / sent) * 1e6;
  return { what: flood.what, sent, seconds: took, answered, cost, kept: after.memory - before.memory };
}

/** Sends for so long, and counts what comes back. */
async function poured(flood: Flood, rate: number, seconds: number): Promise<{ sent: number; answered: number }> {
  const socket = await bound(flood.from);
  let [sent, answered] = [0, 0];
  socket.on('message', () => {
    answered++;
  });
  const end = performance.now() + seconds * 1_000;
  for (let due = performance.now(); due < end; due += BURST) {
    for (let left = (rate * BURST) / 1_000; left > 0; left--) {
      socket.send(flood.datagram(sent), flood.port(sent), '127.0.0.1');
      sent++;
    }
    await pause(Math.max(0, due + BURST - performance.now()));
  }
  await pause(500);
  socket.close();
  return { sent, answered };
}

function bound(address: string): Promise<Socket> {
  const socket = createSocket('udp4');
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, address, () => resolve(socket));
  });
}

/** The figures as lines of a report. */
export function describeFlood({ figures, late, pages, failed }: FloodReport): string[] {
  const lost =
    Object.entries(failed)
      .map(([why, count]) => `${count} × ${why}`)
      .join('; ') || 'none';
  return [
    '| flood | a second | answered | processor time each | memory kept |',
    '|---|---|---|---|---|',
    ...figures.map(({ what, sent, seconds, answered, cost, kept }) => {
      const share = answered === 0 ? 'none' : String(answered);
      return `| ${what} | ${Math.round(sent / seconds)} | ${share} | ${cost.toFixed(0)} µs | ${kept.toFixed(1)} MiB |`;
    }),
    '',
    `Beside them ${CALLS} calls: ${pages.same} pages came, ${pages.different} of them changed; failed: ${lost}; 99.9 % of the datagrams within ${late} ms.`,
  ];
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { rate: { type: 'string' }, seconds: { type: 'string' } } });
  const report = await runFlood(Number(values.rate ?? RATE), Number(values.seconds ?? SECONDS));
  process.stdout.write(`${describeFlood(report).join('\n')}\n`);
}
