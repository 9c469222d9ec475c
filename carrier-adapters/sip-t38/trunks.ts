import type { TrunkEvent } from './sip/agent/events.ts';

/** How a trunk stands: `null` before anything is known of it; `answers` or `silent` where OPTIONS asks it. */
type TrunkState = TrunkEvent['state'] | 'answers' | 'silent' | null;

/** States in which a call over the trunk cannot succeed. */
const BAD: readonly TrunkState[] = ['unresolvable', 'register_failed', 'unregistered', 'silent'];

/** OPTIONS without an answer, one after the other, after which a trunk counts as silent: one may be lost on the way. */
const MISSES = 2;

/** A trunk that did not take a call comes after the others for so long, ms: until OPTIONS has had its say. */
const REST = 60_000;

/** The trunks of a carrier, in order of preference, and how they stand. */
export class Trunks {
  readonly #states: Map<string, TrunkState>;
  readonly #missed = new Map<string, number>();
  readonly #restUntil = new Map<string, number>();
  readonly #inTurn: boolean;
  /** Calls that the trunks were asked for. */
  #calls = 0;

  /** @param inTurn whether calls begin at one trunk after the other, and not all of them at the first */
  constructor(names: readonly string[], inTurn = false) {
    this.#states = new Map(names.map((name) => [name, null]));
    this.#inTurn = inTurn;
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

  /**
   * The trunks for the next call, those to be tried first before the others: those that work, and of them those last that
   * have just failed a call. When none works, the first one alone.
   */
  inOrder(now: number): readonly string[] {
    const names = this.names;
    const first = this.#inTurn ? this.#calls++ % names.length : 0;
    const turned = [...names.slice(first), ...names.slice(0, first)];
    const good = turned.filter((name) => this.isGood(name));
    if (good.length === 0) return names.slice(0, 1);
    const rests = (name: string) => (this.#restUntil.get(name) ?? 0) > now;
    return [...good.filter((name) => !rests(name)), ...good.filter(rests)];
  }

  /** A call was not taken, by the trunk's own fault. */
  failed(name: string, now: number): void {
    this.#restUntil.set(name, now + REST);
  }

  /** A call was taken, whatever came of it. */
  worked(name: string): void {
    this.#restUntil.delete(name);
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
