import type { Clock } from '../../gateway/ports/clock.ts';

/** Timers are true to two milliseconds; what is left is waited for turn by turn. */
const TIMER_SLACK = 2;

/**
 * Resolves at the next whole multiple of `step` since `began`: what is told then tells nothing of how long it took, up
 * to that step.
 *
 * @param began of `clock.monotonic()`, ms
 * @param step ms, longer than the work that is to be hidden
 */
export async function evenTime(clock: Pick<Clock, 'monotonic' | 'after'>, began: number, step: number): Promise<void> {
  const until = began + Math.ceil((clock.monotonic() - began) / step) * step;
  const rest = Math.floor(until - clock.monotonic()) - TIMER_SLACK;
  if (rest > 0) await new Promise<void>((resolve) => void clock.after(rest, resolve));
  while (clock.monotonic() < until) await new Promise(setImmediate);
}
