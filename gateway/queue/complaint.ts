import type { Log } from '../ports/log.ts';

/** Three workers and as many queues ask anew each second: so long, in ms, one line speaks for all of them. */
const SPEAKS_FOR = 30_000;

/**
 * Tells the log that the server of the queue does not answer: at once, and while it lasts every half a minute, with the
 * number of failures since the line before.
 *
 * @param monotonic ms; the process's own when left out
 */
export function createComplaint(log: Log, monotonic: () => number = () => performance.now()): (error: Error) => void {
  let told = Number.NEGATIVE_INFINITY;
  let failures = 0;
  return ({ message }) => {
    failures += 1;
    if (monotonic() - told < SPEAKS_FOR) return;
    log.warn({ reason: message, failures }, 'the server of the job queue does not answer; trying again');
    told = monotonic();
    failures = 0;
  };
}
