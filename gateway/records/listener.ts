import pg from 'pg';
import type { AccountId } from '../fax/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';

/** Channel on which every process tells which accounts' ledgers have grown; the payload is the account's id. */
const CHANNEL = 'sealfax_events';
/** Notices to other processes are gathered for so long (ms): one statement for a burst. */
const GATHER = 20;
/** Pauses before connecting again, in ms; doubled from the first to the last. */
const FIRST_PAUSE = 100;
const LAST_PAUSE = 5_000;

/** Wakes those who wait for an account's next event, in this process and through LISTEN/NOTIFY in all others. */
export interface Listener {
  /** An event of `account` is durable. */
  appended(account: AccountId): void;
  /** Resolves at the next event of `account`; `cancel` when no one waits any more. */
  next(account: AccountId): { readonly promise: Promise<void>; cancel(): void };
  close(): Promise<void>;
}

/**
 * Notices are sent after the commit on the listener's own connection, not by NOTIFY within the transaction: PostgreSQL
 * takes a lock over all databases from the NOTIFY to the end of the commit, which would make every fsync wait in line.
 * A notice lost with a crash makes a long-poll of another process late by its next look, nothing more.
 */
export function createListener(pool: pg.Pool, clock: Pick<Clock, 'after'>, log: Log): Listener {
  const waiting = new Map<string, Set<() => void>>();
  const wake = (account: string): void => {
    const woken = waiting.get(account);
    waiting.delete(account);
    for (const run of woken ?? []) run();
  };
  const link = createLink(pool, clock, log, wake, () => {
    for (const account of [...waiting.keys()]) wake(account);
  });
  return {
    appended: (account) => {
      wake(account);
      link.tell(account);
    },
    next: (account) => {
      link.open();
      const { promise, resolve } = Promise.withResolvers<void>();
      const set = waiting.get(account) ?? new Set();
      waiting.set(account, set.add(resolve));
      return { promise, cancel: () => leave(waiting, account, resolve) };
    },
    close: () => link.close(),
  };
}

function leave(waiting: Map<string, Set<() => void>>, account: string, run: () => void): void {
  const set = waiting.get(account);
  set?.delete(run);
  if (set?.size === 0) waiting.delete(account);
}

interface Link {
  /** Connects when it is not connected yet. */
  open(): void;
  tell(account: string): void;
  close(): Promise<void>;
}

/** The dedicated connection; made when it is first needed and again whenever it breaks. */
function createLink(
  pool: pg.Pool,
  clock: Pick<Clock, 'after'>,
  log: Log,
  hear: (account: string) => void,
  up: () => void,
): Link {
  let state: 'closed' | 'opening' | 'open' | 'ended' = 'closed';
  let client: pg.Client | undefined;
  let connecting: Promise<void> = Promise.resolve();
  let pause = FIRST_PAUSE;
  let stopTimer: (() => void) | undefined;
  let stopGathering: (() => void) | undefined;
  const news = new Set<string>();

  const lost = (broken: pg.Client): void => {
    if (client !== broken || state === 'ended') return;
    client = undefined;
    state = 'opening';
    void broken.end().catch(() => undefined);
    stopTimer = clock.after(pause, () => void connect());
    pause = Math.min(pause * 2, LAST_PAUSE);
  };
  const connect = (): Promise<void> => {
    connecting = attempt();
    return connecting;
  };
  const attempt = async (): Promise<void> => {
    const fresh = new pg.Client(pool.options);
    client = fresh;
    fresh.on('error', () => lost(fresh));
    fresh.on('end', () => lost(fresh));
    fresh.on('notification', (notice) => hear(notice.payload ?? ''));
    try {
      await fresh.connect();
      await fresh.query(`listen ${CHANNEL}`);
      if (client !== fresh) return;
      state = 'open';
      pause = FIRST_PAUSE;
      // Whatever was said while nobody listened, or could not be said: look again, and say it now.
      up();
      if (news.size > 0) send();
    } catch (error) {
      log.warn({ reason: error instanceof Error ? error.message : 'unknown' }, 'the event listener cannot connect');
      lost(fresh);
    }
  };
  const send = (): void => {
    stopGathering = undefined;
    if (client === undefined || state !== 'open' || news.size === 0) return;
    const accounts = [...news];
    news.clear();
    client
      .query('select pg_notify($1, account) from unnest($2::text[]) as account', [CHANNEL, accounts])
      .catch((error: Error) => log.debug({ reason: error.message }, 'a notice to other processes was lost'));
  };
  const open = (): void => {
    if (state !== 'closed') return;
    state = 'opening';
    void connect();
  };
  return {
    open,
    tell: (account) => {
      open();
      news.add(account);
      stopGathering ??= clock.after(GATHER, send);
    },
    close: async () => {
      state = 'ended';
      stopTimer?.();
      stopGathering?.();
      await connecting;
      await client?.end().catch(() => undefined);
    },
  };
}
