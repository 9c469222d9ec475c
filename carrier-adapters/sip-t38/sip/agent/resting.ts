import type { Destination } from './io.ts';
import { RESTING } from './limits.ts';
import { targetKey } from './targets.ts';
import { TARGET_REST } from './timers.ts';

/** Targets that failed lately or asked for rest: they are tried after the others (RFC 3263 §4.3, RFC 3261 §21.5.4). */
export class Resting {
  readonly #until = new Map<string, number>();

  /** `seconds`: of Retry-After; undefined: as long as is usual. */
  rest(target: Destination, seconds: number | undefined, now: number): void {
    const wait = Math.min(seconds === undefined ? TARGET_REST.usual : seconds * 1_000, TARGET_REST.most);
    if (this.#until.size >= RESTING) this.#until.clear();
    this.#until.set(targetKey(target.transport, target.remote), now + wait);
  }

  /** It has answered. */
  wake(target: Destination): void {
    this.#until.delete(targetKey(target.transport, target.remote));
  }

  /** The same targets, those that rest last. */
  order(targets: readonly Destination[], now: number): Destination[] {
    const rests = (target: Destination) =>
      (this.#until.get(targetKey(target.transport, target.remote)) ?? Number.NEGATIVE_INFINITY) > now;
    return [...targets.filter((target) => !rests(target)), ...targets.filter(rests)];
  }
}
