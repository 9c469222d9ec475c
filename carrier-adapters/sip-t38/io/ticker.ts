import type { Clock } from '../../../gateway/ports/clock.ts';

/** A machine that wants to be woken. */
export interface Ticking {
  /** Monotonic ms; null: never. */
  readonly deadline: number | null;
  /** The deadline has come. */
  time(now: number): void;
}

/** One timer for all machines of a carrier: a call has several hundred deadlines a second, a timer each would cost more. */
export class Ticker {
  readonly #clock: Clock;
  readonly #late: (ms: number) => void;
  readonly #machines = new Map<Ticking, number>();
  #armedFor = Number.POSITIVE_INFINITY;
  #disarm = () => {};

  /** @param late told by how many ms a deadline was missed */
  constructor(clock: Clock, late: (ms: number) => void) {
    this.#clock = clock;
    this.#late = late;
  }

  /** Looks at a machine's deadline anew; to be called after everything that may have changed it. */
  touch(machine: Ticking): void {
    const deadline = machine.deadline ?? Number.POSITIVE_INFINITY;
    this.#machines.set(machine, deadline);
    if (deadline < this.#armedFor) this.#arm(deadline);
  }

  remove(machine: Ticking): void {
    this.#machines.delete(machine);
  }

  stop(): void {
    this.#machines.clear();
    this.#disarm();
    this.#armedFor = Number.POSITIVE_INFINITY;
  }

  #arm(deadline: number): void {
    this.#disarm();
    this.#armedFor = deadline;
    this.#disarm = () => {};
    if (deadline === Number.POSITIVE_INFINITY) return;
    this.#disarm = this.#clock.after(Math.max(0, Math.ceil(deadline - this.#clock.monotonic())), () => this.#fire());
  }

  #fire(): void {
    const now = this.#clock.monotonic();
    this.#armedFor = Number.NEGATIVE_INFINITY;
    for (const [machine, deadline] of this.#machines) {
      if (deadline > now) continue;
      this.#late(now - deadline);
      machine.time(now);
      if (this.#machines.has(machine)) this.#machines.set(machine, machine.deadline ?? Number.POSITIVE_INFINITY);
    }
    let next = Number.POSITIVE_INFINITY;
    for (const deadline of this.#machines.values()) next = Math.min(next, deadline);
    this.#arm(next);
  }
}
