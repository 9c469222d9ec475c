import type { Clock } from '../gateway/ports/clock.ts';
import type { Log } from '../gateway/ports/log.ts';

/** The time of the database, which all processes that share it go by. */
export interface DatabaseClock extends Clock {
  close(): void;
}

/** How often the database is asked, ms. */
const ASK_EVERY = 30_000;
/** An answer that took longer says too little about the time, ms. */
const BELIEVED_WITHIN = 1_000;
/** Beyond this, ms, somebody should know: certificates and authenticators go by the host's own clock. */
const WORTH_A_WARNING = 5_000;

/**
 * A clock that shows the time of the database, carried on by this host's monotonic clock between two questions. Leases
 * and deadlines in the records are compared by many processes: hosts whose clocks differ, and a clock that is stepped,
 * must not make one of them believe that another is dead.
 *
 * @param ask the database's time, milliseconds since 1970
 * @param host this host's clock
 * @throws whatever the first question throws
 */
export async function databaseClock(ask: () => Promise<number>, host: Clock, log: Log): Promise<DatabaseClock> {
  let shift = await first(ask, host);
  let cancel = () => {};
  let closed = false;
  const askAgain = (): void => {
    if (closed) return;
    cancel = host.after(ASK_EVERY, () => {
      measure(ask, host)
        .then((found) => {
          if (found === undefined) return;
          const step = found - shift;
          if (Math.abs(step) > WORTH_A_WARNING) log.warn({ ms: Math.round(step) }, 'the database’s clock was stepped');
          shift = found;
        })
        .catch(() => undefined) // the database is away; the time goes on without it
        .finally(askAgain);
    });
  };
  askAgain();
  const apart = shift + host.monotonic() - host.now();
  if (Math.abs(apart) > WORTH_A_WARNING) {
    log.warn({ ms: Math.round(apart) }, 'this host’s clock and the database’s differ; the database’s counts');
  }
  return {
    now: () => Math.round(host.monotonic() + shift),
    monotonic: () => host.monotonic(),
    after: (ms, run) => host.after(ms, run),
    close() {
      closed = true;
      cancel();
    },
  };
}

/** A slow answer at the start is better than none. */
async function first(ask: () => Promise<number>, host: Clock): Promise<number> {
  return (await measure(ask, host)) ?? (await measure(ask, host, Number.POSITIVE_INFINITY)) ?? 0;
}

/** What has to be added to the monotonic clock; undefined when the answer took too long. */
async function measure(
  ask: () => Promise<number>,
  host: Clock,
  within: number = BELIEVED_WITHIN,
): Promise<number | undefined> {
  const asked = host.monotonic();
  const time = await ask();
  const answered = host.monotonic();
  return answered - asked > within ? undefined : time - (asked + answered) / 2;
}
