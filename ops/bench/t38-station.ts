// One station of the load bench in a process of its own: our SIP carrier on real sockets and the real clock, which places
// calls without a pause or takes them. Its order comes as JSON in its only argument. It says `{"ready":true}`, and what it saw
// (StationReport) when its time is over; both are messages to its parent.
import { createSipT38 } from '../../carrier-adapters/sip-t38/adapter.ts';
import { type SipT38Config, sipT38ConfigSchema } from '../../carrier-adapters/sip-t38/config.ts';
import { HostNetwork } from '../../carrier-adapters/sip-t38/io/host-network.ts';
import type { Network } from '../../carrier-adapters/sip-t38/io/network.ts';
import { parseE164 } from '../../gateway/fax/number.ts';
import { FIRST_LINE_SETTINGS } from '../../gateway/fax/policy.ts';
import { decodeT6 } from '../../gateway/imaging/index.ts';
import type { CarrierAdapter, IncomingCall, OutgoingPage } from '../../gateway/ports/carrier-adapter.ts';
import { LatenessClock } from './t38-lateness.ts';
import { LETTERS, type Letter, letter } from './t38-letter.ts';

/** What a station does. */
export interface StationOrder {
  readonly does: 'place' | 'take';
  /** Where it listens for SIP on 127.0.0.1, and where its peer does. */
  readonly port: number;
  readonly peer: number;
  /** First and last media port; 0, 0: any. */
  readonly media: readonly [number, number];
  /** Calls at once; of a station that takes them 0. */
  readonly calls: number;
  /** Seconds over which the first calls are spread. */
  readonly ramp: number;
  /** Seconds that are counted, after the ramp. */
  readonly seconds: number;
  /** Incoming calls at once; more are answered 503. */
  readonly incoming: number;
}

/** What a station saw in the counted seconds. */
export interface StationReport {
  /** Datagrams of media that left, and how late: milliseconds, upper bounds. */
  readonly datagrams: number;
  readonly late: { readonly p50: number; readonly p99: number; readonly p999: number; readonly most: number };
  /** Share of one core. */
  readonly cpu: number;
  /** Calls that ended well, over the whole run; pages that came and were the same in every pixel, or were not. */
  readonly good: number;
  readonly same: number;
  readonly different: number;
  /** Calls that failed, by cause and detail. */
  readonly failed: Readonly<Record<string, number>>;
  /** Resident MiB, after the ramp and at the end. */
  readonly resident: readonly [number, number];
  /** Calls that live at the end of the counted seconds. */
  readonly live: number;
}

/** The answer to `"usage"`, which a parent may ask at any time. */
export interface UsageAnswer {
  /** Resident MiB after the garbage is gone. */
  readonly memory: number;
  /** MiB of what is alive: V8's heap and buffers, without what both hold in reserve. */
  readonly live: number;
  /** Seconds of processor time so far, but for what these answers took. */
  readonly spent: number;
}

const MIB = 1_048_576;
const quiet = () => {};

class Station {
  readonly #order: StationOrder;
  readonly #clock = new LatenessClock();
  readonly #adapter: CarrierAdapter;
  readonly #failed: Record<string, number> = {};
  #good = 0;
  #same = 0;
  #different = 0;
  #live = 0;
  #references = 0;
  #ended = false;

  constructor(order: StationOrder) {
    this.#order = order;
    const config = configOf(order);
    this.#adapter = createSipT38(config, {
      clock: this.#clock,
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      metrics: { count: quiet, observe: quiet, gauge: quiet },
      network: overheard(config, this.#clock),
    });
  }

  async run(): Promise<void> {
    const { ramp, seconds, calls, does } = this.#order;
    await this.#adapter.start({ offer: async ({ to }) => ({ accepted: this.#incoming(letterOf(to)) }) });
    process.send?.({ ready: true });
    if (does === 'place') for (let lane = 0; lane < calls; lane++) void this.#lane(lane, (lane * ramp * 1_000) / calls);
    await sleep(ramp * 1_000);
    const before = process.cpuUsage();
    const residentBefore = process.memoryUsage.rss() / MIB;
    this.#clock.forget();
    const begun = performance.now();
    await sleep(seconds * 1_000);
    const { user, system } = process.cpuUsage(before);
    const report: StationReport = {
      ...this.#clock.lateness(),
      cpu: (user + system) / 1_000 / (performance.now() - begun),
      resident: [residentBefore, process.memoryUsage.rss() / MIB],
      live: this.#live,
      ...(await this.#rest()),
    };
    process.send?.(report);
    await this.#adapter.stop();
    process.disconnect();
  }

  /** Lets the calls that live come to their end, so that each counts. */
  async #rest(): Promise<Pick<StationReport, 'good' | 'same' | 'different' | 'failed'>> {
    this.#ended = true;
    for (const end = performance.now() + 90_000; this.#live > 0 && performance.now() < end; ) await sleep(200);
    return { good: this.#good, same: this.#same, different: this.#different, failed: this.#failed };
  }

  /** One call after the other. */
  async #lane(lane: number, wait: number): Promise<void> {
    await sleep(wait);
    while (!this.#ended) await this.#place(lane);
  }

  async #place(lane: number): Promise<void> {
    const number = lane % LETTERS;
    const running = this.#adapter.place({
      reference: `bench-${process.pid}-${++this.#references}`,
      from: parseE164('+15550100'),
      to: parseE164(`+1555020${number}`),
      csid: '+1 555 0100',
      settings: FIRST_LINE_SETTINGS,
      pages: [outgoing(letter(number))],
      signal: new AbortController().signal,
    });
    this.#live++;
    let step = await running.next();
    while (step.done !== true) step = await running.next();
    this.#live--;
    if (step.value.cause === 'ok') this.#good++;
    else this.#fail(`${step.value.cause}: ${step.value.detail}`);
  }

  #fail(why: string): void {
    this.#failed[why] = (this.#failed[why] ?? 0) + 1;
  }

  #incoming(sent: Letter): IncomingCall {
    let chunks: Uint8Array[] = [];
    this.#live++;
    return {
      answered: async () => {},
      beginPage: async () => {
        chunks = [];
      },
      write: async (chunk) => void chunks.push(chunk.slice()),
      endPage: async ({ rows }) => {
        if (isSame(sent, Buffer.concat(chunks), rows)) this.#same++;
        else this.#different++;
      },
      dropPage: async () => {
        chunks = [];
      },
      ended: async ({ cause, detail }) => {
        this.#live--;
        if (cause === 'ok') this.#good++;
        else this.#fail(`${cause}: ${detail}`);
      },
    };
  }
}

function configOf({ port, peer, media, incoming }: StationOrder): SipT38Config {
  return sipT38ConfigSchema.parse({
    kind: 'sip-t38',
    name: 'bench',
    trunks: [{ name: 'peer', server: `127.0.0.1:${peer}` }],
    listen: [{ address: '127.0.0.1', port }],
    media: { address: '127.0.0.1', ports: media },
    maxIncoming: incoming,
  });
}

/** The sockets of this host; each datagram of media is noted by the clock. */
function overheard({ listen, media }: SipT38Config, clock: LatenessClock): Network {
  const options = { listen, publicAddress: null, authorities: undefined, peers: [], clock, fault: quiet };
  const network = new HostNetwork({ ...options, media: { address: media.address, ports: media.ports } });
  return {
    openSignalling: (heard) => network.openSignalling(heard),
    async openMedia(heard) {
      const port = await network.openMedia(heard);
      if (port === null) return null;
      return {
        advertised: port.advertised,
        send(datagram, to) {
          clock.note();
          port.send(datagram, to);
        },
        close: () => port.close(),
      };
    },
    services: (name) => network.services(name),
    addresses: (name) => network.addresses(name),
  };
}

function outgoing({ t6, width, rows }: Letter): OutgoingPage {
  return {
    number: 1,
    width,
    rows,
    xDpi: 204,
    yDpi: 196,
    bytes: t6.length,
    async *open() {
      yield t6.slice();
    },
  };
}

function letterOf(number: string): Letter {
  return letter(Number(number.at(-1)));
}

function isSame({ t6, width, rows, bitmap }: Letter, coded: Buffer, came: number): boolean {
  if (came !== rows) return false;
  return (
    coded.equals(t6) || Buffer.from(decodeT6(coded, { width, maxRows: rows, rows }).bitmap.data).equals(bitmap.data)
  );
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

let spentOnAnswers = 0;

/** Needs --expose-gc. */
function answerUsage(): void {
  const begun = process.cpuUsage();
  for (let round = 0; round < 3; round++) globalThis.gc?.();
  const spent = (begun.user + begun.system) / 1e6 - spentOnAnswers;
  const { user, system } = process.cpuUsage(begun);
  spentOnAnswers += (user + system) / 1e6;
  const { rss, heapUsed, external } = process.memoryUsage();
  const answer: UsageAnswer = { memory: rss / MIB, live: (heapUsed + external) / MIB, spent };
  process.send?.(answer);
}

process.on('message', (message) => {
  if (message === 'usage') answerUsage();
});

if (import.meta.main) await new Station(JSON.parse(process.argv[2] ?? '{}')).run();
