import type { TrunkEvent } from './sip/agent/events.ts';

/** How a trunk stands: `null` before anything is known of it. */
type TrunkState = TrunkEvent['state'] | null;

/** States in which a call over the trunk cannot succeed. */
const BAD: readonly TrunkState[] = ['unresolvable', 'register_failed', 'unregistered'];

/** The trunks of a carrier, in order of preference, and how they stand. */
export class Trunks {
  readonly #states: Map<string, TrunkState>;

  constructor(names: readonly string[]) {
    this.#states = new Map(names.map((name) => [name, null]));
  }

  /** Notes a change; whether it is news that a person should read. */
  note({ trunk, state }: TrunkEvent): boolean {
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
