import type { Account } from '../fax/account.ts';
import type { AccountId, FaxId } from '../fax/ids.ts';
import type { Actor } from '../ports/account-records.ts';
import type { Clock } from '../ports/clock.ts';
import type { ClosingRecords, Leftover } from '../ports/closing-records.ts';
import type { Exclusion } from '../ports/exclusion.ts';
import type { SessionStore } from '../ports/session-store.ts';
import { type ImageEndParts, nameOf, wipeBecause } from './image-loss.ts';

const DAY = 86_400_000;
/** Pause between two looks, ms. */
const EVERY = 30_000;
/** The same while calls that were asked to end have not ended yet. */
const EVERY_WHILE_WAITING = 2_000;
/** Leftovers of one step, and steps of one look; the rest is left to the next. */
const BATCH = 200;
const STEPS = 100;
/** Numbers of a closed account rest at least this long, ms: callers who do not know of it must not reach somebody else. */
export const NUMBERS_REST = 30 * DAY;

/** Administrators who close accounts. */
export interface ClosingDesk {
  /** `days`: so long it may be opened again. @throws AccountError account_unknown, account_closed */
  close(account: AccountId, days: number, actor: Actor): Promise<Account>;
  /** @throws AccountError account_unknown, account_erased */
  reopen(account: AccountId, actor: Actor): Promise<Account>;
}

/** @see createClosingDesk */
export interface ClosingDeskParts {
  readonly records: ClosingRecords;
  readonly sessions: Pick<SessionStore, 'endWhere'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Does now what the worker would do within half a minute. */
  readonly soon: () => void;
}

/** Closing is a mark in the records: from then on nobody comes in. What is under way ends by the worker. */
export function createClosingDesk({ records, sessions, clock, soon }: ClosingDeskParts): ClosingDesk {
  return {
    async close(account, days, actor) {
      const now = clock.now();
      const eraseAt = now + days * DAY;
      const times = { eraseAt, numbersUntil: Math.max(eraseAt, now + NUMBERS_REST) };
      const closed = await records.close(account, times, actor, now);
      await sessions.endWhere({ account });
      soon();
      return closed;
    },
    reopen: (account, actor) => records.reopen(account, actor, clock.now()),
  };
}

/** What the worker needs. */
export interface ClosingParts extends Pick<ImageEndParts, 'clock' | 'log' | 'metrics' | 'records'> {
  readonly closing: ClosingRecords;
  readonly vault: ImageEndParts['vault'];
  readonly exclusion: Pick<Exclusion, 'tryExclusively'>;
  /** Ends a fax, or asks its call to. */
  readonly cancel: (fax: FaxId, account: AccountId, actor: Actor) => Promise<unknown>;
}

/** Ends what closed accounts have under way, wipes their images, and erases them when their time has come. */
export interface Closings {
  start(): void;
  /** A look without waiting for the next one. */
  soon(): void;
  stop(): Promise<void>;
  /** One look; never throws. True: something of a closed account is under way still. */
  runOnce(): Promise<boolean>;
}

/** The gateway itself as an actor. */
const GATEWAY: Actor = { who: 'gateway', address: null };

/** @see Closings */
export function createClosings(parts: ClosingParts): Closings {
  const { clock, exclusion } = parts;
  let stopped = false;
  let cancel = () => {};
  let running: Promise<void> = Promise.resolve();

  const runOnce = async (): Promise<boolean> => {
    try {
      const turn = await exclusion.tryExclusively('closings', () => look(parts, () => stopped));
      return turn.ran && turn.value;
    } catch (error) {
      tellFailure(parts, error);
      return false;
    }
  };
  const again = (): void => {
    cancel();
    running = running.then(runOnce).then((waits) => {
      if (!stopped) cancel = clock.after(waits ? EVERY_WHILE_WAITING : EVERY, again);
    });
  };
  return {
    runOnce,
    start: again,
    soon() {
      if (!stopped) again();
    },
    async stop() {
      stopped = true;
      cancel();
      await running;
    },
  };
}

/** True: something of a closed account is under way still. */
async function look(parts: ClosingParts, isStopped: () => boolean): Promise<boolean> {
  const { closing, clock, log, metrics } = parts;
  for (let step = 0; step < STEPS && !isStopped(); step++) {
    const left = await closing.leftovers(BATCH);
    let ended = 0;
    for (const one of left) ended += (await end(parts, one)) ? 1 : 0;
    if (left.length < BATCH || ended === 0) break;
  }
  const { settled, waiting } = await closing.settle(clock.now());
  if (settled > 0) log.info({ settled }, 'nothing of closed accounts is under way any more');
  for (const account of await closing.due(clock.now(), BATCH)) {
    if (!(await closing.erase(account, clock.now()))) continue;
    metrics.count('accounts_erased_total');
    log.info({ account }, 'a closed account is erased');
  }
  const freed = await closing.freeNumbers(clock.now());
  if (freed > 0) log.info({ freed }, 'numbers of erased accounts are free');
  return waiting > 0;
}

/** False: it did not work now; the next look finds it again. */
async function end(parts: ClosingParts, { fax, account, todo }: Leftover): Promise<boolean> {
  try {
    if (todo === 'cancel') await parts.cancel(fax, account, GATEWAY);
    else await wipeBecause(parts, fax, 'account_closed');
    return true;
  } catch (error) {
    tellFailure(parts, error);
    return false;
  }
}

function tellFailure({ log, metrics }: Pick<ClosingParts, 'log' | 'metrics'>, error: unknown): void {
  metrics.count('closings_failed');
  log.warn({ error: nameOf(error) }, 'the end of a closed account failed; it is tried again');
}
