import {
  copyBytes,
  hex,
  newBytes,
  openSmall,
  SealError,
  SeqWindow,
  scheduleCollection,
  sealSmall,
  WINDOW_SIZE,
  wipe,
} from '../../crypto/index.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type {
  FoundSession,
  NewSession,
  Session,
  SessionLimits,
  SessionLogin,
  SessionMatch,
  SessionStore,
  SessionUpdate,
} from '../ports/session-store.ts';
import type { Redis } from './connection.ts';
import { ADD, BLOCK, END, LOGIN, MARK, PRESENT, TOUCH, TRY_LOGIN, UPDATE } from './session-scripts.ts';

/** What the sessions of a cluster rest on. */
export interface RedisSessionOptions {
  readonly redis: Redis;
  /** Seals keys and log-ins; 32 octets, copied. */
  readonly rootKey: Uint8Array;
  readonly limits: SessionLimits;
  readonly clock: Clock;
  readonly log: Log;
}

/** Sessions in Redis; `close` forgets what this process holds of them and leaves them to the other gateways. */
export interface RedisSessions extends SessionStore {
  close(): Promise<void>;
}

/** Where ended sessions are told. */
const ENDED = 'ended-sessions';
/** How often a process looks whether the sessions that it holds are still there, in ms: the bound of a revocation whose message was lost. */
const LOOK_EVERY = 2_000;
/** A use of a session is told again after this part of the time that it may be idle: less would be told with every request, twice. */
const TOUCH_PART = 1 / 1_000;
/**
 * What Redis said of a session that is logged in holds for this time in ms: a request within it asks only once, to mark
 * its number. Whatever ended meanwhile has no number to mark.
 */
const FRESH = 1_000;
/** Sessions asked about at once. */
const LOOK_BATCH = 500;
/** Octets of a transcript hash. */
const TH_SIZE = 64;

/**
 * Sessions that every gateway of a cluster can go on with. In Redis keys and log-ins are sealed under the root key,
 * bound to their session; whoever can write there can end sessions and no more. A process keeps the keys of those that
 * it was asked for in memory, until the session ends anywhere: it hears of that by message, and looks every 2 s.
 */
export function createRedisSessions(options: RedisSessionOptions): RedisSessions {
  return new SharedSessions(options);
}

/** A session of which this process holds the keys. */
class Entry {
  readonly session: Session;
  readonly ending = new AbortController();
  login: SessionLogin | null = null;
  /** `login` as Redis holds it. */
  #sealedLogin: Uint8Array | undefined;
  /** The newest use that this process has told. */
  told = Number.NEGATIVE_INFINITY;
  /** When Redis was last asked about it. */
  askedAt = Number.NEGATIVE_INFINITY;
  /** Numbers that this process has marked. */
  readonly window = new SeqWindow();

  constructor(made: NewSession) {
    const entry = this;
    this.session = {
      ...made,
      ended: this.ending.signal,
      get login() {
        return entry.login;
      },
    };
  }

  remember(login: SessionLogin, sealed: Uint8Array): void {
    this.login = login;
    this.#sealedLogin = sealed;
  }

  knows(sealed: Uint8Array): boolean {
    return this.#sealedLogin !== undefined && Buffer.compare(this.#sealedLogin, sealed) === 0;
  }

  end(): void {
    this.ending.abort();
    wipe(this.session.c2s, this.session.s2c, this.session.th);
    scheduleCollection();
  }
}

/** The fields of a session as `HMGET` answers them. */
interface Stored {
  readonly keys: Uint8Array;
  readonly facts: string;
  readonly login: Uint8Array | null;
  readonly lastUsedAt: number;
  readonly messages: number;
  /** Whether the number that was asked for had been marked or lay below the window. */
  readonly used: boolean;
}

class SharedSessions implements RedisSessions {
  readonly #redis: Redis;
  readonly #rootKey: Uint8Array;
  readonly #limits: SessionLimits;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #entries = new Map<string, Entry>();
  readonly #deaf: () => void;
  #cancel: () => void;

  constructor({ redis, rootKey, limits, clock, log }: RedisSessionOptions) {
    this.#redis = redis;
    this.#rootKey = copyBytes(rootKey);
    this.#limits = limits;
    this.#clock = clock;
    this.#log = log;
    this.#deaf = redis.listen(
      ENDED,
      (sid) => this.#drop(sid),
      () => void this.#look(),
    );
    this.#cancel = clock.after(LOOK_EVERY, () => this.#lookAndGoOn());
  }

  async add(made: NewSession): Promise<void> {
    const sid = hex(made.sid);
    try {
      await this.#write(sid, made);
    } catch (error) {
      wipe(made.c2s, made.s2c, made.th);
      throw error;
    }
    this.#entries.set(sid, new Entry(made));
  }

  async get(id: Uint8Array, now: number): Promise<Session | undefined> {
    return (await this.#ask(id, 0, now))?.session;
  }

  async find(id: Uint8Array, seq: number, now: number): Promise<FoundSession | undefined> {
    const entry = this.#entries.get(hex(id));
    if (entry === undefined || !this.#isFresh(entry, now)) return this.#ask(id, seq, now);
    return { session: entry.session, used: entry.window.seen(seq) };
  }

  #isFresh({ session, login, askedAt }: Entry, now: number): boolean {
    return login !== null && now < session.expiresAt && now >= askedAt && now - askedAt < FRESH;
  }

  async #ask(id: Uint8Array, seq: number, now: number): Promise<FoundSession | undefined> {
    const sid = hex(id);
    const stored = await this.#read(sid, seq);
    if (stored === undefined) return this.#drop(sid);
    const entry = this.#entries.get(sid) ?? (await this.#adopt(sid, id, stored));
    if (entry === undefined) return undefined;
    if (stored.login !== null && !entry.knows(stored.login)) {
      const login = await this.#openLogin(sid, stored.login);
      if (login !== null) entry.remember(login, stored.login);
    }
    entry.askedAt = now;
    if (!this.#isExpired(entry, stored, now)) return { session: entry.session, used: stored.used };
    await this.end(id);
    return undefined;
  }

  async mark(id: Uint8Array, seq: number): Promise<boolean> {
    const sid = hex(id);
    const marked = (await this.#redis.run(MARK, [this.#key(sid)], seq, WINDOW_SIZE)) === 1;
    if (marked) this.#entries.get(sid)?.window.mark(seq);
    return marked;
  }

  async tryLogin(id: Uint8Array): Promise<boolean> {
    return (await this.#redis.run(TRY_LOGIN, [this.#key(hex(id))])) === 1;
  }

  async login(id: Uint8Array, login: SessionLogin, now: number): Promise<boolean> {
    const sid = hex(id);
    const entry = this.#entries.get(sid);
    if (entry === undefined) return false;
    const sealed = await this.#sealLogin(sid, login);
    const keys = [this.#key(sid), this.#redis.key('pending-sessions'), ...this.#indexes(login)];
    const life = entry.session.expiresAt - now;
    const done = await this.#redis.run(LOGIN, keys, sealed, now, Math.min(this.#limits.idle, life), sid, life);
    if (done !== 1 || entry.ending.signal.aborted) return false;
    entry.remember(login, sealed);
    return true;
  }

  async update(id: Uint8Array, change: SessionUpdate): Promise<boolean> {
    const sid = hex(id);
    // Another gateway may change it at the same time: what it wrote is read and changed then.
    for (;;) {
      const old = (await this.#read(sid))?.login ?? null;
      const login = old === null ? null : await this.#openLogin(sid, old);
      if (old === null || login === null) return false;
      const changed = { ...login, ...change };
      const sealed = await this.#sealLogin(sid, changed);
      if ((await this.#redis.run(UPDATE, [this.#key(sid)], old, sealed)) !== 1) continue;
      this.#entries.get(sid)?.remember(changed, sealed);
      return true;
    }
  }

  async touch(id: Uint8Array, now: number): Promise<void> {
    const sid = hex(id);
    const entry = this.#entries.get(sid);
    if (entry === undefined || (now >= entry.told && now - entry.told < this.#limits.idle * TOUCH_PART)) return;
    entry.told = now;
    const life = Math.min(this.#limits.idle, entry.session.expiresAt - now);
    await this.#redis.run(TOUCH, [this.#key(sid)], now, life);
  }

  async end(id: Uint8Array): Promise<void> {
    const sid = hex(id);
    const login = this.#entries.get(sid)?.login ?? null;
    this.#drop(sid);
    await this.#end(sid, login);
  }

  /** Those that this process holds end at once, whatever becomes of Redis. */
  async endWhere(match: SessionMatch): Promise<number> {
    const except = match.except === undefined ? null : hex(match.except);
    const held = [...this.#entries].filter(([sid, { login }]) => sid !== except && matches(login, match));
    for (const [sid] of held) this.#drop(sid);
    const found = new Map(held.map(([sid, { login }]) => [sid, login]));
    for (const [sid, { login }] of await this.#indexed(match)) found.set(sid, login);
    let ended = 0;
    for (const [sid, login] of found) if (sid !== except && (await this.#end(sid, login))) ended++;
    return ended;
  }

  async list(match: SessionMatch): Promise<Pick<Session, 'sid' | 'login' | 'createdAt'>[]> {
    return [...(await this.#indexed(match)).values()];
  }

  held(): readonly Session[] {
    return [...this.#entries.values()].map(({ session }) => session);
  }

  async close(): Promise<void> {
    this.#deaf();
    this.#cancel();
    for (const sid of [...this.#entries.keys()]) this.#drop(sid);
    wipe(this.#rootKey);
  }

  async #write(sid: string, made: NewSession): Promise<void> {
    const redis = this.#redis;
    const { unauthenticated, pending } = this.#limits;
    const facts = `${made.suite} ${made.createdAt} ${made.expiresAt}`;
    const plain = joined(made);
    const sealed = await sealSmall(this.#rootKey, keysContext(sid, facts), plain).finally(() => wipe(plain));
    const life = Math.min(unauthenticated, made.expiresAt - made.createdAt);
    const keys = [this.#key(sid), redis.key('pending-sessions')];
    const others = [pending, `${redis.prefix}:${ENDED}`, this.#key('')];
    await redis.run(ADD, keys, sealed, facts, made.createdAt, life, sid, ...others);
  }

  #key(sid: string): string {
    return this.#redis.key('session', sid);
  }

  #indexes({ user, account }: SessionLogin): string[] {
    return [
      this.#redis.key('sessions-of', user),
      ...(account === null ? [] : [this.#redis.key('sessions-of', account)]),
    ];
  }

  /** Forgets what this process holds of a session, and ends what runs in it. */
  #drop(sid: string): undefined {
    const entry = this.#entries.get(sid);
    this.#entries.delete(sid);
    entry?.end();
  }

  async #end(sid: string, login: SessionLogin | null): Promise<boolean> {
    const keys = [this.#key(sid), this.#redis.key('pending-sessions'), ...(login === null ? [] : this.#indexes(login))];
    return (await this.#redis.run(END, keys, sid, `${this.#redis.prefix}:${ENDED}`)) === 1;
  }

  async #read(sid: string, seq = 0): Promise<Stored | undefined> {
    const block = `b${Math.floor(seq / BLOCK)}`;
    const reply = await this.#redis.ask('HMGET', this.#key(sid), 'k', 'f', 'l', 'u', 'n', 'top', block);
    const [keys, facts, login, used, messages, top, bits] = Array.isArray(reply) ? reply : [];
    if (!(keys instanceof Uint8Array) || !(facts instanceof Uint8Array)) return undefined;
    return {
      keys,
      facts: String(facts),
      login: login instanceof Uint8Array ? login : null,
      lastUsedAt: integer(used, 0),
      messages: integer(messages, 0),
      used: isUsed(seq, integer(top, -1), integer(bits, 0)),
    };
  }

  /** Takes up a session that another gateway opened. Undefined when what Redis holds is not ours. */
  async #adopt(sid: string, id: Uint8Array, stored: Stored): Promise<Entry | undefined> {
    const made = await this.#opened(sid, id, stored);
    if (made === undefined) return undefined;
    // Two requests may have come at once: they share one entry.
    const first = this.#entries.get(sid);
    if (first !== undefined) {
      wipe(made.c2s, made.s2c, made.th);
      return first;
    }
    const entry = new Entry(made);
    this.#entries.set(sid, entry);
    return entry;
  }

  async #opened(sid: string, id: Uint8Array, stored: Stored): Promise<NewSession | undefined> {
    const plain = await this.#unsealed(keysContext(sid, stored.facts), stored.keys);
    const facts = /^(P521-HKDF512-A(?:256|128)GCM) (\d+) (\d+)$/.exec(stored.facts);
    if (plain === undefined || facts === null) return undefined;
    const [, suite, createdAt, expiresAt] = facts;
    const half = (plain.length - TH_SIZE) / 2;
    const made: NewSession = {
      sid: copyBytes(id),
      c2s: copyBytes(plain, 0, half),
      s2c: copyBytes(plain, half, 2 * half),
      th: copyBytes(plain, 2 * half),
      suite: suite === 'P521-HKDF512-A128GCM' ? suite : 'P521-HKDF512-A256GCM',
      createdAt: Number(createdAt),
      expiresAt: Number(expiresAt),
    };
    wipe(plain);
    return made;
  }

  #sealLogin(sid: string, login: SessionLogin): Promise<Uint8Array> {
    return sealSmall(this.#rootKey, loginContext(sid), new TextEncoder().encode(JSON.stringify(login)));
  }

  async #openLogin(sid: string, sealed: Uint8Array): Promise<SessionLogin | null> {
    const plain = await this.#unsealed(loginContext(sid), sealed);
    if (plain === undefined) return null;
    const login: SessionLogin = JSON.parse(new TextDecoder().decode(plain));
    return login;
  }

  /** Undefined, and a line in the log, for octets that were not sealed by this cluster for this place. */
  async #unsealed(context: string, sealed: Uint8Array): Promise<Uint8Array | undefined> {
    try {
      return await openSmall(this.#rootKey, context, sealed);
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      this.#log.warn({}, 'Redis holds a session that does not open under our root key');
      return undefined;
    }
  }

  #isExpired({ session, login }: Entry, { lastUsedAt, messages }: Stored, now: number): boolean {
    if (now >= session.expiresAt || messages >= this.#limits.messages) return true;
    if (login === null) return now - session.createdAt >= this.#limits.unauthenticated;
    return now - lastUsedAt >= this.#limits.idle;
  }

  /** Sessions of a user or account by the index; members whose session has gone are taken out of it. */
  async #indexed(match: SessionMatch): Promise<Map<string, Pick<Session, 'sid' | 'login' | 'createdAt'>>> {
    const found = new Map<string, Pick<Session, 'sid' | 'login' | 'createdAt'>>();
    const of = match.user ?? match.account;
    if (of === undefined) return found;
    const index = this.#redis.key('sessions-of', of);
    const members = await this.#redis.ask('SMEMBERS', index);
    for (const sid of Array.isArray(members) ? members.map(String) : []) {
      const stored = await this.#read(sid);
      if (stored === undefined) await this.#redis.ask('SREM', index, sid);
      const login = stored?.login == null ? null : await this.#openLogin(sid, stored.login);
      if (stored === undefined || !matches(login, match)) continue;
      const createdAt = Number(stored.facts.split(' ')[1]);
      found.set(sid, { sid: Uint8Array.from(Buffer.from(sid, 'hex')), login, createdAt });
    }
    return found;
  }

  async #lookAndGoOn(): Promise<void> {
    await this.#look();
    this.#cancel = this.#clock.after(LOOK_EVERY, () => void this.#lookAndGoOn());
  }

  /** Drops what is not in Redis any more: ended while we did not hear, past its time, or flushed. */
  async #look(): Promise<void> {
    const held = [...this.#entries.keys()];
    try {
      for (let from = 0; from < held.length; from += LOOK_BATCH) {
        const batch = held.slice(from, from + LOOK_BATCH);
        const present = await this.#redis.run(
          PRESENT,
          batch.map((sid) => this.#key(sid)),
        );
        if (!Array.isArray(present)) return;
        for (const [at, sid] of batch.entries()) if (present[at] === 0) this.#drop(sid);
      }
    } catch {
      // Redis is away: nothing is known, and nothing new is let in. The connection says so in the log.
    }
  }
}

function joined({ c2s, s2c, th }: NewSession): Uint8Array {
  const plain = newBytes(c2s.length + s2c.length + th.length);
  plain.set(c2s);
  plain.set(s2c, c2s.length);
  plain.set(th, c2s.length + s2c.length);
  return plain;
}

function keysContext(sid: string, facts: string): string {
  return `session ${sid} ${facts}`;
}

function loginContext(sid: string): string {
  return `session log-in ${sid}`;
}

function integer(value: unknown, otherwise: number): number {
  const number = Buffer.isBuffer(value) ? Number(String(value)) : Number.NaN;
  return Number.isSafeInteger(number) ? number : otherwise;
}

/** @param bits the block of the window that `seq` is in */
function isUsed(seq: number, highest: number, bits: number): boolean {
  if (seq > highest) return false;
  return seq <= highest - WINDOW_SIZE || ((bits >>> (seq % BLOCK)) & 1) === 1;
}

/** A match without any condition hits nothing. */
function matches(login: SessionLogin | null, match: SessionMatch): boolean {
  if (login === null || (match.user === undefined && match.account === undefined)) return false;
  if (match.user !== undefined && login.user !== match.user) return false;
  return match.account === undefined || login.account === match.account;
}
