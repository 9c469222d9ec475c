import type { TrunkEvent } from './sip/agent/events.ts';

/** How a trunk stands: `null` before anything is known of it; `answers` or `silent` where OPTIONS asks it. */
type TrunkState = TrunkEvent['state'] | 'answers' | 'silent' | null;

/** States in which a call over the trunk cannot succeed. */
const BAD: readonly TrunkState[] = ['unresolvable', 'register_failed', 'unregistered', 'silent'];

/** OPTIONS without an answer, one after the other, after which a trunk counts as silent: one may be lost on the way. */
const MISSES = 2;

/** The trunks of a carrier, in order of preference, and how they stand. */
export class Trunks {
  readonly #states: Map<string, TrunkState>;
  readonly #missed = new Map<string, number>();

  constructor(names: readonly string[]) {
    this.#states = new Map(names.map((name) => [name, null]));
  }

  /** Notes a change; whether it is news that a person should read. */
  note({ trunk, state }: Pick<TrunkEvent, 'trunk' | 'state'>): boolean {
    return this.#set(trunk, state);
  }

  /**
   * Notes what came of an OPTIONS; whether it is news.
   *
   * @param status of the response, any of which says that the trunk lives, but 503 that it takes no calls; null: none came
   */
  probed(trunk: string, status: number | null): boolean {
    const missed = status === null || status === 503 ? (this.#missed.get(trunk) ?? 0) + 1 : 0;
    this.#missed.set(trunk, missed);
    if (missed === 0) return this.#set(trunk, 'answers');
    return missed >= MISSES && this.#set(trunk, 'silent');
  }

  #set(trunk: string, state: TrunkState): boolean {
    const before = this.#states.get(trunk);
    this.#states.set(trunk, state);
    return before !== state;
  }

  /** The trunk for the next call: the first one that works, else the first one. */
  get best(): string {
    const names = [...this.#states.keys()];
    return names.find((name) => this.isGood(name)) ?? names[0] ?? '';
  }

  isGood(name: string): boolean {
    return !BAD.includes(this.#states.get(name) ?? null);
  }

  /** A line for people: how many of them work. */
  get summary(): string {
    const words = [...this.#states].map(([name, state]) => `${name}: ${state ?? 'unknown'}`);
    return words.join(', ');
  }

  get names(): readonly string[] {
    return [...this.#states.keys()];
  }
}
