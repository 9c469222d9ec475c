import type { LineCommand } from '../../../carrier-adapters/sip-t38/t30/line.ts';
import { T38Terminal } from '../../../carrier-adapters/sip-t38/t38/terminal.ts';
import type { TerminalOutput } from '../../../carrier-adapters/sip-t38/t38/terminal-io.ts';
import type { Recovery } from '../../../carrier-adapters/sip-t38/udptl/options.ts';
import { UdptlReceiver } from '../../../carrier-adapters/sip-t38/udptl/receiver.ts';
import { UdptlSender } from '../../../carrier-adapters/sip-t38/udptl/sender.ts';
import type { Random } from '../../crash/random.ts';

const V17 = { modulation: 'V.17', rate: 14_400 } as const;
const FRAMES = [1, 2, 3].map((n) => new Uint8Array(60 * n).fill(n * 37));
const COMMANDS: readonly LineCommand[] = [
  { do: 'control', frames: FRAMES },
  { do: 'training', modem: V17 },
  { do: 'image', modem: V17, short: true, data: new Uint8Array(3_000).fill(0x5a) },
  { do: 'ecm', modem: V17, short: false, frames: FRAMES },
];
const RECOVERIES: readonly Recovery[] = [
  { kind: 'none' },
  { kind: 'redundancy', depth: 3 },
  { kind: 'fec', entries: 3, span: 3 },
  { kind: 'fec', entries: 8, span: 8 },
];

/** Datagrams of calls that nothing is wrong with, of each recovery and form. */
export function goodDatagrams(): Uint8Array[][] {
  return RECOVERIES.flatMap((recovery) => (['1998', '2002'] as const).map((syntax) => datagrams(recovery, syntax)));
}

function datagrams(recovery: Recovery, syntax: '1998' | '2002'): Uint8Array[] {
  const sender = new UdptlSender({ recovery, maxDatagram: 1_400 });
  const terminal = new T38Terminal({ syntax, pace: 'gateway', maxIfp: 300 }, 0);
  const outputs = COMMANDS.flatMap((command) => [...terminal.handle({ type: 'command', command }, 0)]);
  while (!terminal.idle) outputs.push(...terminal.handle({ type: 'time' }, terminal.deadline));
  return outputs.flatMap((output) => (output.type === 'packet' ? [sender.datagram(output.ifp)] : []));
}

/** One hostile datagram: a good one with something wrong, or none at all. */
export function hostile(good: readonly Uint8Array[], place: number, random: Random): Uint8Array {
  const bytes = (good[(place + random.below(5) - 2 + good.length) % good.length] ?? new Uint8Array(0)).slice();
  const kind = random.below(8);
  if (kind === 0) return Uint8Array.from({ length: random.below(120) }, () => random.below(256));
  if (kind === 1) return bytes.subarray(0, random.below(bytes.length));
  if (kind === 2)
    return joined(
      bytes,
      Uint8Array.from({ length: random.below(900) }, () => random.below(256)),
    );
  for (let n = kind === 3 ? 0 : 1 + random.below(4); n > 0; n--) damage(bytes, random);
  return bytes;
}

/** Octets that mean most stand in front: sequence number, lengths, counts, types. */
function damage(bytes: Uint8Array, random: Random): void {
  const at = random.below(random.below(3) === 0 ? bytes.length : Math.min(bytes.length, 12));
  const extreme = [0x00, 0x7f, 0x80, 0x81, 0xbf, 0xc0, 0xff];
  bytes[at] =
    random.below(2) === 0 ? (extreme[random.below(extreme.length)] ?? 0) : (bytes[at] ?? 0) ^ (1 << random.below(8));
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

/** An end of a call: datagrams in, what a T.30 machine would hear out. */
export class Victim {
  readonly udptl = new UdptlReceiver();
  readonly terminal: T38Terminal;
  now = 0;

  constructor(syntax: '1998' | '2002') {
    this.terminal = new T38Terminal({ syntax, pace: 'gateway', maxIfp: 300 }, 0);
  }

  hear(datagram: Uint8Array, ms: number): TerminalOutput[] {
    this.now += ms;
    const outputs: TerminalOutput[] = [];
    for (const { ifp, lost } of this.udptl.handle(datagram, this.now)) {
      outputs.push(...this.terminal.handle({ type: 'packet', ifp, lost }, this.now));
    }
    if (this.terminal.deadline <= this.now) outputs.push(...this.terminal.handle({ type: 'time' }, this.now));
    return outputs;
  }
}
