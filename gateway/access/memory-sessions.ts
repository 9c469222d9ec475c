import { SeqWindow, scheduleCollection, wipe } from '../../crypto/index.ts';
import type { Clock } from '../ports/clock.ts';
import type { Session, SessionStore } from '../ports/session-store.ts';

/** Limits of sealed sessions (SPEC.md: idle 15 min, absolute 60 min, not logged in 30 s, 2^20 messages). Milliseconds. */
export interface SessionLimits {
  readonly idle: number;
  readonly unauthenticated: number;
  readonly messages: number;
  /** Sessions without a log-in at once; above it the oldest of them goes, so that hellos cannot fill the memory. */
  readonly pending: number;
}

export const SESSION_LIMITS: SessionLimits = {
  idle: 15 * 60_000,
  unauthenticated: 30_000,
  messages: 2 ** 20,
  pending: 10_000,
};

/** How often sessions that nobody asks for any more are found and zeroed. */
const SWEEP_MS = 10_000;

interface Entry {
  readonly session: Session;
  readonly window: SeqWindow;
  messages: number;
}

/** Sessions of one process, and what its owner needs to end them all. */
export interface MemorySessions extends SessionStore {
  /** Ends what is past its time; answers how many. Also runs by itself. */
  sweep(): number;
  /** Ends every session and stops sweeping. */
  close(): void;
}

/** Sessions in memory. Keys are zeroed and running requests aborted when a session ends, for whatever reason. */
export function createMemorySessions(clock: Clock, limits: SessionLimits = SESSION_LIMITS): MemorySessions {
  const entries = new Map<string, Entry>();
  let stopSweep: (() => void) | undefined;

  const destroy = (key: string): void => {
    const entry = entries.get(key);
    if (entry === undefined) return;
    entries.delete(key);
    endSession(entry.session);
  };
  const expired = (entry: Entry, now: number): boolean => isExpired(entry, now, limits);
  const sweep = (): number => {
    const dead = [...entries].filter(([, entry]) => expired(entry, clock.now()));
    for (const [key] of dead) destroy(key);
    return dead.length;
  };
  const sweepLater = (): void => {
    stopSweep = clock.after(SWEEP_MS, () => {
      stopSweep = undefined;
      sweep();
      if (entries.size > 0) sweepLater();
    });
  };
  const dropOldestPending = (): void => {
    let pending = 0;
    let oldest: string | undefined;
    for (const [key, entry] of entries) {
      if (entry.session.login !== null) continue;
      pending++;
      oldest ??= key;
    }
    if (pending > limits.pending && oldest !== undefined) destroy(oldest);
  };

  return {
    async add(session) {
      entries.set(keyOf(session.sid), { session, window: new SeqWindow(), messages: 0 });
      if (entries.size > limits.pending) dropOldestPending();
      if (stopSweep === undefined) sweepLater();
    },
    async get(sid, now) {
      const key = keyOf(sid);
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      if (!expired(entry, now)) return entry.session;
      destroy(key);
      return undefined;
    },
    async seen(sid, seq) {
      return entries.get(keyOf(sid))?.window.seen(seq) ?? true;
    },
    async mark(sid, seq) {
      const entry = entries.get(keyOf(sid));
      if (entry === undefined || !entry.window.mark(seq)) return false;
      entry.messages++;
      return true;
    },
    async end(sid) {
      destroy(keyOf(sid));
    },
    async endWhere(match) {
      const hit = [...entries].filter(([, { session }]) => matches(session, match));
      for (const [key] of hit) destroy(key);
      return hit.length;
    },
    async list(match) {
      return [...entries.values()].map((entry) => entry.session).filter((session) => matches(session, match));
    },
    count: () => entries.size,
    sweep,
    close() {
      stopSweep?.();
      stopSweep = undefined;
      for (const key of [...entries.keys()]) destroy(key);
    },
  };
}

function keyOf(sid: Uint8Array): string {
  return Buffer.from(sid.buffer, sid.byteOffset, sid.byteLength).toString('latin1');
}

function isExpired({ session, messages }: Entry, now: number, limits: SessionLimits): boolean {
  if (now >= session.expiresAt || messages >= limits.messages) return true;
  if (session.login === null) return now - session.createdAt >= limits.unauthenticated;
  return now - session.lastUsedAt >= limits.idle;
}

/** A match without any condition hits nothing: "everyone" has to be said by `close`. */
function matches(session: Session, match: { readonly user?: string; readonly account?: string }): boolean {
  if (session.login === null || (match.user === undefined && match.account === undefined)) return false;
  if (match.user !== undefined && session.login.user !== match.user) return false;
  return match.account === undefined || session.login.account === match.account;
}

/** Aborts what runs in the session and zeroes its keys. */
function endSession(session: Session): void {
  session.ended.abort();
  wipe(session.c2s, session.s2c, session.th);
  scheduleCollection();
}
