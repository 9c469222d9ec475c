import { SeqWindow, scheduleCollection, wipe } from '../../crypto/index.ts';
import type { Clock } from '../ports/clock.ts';
import type {
  NewSession,
  Session,
  SessionLimits,
  SessionLogin,
  SessionMatch,
  SessionStore,
} from '../ports/session-store.ts';

export const SESSION_LIMITS: SessionLimits = {
  idle: 15 * 60_000,
  unauthenticated: 30_000,
  messages: 2 ** 20,
  pending: 10_000,
};

/** How often sessions that nobody asks for any more are found and zeroed. */
const SWEEP_MS = 10_000;

/** A session and what only its store knows of it. */
class Entry {
  readonly session: Session;
  readonly window = new SeqWindow();
  readonly ending = new AbortController();
  login: SessionLogin | null = null;
  loginTried = false;
  messages = 0;
  lastUsedAt: number;

  constructor(made: NewSession) {
    const entry = this;
    this.lastUsedAt = made.createdAt;
    this.session = {
      ...made,
      ended: this.ending.signal,
      get login() {
        return entry.login;
      },
    };
  }

  /** Aborts what runs in the session and zeroes its keys. */
  end(): void {
    this.ending.abort();
    wipe(this.session.c2s, this.session.s2c, this.session.th);
    scheduleCollection();
  }
}

/** Sessions of one process, and what its owner needs to end them all. */
export interface MemorySessions extends SessionStore {
  count(): number;
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
    entries.delete(key);
    entry?.end();
  };
  const living = (key: string, now: number): Entry | undefined => {
    const entry = entries.get(key);
    if (entry === undefined || !isExpired(entry, now, limits)) return entry;
    destroy(key);
    return undefined;
  };
  const sweep = (): number => {
    const dead = [...entries].filter(([, entry]) => isExpired(entry, clock.now(), limits));
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
      if (entry.login !== null) continue;
      pending++;
      oldest ??= key;
    }
    if (pending > limits.pending && oldest !== undefined) destroy(oldest);
  };

  return {
    async add(session) {
      entries.set(keyOf(session.sid), new Entry(session));
      if (entries.size > limits.pending) dropOldestPending();
      if (stopSweep === undefined) sweepLater();
    },
    async get(sid, now) {
      return living(keyOf(sid), now)?.session;
    },
    async find(sid, seq, now) {
      const entry = living(keyOf(sid), now);
      return entry === undefined ? undefined : { session: entry.session, used: entry.window.seen(seq) };
    },
    async mark(sid, seq) {
      const entry = entries.get(keyOf(sid));
      if (entry === undefined || !entry.window.mark(seq)) return false;
      entry.messages++;
      return true;
    },
    async tryLogin(sid) {
      const entry = entries.get(keyOf(sid));
      if (entry === undefined || entry.loginTried) return false;
      entry.loginTried = true;
      return true;
    },
    async login(sid, login, now) {
      const entry = entries.get(keyOf(sid));
      if (entry === undefined) return false;
      entry.login = login;
      entry.lastUsedAt = now;
      return true;
    },
    async update(sid, change) {
      const entry = entries.get(keyOf(sid));
      if (entry === undefined || entry.login === null) return false;
      entry.login = { ...entry.login, ...change };
      return true;
    },
    async touch(sid, now) {
      const entry = entries.get(keyOf(sid));
      if (entry !== undefined) entry.lastUsedAt = now;
    },
    async end(sid) {
      destroy(keyOf(sid));
    },
    async endWhere(match) {
      const except = match.except === undefined ? null : keyOf(match.except);
      const hit = [...entries].filter(([key, { login }]) => key !== except && matches(login, match));
      for (const [key] of hit) destroy(key);
      return hit.length;
    },
    async list(match) {
      return [...entries.values()].filter(({ login }) => matches(login, match)).map(({ session }) => session);
    },
    held: () => [...entries.values()].map(({ session }) => session),
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

function isExpired({ session, login, messages, lastUsedAt }: Entry, now: number, limits: SessionLimits): boolean {
  if (now >= session.expiresAt || messages >= limits.messages) return true;
  if (login === null) return now - session.createdAt >= limits.unauthenticated;
  return now - lastUsedAt >= limits.idle;
}

/** "Everyone" has to be said by `close`. */
function matches(login: SessionLogin | null, match: SessionMatch): boolean {
  if (login === null || (match.user === undefined && match.account === undefined)) return false;
  if (match.user !== undefined && login.user !== match.user) return false;
  return match.account === undefined || login.account === match.account;
}
