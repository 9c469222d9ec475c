import type { CallResult } from '../../../gateway/fax/call-result.ts';
import type { CallStep, LookupAnswer, OutgoingCall } from '../../../gateway/ports/carrier-adapter.ts';
import type { Clock } from '../../../gateway/ports/clock.ts';
import { Ticker } from '../../sip-t38/io/ticker.ts';
import { CallJournal } from '../../sip-t38/journal.ts';
import type { LiveCall } from '../../sip-t38/live-call.ts';
import { place } from '../../sip-t38/place.ts';
import { resultOf } from '../../sip-t38/result.ts';
import { Directory } from '../network/directory.ts';
import type { Paper } from '../network/paper.ts';
import type { Rule } from '../network/rules.ts';
import type { Subscriber } from '../network/subscriber.ts';
import type { Cable } from './cable.ts';
import { EngineCall } from './engine-call.ts';

/** What a switchboard is made of. */
export interface SwitchboardSettings {
  readonly clock: Clock;
  /** Fastest rate of the lines, bit/s. */
  readonly speed: number;
  /** Tried before the subscribers' own numbers; the built-in rules come after them. */
  readonly rules: readonly Rule[];
  readonly paper: Paper;
  readonly cable: Cable;
  readonly random: (octets: number) => Uint8Array;
  /** A turn of the event loop. */
  readonly pause: () => Promise<void>;
}

/**
 * A telephone exchange whose calls are worked by the fax engine: at both ends a T.30 terminal with T.38 over UDPTL, between
 * them a network in memory. It remembers what became of its calls.
 */
export class Switchboard {
  readonly #settings: SwitchboardSettings;
  readonly #directory: Directory;
  readonly #ticker: Ticker;
  readonly #journal = new CallJournal();
  readonly #calls = new Set<EngineCall>();

  constructor(settings: SwitchboardSettings) {
    this.#settings = settings;
    this.#directory = new Directory(settings.rules);
    this.#ticker = new Ticker(settings.clock, () => {});
  }

  /** Calls in progress. */
  get liveCalls(): number {
    return this.#calls.size;
  }

  /** From now on, calls to numbers that `subscriber` accepts ring there. The answer takes it off again. */
  subscribe(subscriber: Subscriber): () => void {
    return this.#directory.subscribe(subscriber);
  }

  /** Drives one outgoing call step by step; see `CarrierAdapter.place` for what may happen between two steps. */
  async *place(order: OutgoingCall): AsyncGenerator<CallStep, CallResult> {
    const { reference } = order;
    if (this.#journal.find(reference).found !== 'unknown') return USED;
    this.#journal.begun(reference);
    const call = new EngineCall(order, { ...this.#settings, directory: this.#directory, ticker: this.#ticker });
    this.#calls.add(call);
    let result: CallResult | null = null;
    try {
      result = call.told(yield* place(order, { connect: async () => call.caller, pause: this.#settings.pause }));
      return result;
    } finally {
      this.#calls.delete(call);
      if (result !== null) this.#journal.ended(reference, result);
      else void lastWord(call.caller).then((last) => this.#journal.ended(reference, last));
    }
  }

  async lookup(reference: string): Promise<LookupAnswer> {
    return this.#journal.find(reference);
  }

  /** Cuts every line, as when the exchange loses its power. */
  cutAll(): void {
    for (const call of this.#calls) call.cut();
  }
}

const NOTHING = { pagesConfirmed: 0, pageInFlight: false, remoteId: null, line: null } as const;

/** A reference names one call: who uses it again is not connected. */
const USED: CallResult = { ...NOTHING, cause: 'rejected', detail: 'the reference was used before' };

/** What became of a call that its driver has left. */
async function lastWord(caller: LiveCall): Promise<CallResult> {
  for (;;) {
    const event = await caller.next();
    if (event.type === 'over') return resultOf(event.end);
  }
}
