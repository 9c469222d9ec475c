import type { AccountId, UserId } from '../fax/ids.ts';
import type { AccessChanges, AccessRow, AccountRecords } from '../ports/account-records.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Notices } from '../ports/notices.ts';
import type { SessionStore } from '../ports/session-store.ts';
import { type AccessRows, accessStamp, sessionHolds } from './rows.ts';

/** Between two looks of its own, ms: with the time of a look far below the 5 s in which a revocation is felt everywhere. */
export const LOOK_EVERY = 2_000;
/** Users whose rows are read at once. */
const LANES = 8;

/** What revocation works on. */
export interface RevocationParts {
  readonly accounts: Pick<AccountRecords, 'accessChanges'>;
  readonly sessions: Pick<SessionStore, 'held' | 'end'>;
  readonly rows: AccessRows;
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Log;
}

/** Ends in this process what rests on rights that have ended, whoever has taken them, on whichever gateway. */
export interface Revocation {
  /** Calls `end`, once, when what was granted by `row` does not hold any more; until the answer is called. */
  watch(row: AccessRow, end: () => void): () => void;
  /** Follows the changes of all processes; resolves when it knows where they stand. The answer ends it. */
  follow(notices: Notices): Promise<() => Promise<void>>;
}

/** Something that runs by a right: a session of this process, or a request outside of one. */
interface Holder {
  readonly user: UserId;
  readonly account: AccountId | null;
  readonly holds: (row: AccessRow) => boolean;
  readonly end: () => void | Promise<void>;
}

export function createRevocation(parts: RevocationParts): Revocation {
  const watched = new Set<Holder>();
  return {
    watch(row, end) {
      const holder: Holder = {
        user: row.user.id,
        account: row.user.account,
        holds: (now) => accessStamp(now, null) === accessStamp(row, null),
        end: () => {
          watched.delete(holder);
          end();
        },
      };
      watched.add(holder);
      return () => watched.delete(holder);
    },
    async follow(notices) {
      const follower = new Follower(parts, watched);
      await follower.look();
      const stopHearing = notices.hear(
        ({ about }) => {
          if (about === 'access') void follower.look();
        },
        () => void follower.look(),
      );
      follower.start();
      return async () => {
        stopHearing();
        await follower.stop();
      };
    },
  };
}

/**
 * A notice says that there is something to see, and so does the return of the connection that brings them; a look of
 * its own every 2 s finds what neither has told, as when the network swallows everything without closing.
 */
class Follower {
  readonly #parts: RevocationParts;
  readonly #watched: ReadonlySet<Holder>;
  #head: number | null = null;
  #running: Promise<void> = Promise.resolve();
  /** Whether a look waits for the one that runs: it will see everything that is told meanwhile. */
  #queued = false;
  #stopTimer = () => {};
  #stopped = false;

  constructor(parts: RevocationParts, watched: ReadonlySet<Holder>) {
    this.#parts = parts;
    this.#watched = watched;
  }

  start(): void {
    if (this.#stopped) return;
    this.#stopTimer = this.#parts.clock.after(LOOK_EVERY, () => void this.look().finally(() => this.start()));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopTimer();
    await this.#running;
  }

  look(): Promise<void> {
    if (this.#queued) return this.#running;
    this.#queued = true;
    this.#running = this.#running.then(() => this.#look());
    return this.#running;
  }

  async #look(): Promise<void> {
    this.#queued = false;
    if (this.#stopped) return;
    try {
      const { head, changed } = await this.#parts.accounts.accessChanges(this.#head);
      if (changed.length > 0) await this.#apply(changed);
      this.#head = head;
    } catch (error) {
      // Requests cannot be authorised either while the records do not answer: their own looks end them.
      const reason = error instanceof Error ? error.message : 'unknown';
      this.#parts.log.warn({ reason }, 'changes of access could not be looked at; trying again');
    }
  }

  async #apply(changed: AccessChanges['changed']): Promise<void> {
    this.#parts.rows.forget();
    const users = new Map<UserId, Holder[]>();
    for (const holder of this.#holders()) {
      if (changed !== 'everything' && !changed.some((change) => concerns(change, holder))) continue;
      const known = users.get(holder.user);
      if (known === undefined) users.set(holder.user, [holder]);
      else known.push(holder);
    }
    const queue = users.entries();
    const lane = async () => {
      for (const [user, holders] of queue) await this.#check(user, holders);
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }

  async #check(user: UserId, holders: readonly Holder[]): Promise<void> {
    const row = await this.#parts.rows.row(user);
    for (const holder of holders) if (row === undefined || !holder.holds(row)) await holder.end();
  }

  *#holders(): Generator<Holder> {
    const { sessions } = this.#parts;
    yield* this.#watched;
    for (const session of sessions.held()) {
      const { sid, login } = session;
      if (login === null) continue;
      const { user, account } = login;
      yield { user, account, holds: (row) => sessionHolds(row, session), end: () => sessions.end(sid) };
    }
  }
}

function concerns({ user, account }: Exclude<AccessChanges['changed'], string>[number], holder: Holder): boolean {
  return user === null ? account === holder.account : user === holder.user;
}
