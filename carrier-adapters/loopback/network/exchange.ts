import type { CallResult } from '../../../gateway/fax/call-result.ts';
import type { LookupAnswer } from '../../../gateway/ports/carrier-adapter.ts';
import type { Clock } from '../../../gateway/ports/clock.ts';
import { ExchangeCall } from './call.ts';
import { Directory } from './directory.ts';
import { createMachine } from './machine.ts';
import type { Paper } from './paper.ts';
import type { Rule } from './rules.ts';
import { type DialOrder, type Ended, ended, type Leg, type Network } from './signals.ts';
import type { Station, StationCall } from './station.ts';
import { createSubscriberStation, type Subscriber } from './subscriber.ts';
import { createPace, type Speed } from './timing.ts';

/** What an exchange is made of. */
export interface ExchangeSettings {
  readonly clock: Clock;
  readonly speed: Speed;
  /** Tried before the subscribers' own numbers; the built-in rules come after them. */
  readonly rules: readonly Rule[];
  readonly paper: Paper;
  /** Whether references that it never saw were never placed: true for an exchange that outlives its subscribers. */
  readonly outlives: boolean;
}

/** Ended calls that the exchange remembers for look-ups; the oldest are forgotten first. */
const REMEMBERED_CALLS = 100_000;

/**
 * A local telephone exchange: it connects callers with scripted machines or with its own subscribers, and remembers
 * what became of each call.
 */
export class Exchange implements Network {
  readonly #settings: ExchangeSettings;
  readonly #directory: Directory;
  readonly #live = new Map<string, ExchangeCall>();
  readonly #past = new Map<string, CallResult>();
  #forgot = false;

  constructor(settings: ExchangeSettings) {
    this.#settings = settings;
    this.#directory = new Directory(settings.rules);
  }

  /** Calls in progress. */
  get liveCalls(): number {
    return this.#live.size;
  }

  /** From now on, calls to numbers that `subscriber` accepts ring there. The answer takes it off again. */
  subscribe(subscriber: Subscriber): () => void {
    return this.#directory.subscribe(subscriber);
  }

  dial(order: DialOrder): Leg {
    if (this.#live.has(order.reference) || this.#past.has(order.reference)) return refusedLeg();
    const call = new ExchangeCall(order, {
      clock: this.#settings.clock,
      pace: createPace(this.#settings.clock, this.#settings.speed),
      connect: (stationCall) => this.#connect(stationCall),
      over: (result) => this.#over(order.reference, result),
    });
    this.#live.set(order.reference, call);
    return call;
  }

  async lookup(reference: string): Promise<LookupAnswer> {
    const live = this.#live.get(reference);
    if (live !== undefined) return live.result ? { found: 'ended', result: live.result } : { found: 'live' };
    const result = this.#past.get(reference);
    if (result !== undefined) return { found: 'ended', result };
    return { found: this.#settings.outlives && !this.#forgot ? 'never_placed' : 'unknown' };
  }

  /** Cuts every line, as when the exchange loses its power. */
  cutAll(): void {
    for (const call of this.#live.values()) call.hangUp('line_lost', 'the exchange stopped');
  }

  async #connect(call: StationCall): Promise<Station | Ended> {
    const end = await this.#directory.find(call.order);
    if ('hear' in end) return end;
    if ('accepted' in end) return createSubscriberStation(call, end.accepted);
    return createMachine(end.rule, call, this.#settings.paper);
  }

  #over(reference: string, result: CallResult): void {
    this.#live.delete(reference);
    this.#past.set(reference, result);
    const oldest = this.#past.size > REMEMBERED_CALLS ? this.#past.keys().next().value : undefined;
    if (oldest === undefined) return;
    this.#past.delete(oldest);
    this.#forgot = true;
  }
}

/** A reference names one call: who uses it again is not connected. */
function refusedLeg(): Leg {
  const end = ended('rejected', 'the reference was used before');
  return { tell: async () => end, hangUp: () => {} };
}
