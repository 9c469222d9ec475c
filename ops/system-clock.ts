import type { Clock } from '../gateway/ports/clock.ts';

/** The host's clock. Timers do not keep the process alive by themselves: live calls and the listener do. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
