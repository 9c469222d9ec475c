/**
 * One page of ITU-T chart 1 between two of our own engines, on a virtual clock, beside the time that the Recommendations
 * alone ask for (t38-nominal.ts).
 */
import { FaxStream, type FaxStreamOutput } from '../../carrier-adapters/sip-t38/call/fax-stream.ts';
import { encodePage, type StoredPage } from '../../carrier-adapters/sip-t38/call/pages/encode.ts';
import type { T38Terms } from '../../carrier-adapters/sip-t38/sdp/media.ts';
import { createAnswerer, createCaller } from '../../carrier-adapters/sip-t38/t30/index.ts';
import type { LineCommand, Modulation } from '../../carrier-adapters/sip-t38/t30/line.ts';
import type { T30Input, T30Machine, T30Output } from '../../carrier-adapters/sip-t38/t30/machine.ts';
import type { Pace } from '../../carrier-adapters/sip-t38/t38/terminal-io.ts';
import type { Bitmap } from '../../gateway/imaging/index.ts';
import { encodeT6 } from '../../gateway/imaging/index.ts';
import { type CallOctets, type NominalSignal, nominalSignals } from './t38-nominal.ts';

/** What a call took, and should take; milliseconds from the switch to T.38 to the end of DCN. */
export interface CallTime {
  readonly taken: number;
  readonly nominal: number;
  readonly signals: readonly NominalSignal[];
}

/** The most that a call may take, as a multiple of its nominal time. */
export const CALL_TIME_LIMIT = 1.05;

const TERMS: T38Terms = {
  version: 0,
  maxBitRate: 14_400,
  rateManagement: 'transferredTCF',
  maxDatagram: 1400,
  errorCorrection: 'redundancy',
};
const MODULATIONS: readonly Modulation[] = ['V.17', 'V.29', 'V.27ter'];
/** One way through the network, ms: a loopback's. */
const DELAY = 1;
/** A call that is not over by then never will be, ms. */
const LONGEST = 600_000;

/** Sends `page`, at 204 × 196, in error correction mode at 14,400 bit/s. @throws Error when the call fails */
export async function timeCall(page: Bitmap, pace: Pace = 'gateway'): Promise<CallTime> {
  const call = new TimedCall(page, pace);
  const taken = await call.run();
  const signals = nominalSignals(call.octets());
  return { taken, nominal: signals.reduce((sum, { time }) => sum + time, 0), signals };
}

/** A machine that notes the frames that it sends. */
function overheard(machine: T30Machine, spoken: number[][]): T30Machine {
  const note = (outputs: T30Output[]) => {
    for (const output of outputs) if (output.type === 'line') noteFrames(output.command, spoken);
    return outputs;
  };
  return {
    start: (now) => note(machine.start(now)),
    handle: (input, now) => note(machine.handle(input, now)),
    get deadline() {
      return machine.deadline;
    },
  };
}

function noteFrames(command: LineCommand, spoken: number[][]): void {
  if (command.do === 'control') spoken.push(command.frames.map((frame) => frame.length));
}

interface Flight {
  readonly at: number;
  readonly to: FaxStream;
  readonly datagram: Uint8Array;
}

class TimedCall {
  readonly #page: StoredPage;
  readonly #coded: number;
  /** Octets of the frames of each control signal. */
  readonly #called: number[][] = [];
  readonly #calling: number[][] = [];
  readonly #caller: FaxStream;
  readonly #answerer: FaxStream;
  #flights: Flight[] = [];
  #wanted: Extract<T30Output, { readonly type: 'want_page' }> | null = null;
  #outcome: string | null = null;
  #now = 0;

  constructor(bitmap: Bitmap, pace: Pace) {
    const t6 = encodeT6(bitmap);
    const common = { maxRate: 14_400, ecm: true, modulations: MODULATIONS };
    this.#coded = t6.length;
    this.#page = { width: bitmap.width, rows: bitmap.rows, xDpi: 204, yDpi: 196, open: () => once(t6) };
    const caller = createCaller({ ...common, id: '+1 212 555 0100', pages: [this.#page] });
    const answerer = createAnswerer({ ...common, id: '+1 212 555 0101', width: 1728, ced: true });
    this.#caller = new FaxStream(overheard(caller, this.#calling), TERMS, { kind: 'redundancy', depth: 3 }, 0, pace);
    this.#answerer = new FaxStream(overheard(answerer, this.#called), TERMS, { kind: 'redundancy', depth: 3 }, 0, pace);
  }

  async run(): Promise<number> {
    this.#take(this.#caller, this.#caller.start(0));
    this.#take(this.#answerer, this.#answerer.start(0));
    while (this.#outcome === null && this.#now <= LONGEST) {
      await this.#code();
      this.#now = this.#next();
      this.#turn();
    }
    if (this.#outcome !== 'ok') throw new Error(`the call ended as ${this.#outcome ?? 'none'}`);
    return this.#now;
  }

  /** What was said, by the names of the call that is expected. */
  octets(): CallOctets {
    const [dis = [], cfr = [], mcf = []] = this.#called;
    const [dcs = [], pps = [], dcn = []] = this.#calling;
    const control = { DIS: dis, DCS: dcs, CFR: cfr, 'PPS-EOP': pps, MCF: mcf, DCN: dcn };
    return { control, page: this.#coded, frameSize: 256 };
  }

  #next(): number {
    const times = [this.#caller.deadline, this.#answerer.deadline, ...this.#flights.map(({ at }) => at)];
    return Math.min(...times.map((at) => at ?? Number.POSITIVE_INFINITY));
  }

  #turn(): void {
    const landed = this.#flights.filter(({ at }) => at <= this.#now);
    this.#flights = this.#flights.filter(({ at }) => at > this.#now);
    for (const { to, datagram } of landed) this.#take(to, to.datagram(datagram, this.#now));
    for (const stream of [this.#caller, this.#answerer]) this.#take(stream, stream.time(this.#now));
  }

  #take(from: FaxStream, outputs: readonly FaxStreamOutput[]): void {
    const to = from === this.#caller ? this.#answerer : this.#caller;
    for (const output of outputs) {
      if (output.type === 'datagram') this.#flights.push({ at: this.#now + DELAY, to, datagram: output.datagram });
      else if (output.type === 'procedure') this.#heard(from, output.output);
    }
  }

  #heard(from: FaxStream, output: Exclude<T30Output, { readonly type: 'line' }>): void {
    if (output.type === 'want_page') this.#wanted = output;
    if (output.type === 'page_end') this.#tell(from, { type: 'page_verdict', verdict: 'good' });
    if (output.type === 'over' && from === this.#caller) this.#outcome = output.outcome;
  }

  async #code(): Promise<void> {
    const wanted = this.#wanted;
    this.#wanted = null;
    if (wanted === null) return;
    const coded = await encodePage(this.#page, wanted.terms, async () => {});
    this.#tell(this.#caller, { type: 'page', coded });
  }

  #tell(stream: FaxStream, input: T30Input): void {
    this.#take(stream, stream.input(input, this.#now));
  }
}

async function* once(t6: Uint8Array): AsyncGenerator<Uint8Array> {
  yield t6;
}

/** The two times side by side, signal by signal. */
export function callTimeLines({ taken, nominal, signals }: CallTime): string[] {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
  return [
    'One page of ITU-T chart 1, V.17 14,400 bit/s with error correction, from engine to engine',
    '',
    '| signal | nominal |',
    '|---|---|',
    ...signals.map(({ name, time }) => `| ${name} | ${seconds(time)} |`),
    `| all | ${seconds(nominal)} |`,
    '',
    `The call took ${seconds(taken)}: ${(taken / nominal).toFixed(3)} × nominal (at most ${CALL_TIME_LIMIT}).`,
  ];
}
