/** Two fax engines face to face over a lossy network, on a virtual clock: the same set-up, the same call. */
import { FaxStream, type FaxStreamOutput } from '../../carrier-adapters/sip-t38/call/fax-stream.ts';
import {
  createPageDecoder,
  type PageDecoder,
  type PageReport,
} from '../../carrier-adapters/sip-t38/call/pages/decode.ts';
import { encodePage } from '../../carrier-adapters/sip-t38/call/pages/encode.ts';
import type { T38Terms, T38Version } from '../../carrier-adapters/sip-t38/sdp/media.ts';
import { createAnswerer, createCaller } from '../../carrier-adapters/sip-t38/t30/index.ts';
import type { Modulation } from '../../carrier-adapters/sip-t38/t30/line.ts';
import type { T30Input, T30Output } from '../../carrier-adapters/sip-t38/t30/machine.ts';
import type { Outcome } from '../../carrier-adapters/sip-t38/t30/outcome.ts';
import type { PageGeometry, PageTerms } from '../../carrier-adapters/sip-t38/t30/page-terms.ts';
import type { LineState } from '../../carrier-adapters/sip-t38/t30/remote-station.ts';
import type { Recovery } from '../../carrier-adapters/sip-t38/udptl/options.ts';
import type { Random } from '../crash/random.ts';
import { LossyLink, randomOf, type Weather } from './link.ts';

/** A page to be sent. */
export interface NetPage extends PageGeometry {
  readonly t6: Uint8Array;
}

/** One call. */
export interface CallSetup {
  readonly seed: number;
  readonly weather: Weather;
  readonly recovery: Recovery;
  readonly version: T38Version;
  readonly pages: readonly NetPage[];
  readonly ecm: boolean;
  readonly maxRate: number;
  readonly modulations: readonly Modulation[];
  /** Longest time that the answerer takes to keep a page, ms. */
  readonly keepTime: number;
  /** When one of them wishes to end the call, ms. */
  readonly cancel?: { readonly by: 'caller' | 'answerer'; readonly at: number };
  /** When the call is cut by BYE at both ends, ms. */
  readonly cut?: number;
}

/** A page that the answerer has promised to keep. */
export interface KeptPage {
  readonly t6: Uint8Array;
  readonly terms: PageTerms;
  readonly report: PageReport;
}

/** What came of a call. */
export interface CallStory {
  /** null: it never ended by itself. */
  readonly caller: Outcome | null;
  readonly answerer: Outcome | null;
  /** Indexes of the pages that the caller holds for confirmed, in that order. */
  readonly confirmed: readonly number[];
  readonly kept: readonly KeptPage[];
  readonly line: LineState | null;
  /** Virtual time from the switch to T.38 to the end of the procedure at the caller, ms. */
  readonly duration: number;
  readonly datagrams: { readonly sent: number; readonly lost: number };
  /** T.30 signals with their times, ms. */
  readonly ladder: readonly string[];
}

/** A call that is not over by then hangs, ms. */
const LONGEST = 3_600_000;
/** Turns of the clock after which a call spins. */
const MOST_TURNS = 2_000_000;
/** From the end of a procedure to BYE's arrival, ms: what joins the engines to SIP waits for nothing longer. */
const BYE = 1_000;
/** Longest time that a page takes to be coded, ms. */
const CODING = 400;

/** Runs one call to its end. @throws Error when it spins */
export async function runCall(setup: CallSetup): Promise<CallStory> {
  const call = new NetCall(setup);
  return call.run();
}

interface Appointment {
  readonly at: number;
  readonly keep: () => void;
}

class NetCall {
  readonly #setup: CallSetup;
  readonly #random: Random;
  readonly #caller: Party;
  readonly #answerer: Party;
  readonly #confirmed: number[] = [];
  readonly #kept: KeptPage[] = [];
  readonly #ladder: string[] = [];
  #line: LineState | null = null;
  #appointments: Appointment[] = [];
  #wanted: Extract<T30Output, { type: 'want_page' }>[] = [];
  #open: { readonly terms: PageTerms; readonly decoder: PageDecoder; readonly parts: Uint8Array[] } | null = null;
  #now = 0;

  constructor(setup: CallSetup) {
    const { seed, weather, recovery, version, maxRate, ecm, modulations, pages } = setup;
    this.#setup = setup;
    this.#random = randomOf(seed);
    const terms: T38Terms = {
      version,
      maxBitRate: maxRate,
      rateManagement: 'transferredTCF',
      maxDatagram: 1400,
      errorCorrection: recovery.kind,
    };
    const common = { maxRate, ecm, modulations };
    const caller = createCaller({ ...common, id: '+1 212 555 0100', pages });
    const answerer = createAnswerer({ ...common, id: '+49 40 5550101', width: 2432, ced: true });
    const link = () => new LossyLink(weather, randomOf(this.#random.below(2 ** 31)));
    this.#caller = {
      name: 'caller',
      stream: new FaxStream(caller, terms, recovery, 0),
      link: link(),
      outcome: null,
      overAt: 0,
      gone: false,
    };
    this.#answerer = {
      name: 'answerer',
      stream: new FaxStream(answerer, terms, recovery, 0),
      link: link(),
      outcome: null,
      overAt: 0,
      gone: false,
    };
  }

  async run(): Promise<CallStory> {
    this.#take(this.#caller, this.#caller.stream.start(0));
    this.#take(this.#answerer, this.#answerer.stream.start(0));
    const { cancel, cut } = this.#setup;
    const canceler = cancel?.by === 'caller' ? this.#caller : this.#answerer;
    if (cancel !== undefined) this.#later(cancel.at, () => this.#tell(canceler, { type: 'cancel' }));
    if (cut !== undefined) {
      for (const party of [this.#caller, this.#answerer]) this.#later(cut, () => this.#tell(party, { type: 'lost' }));
    }
    for (let turns = 0; !this.#over; turns++) {
      if (turns > MOST_TURNS) throw new Error(`the call of seed ${this.#setup.seed} spins at ${this.#now} ms`);
      await this.#codePages();
      const next = this.#next();
      if (next === null || next > LONGEST) break;
      this.#now = Math.max(this.#now, next);
      this.#turn();
    }
    return this.#story();
  }

  get #over(): boolean {
    return this.#caller.outcome !== null && this.#answerer.outcome !== null;
  }

  #next(): number | null {
    const { stream: caller, link: out } = this.#caller;
    const { stream: answerer, link: back } = this.#answerer;
    const appointments = this.#appointments.map((appointment) => appointment.at);
    const times = [caller.deadline, answerer.deadline, out.deadline, back.deadline, ...appointments];
    return times.reduce<number | null>(
      (least, at) => (at === null || (least !== null && least <= at) ? least : at),
      null,
    );
  }

  #turn(): void {
    const due = this.#appointments.filter((appointment) => appointment.at <= this.#now);
    this.#appointments = this.#appointments.filter((appointment) => appointment.at > this.#now);
    for (const { keep } of due) keep();
    for (const datagram of this.#caller.link.arrived(this.#now)) {
      this.#take(this.#answerer, this.#answerer.stream.datagram(datagram, this.#now));
    }
    for (const datagram of this.#answerer.link.arrived(this.#now)) {
      this.#take(this.#caller, this.#caller.stream.datagram(datagram, this.#now));
    }
    for (const party of [this.#caller, this.#answerer]) {
      this.#take(party, party.stream.time(this.#now));
      if (party.outcome !== null && party.stream.idle && !party.gone) this.#bye(party);
    }
  }

  /** The procedure is over at one end and its last signal has left: SIP ends the call at the other. */
  #bye(party: Party): void {
    party.gone = true;
    const other = party === this.#caller ? this.#answerer : this.#caller;
    this.#later(BYE, () => this.#tell(other, { type: 'lost' }));
  }

  #later(delay: number, keep: () => void): void {
    this.#appointments.push({ at: this.#now + delay, keep });
  }

  #tell(party: Party, input: T30Input): void {
    this.#take(party, party.stream.input(input, this.#now));
  }

  #take(party: Party, outputs: readonly FaxStreamOutput[]): void {
    for (const output of outputs) {
      if (output.type === 'datagram') party.link.send(output.datagram, this.#now);
      else if (output.type === 'procedure') this.#heard(party, output.output);
    }
  }

  #heard(party: Party, output: Exclude<T30Output, { type: 'line' }>): void {
    switch (output.type) {
      case 'step':
        this.#ladder.push(`${this.#now} ${party.name} ${output.direction} ${output.signal} ${output.info ?? ''}`);
        break;
      case 'over':
        if (party.outcome !== null) throw new Error(`${party.name} is over twice`);
        party.outcome = output.outcome;
        party.overAt = this.#now;
        this.#ladder.push(`${this.#now} ${party.name} over: ${output.outcome}`);
        break;
      case 'negotiated':
        this.#line = output.line;
        break;
      case 'want_page':
        this.#wanted.push(output);
        break;
      case 'page_confirmed':
        this.#confirmed.push(output.index);
        this.#line = output.line;
        break;
      case 'page_begin':
        this.#open = { terms: output.terms, decoder: createPageDecoder(output.terms), parts: [] };
        break;
      case 'page_data':
        this.#open?.parts.push(this.#open.decoder.push(output.octets, output.gap));
        break;
      case 'page_end':
        this.#judge();
        break;
      case 'page_void':
        this.#open = null;
        break;
      default:
    }
  }

  /** Keeps the page, some time later, if it is good enough. */
  #judge(): void {
    const open = this.#open;
    if (open === null) throw new Error('a page ends that never began');
    const { t6, report } = open.decoder.finish();
    this.#later(this.#random.below(this.#setup.keepTime + 1), () => {
      // What has been given up meanwhile is not kept.
      if (this.#open !== open) return;
      this.#open = null;
      if (report.verdict !== 'bad') this.#kept.push({ t6: joined([...open.parts, t6]), terms: open.terms, report });
      this.#tell(this.#answerer, { type: 'page_verdict', verdict: report.verdict });
    });
  }

  async #codePages(): Promise<void> {
    for (const { index, terms } of this.#wanted.splice(0)) {
      const page = this.#setup.pages[index];
      if (page === undefined) throw new Error(`page ${index} is wanted`);
      const coded = await encodePage({ ...page, open: () => chunks(page.t6) }, terms, async () => {});
      this.#later(this.#random.below(CODING), () => this.#tell(this.#caller, { type: 'page', coded }));
    }
  }

  #story(): CallStory {
    const { link: out, outcome: caller, overAt } = this.#caller;
    const { link: back, outcome: answerer } = this.#answerer;
    return {
      caller,
      answerer,
      confirmed: this.#confirmed,
      kept: this.#kept,
      line: this.#line,
      duration: overAt,
      datagrams: { sent: out.sent + back.sent, lost: out.lost + back.lost },
      ladder: this.#ladder,
    };
  }
}

interface Party {
  readonly name: string;
  readonly stream: FaxStream;
  /** Where its datagrams go. */
  readonly link: LossyLink;
  outcome: Outcome | null;
  overAt: number;
  /** BYE has been sent. */
  gone: boolean;
}

async function* chunks(t6: Uint8Array): AsyncGenerator<Uint8Array> {
  yield t6.slice();
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
