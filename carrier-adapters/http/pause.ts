import type { Clock } from '../../gateway/ports/clock.ts';

/** Waits for `ms`, the abort of `signal` (null: it has come already), or a hint. */
export function pause(clock: Clock, ms: number, signal: AbortSignal | null, hint?: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    if (signal?.aborted === true) done();
    else signal?.addEventListener('abort', done, { once: true });
    void hint?.then(done);
  });
}
