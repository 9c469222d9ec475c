import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { newKey } from '../../../crypto/index.ts';
import { IdentityWatch } from '../../../gateway/access/identity-watch.ts';
import { createMemorySessions, type MemorySessions } from '../../../gateway/access/index.ts';
import type { User } from '../../../gateway/fax/account.ts';
import type { AccountId, UserId } from '../../../gateway/fax/ids.ts';
import type { AccessRow, AuditEntry } from '../../../gateway/ports/account-records.ts';
import type { LogoutNotice } from '../../../gateway/ports/identity-provider.ts';
import type { IdentitySession, IdentitySessionMatch } from '../../../gateway/ports/identity-records.ts';
import type { Session, SessionLogin } from '../../../gateway/ports/session-store.ts';
import { AccountError } from '../../../gateway/records/index.ts';
import { type AskedProvider, askedProvider } from '../../asked-provider.ts';

const ANN = 'usr_ann' as UserId;
const ACME = 'acc_acme' as AccountId;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const quiet = () => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/** Time that a test passes; timers are fired by hand. */
class Hand {
  readonly timers = new Set<() => void>();
  time = 1_000_000_000;
  now = () => this.time;
  monotonic = () => this.time;
  after = (_ms: number, run: () => void) => {
    this.timers.add(run);
    return () => void this.timers.delete(run);
  };
}

/** Sessions as the records keep them. */
class Rows {
  readonly all = new Map<string, IdentitySession>();
  away = false;
  looks = 0;
  #key = (sid: Uint8Array) => sid.join('.');
  async addSession(session: IdentitySession) {
    this.all.set(this.#key(session.sid), session);
  }
  async takeDue(limit: number, hold: number, now: number) {
    this.looks++;
    if (this.away) throw new Error('the database does not answer');
    const due = [...this.all.values()].filter(({ nextAt }) => nextAt <= now).slice(0, limit);
    for (const session of due) this.all.set(this.#key(session.sid), { ...session, nextAt: now + hold });
    return due;
  }
  async keepSession(sid: Uint8Array, kept: Partial<IdentitySession>) {
    const session = this.all.get(this.#key(sid));
    if (session !== undefined) this.all.set(this.#key(sid), { ...session, ...kept });
    return session !== undefined;
  }
  async removeSession(sid: Uint8Array) {
    this.all.delete(this.#key(sid));
  }
  async sessionsOf(match: IdentitySessionMatch) {
    const entries = Object.entries(match);
    return [...this.all.values()].filter((one) => entries.every(([name, value]) => Reflect.get(one, name) === value));
  }
  userOf = async () => undefined;
  identities = async () => [];
  link = async () => undefined;
  unlink = async () => false;
  createAdministrator = () => Promise.reject(new Error('nobody is made here'));
  countSessions = async () => this.all.size;
}

describe('sessions that rest on the word of an identity provider', () => {
  let clock: Hand;
  let rows: Rows;
  let sessions: MemorySessions;
  let provider: AskedProvider;
  let watch: IdentityWatch;
  let user: User;
  let lastOwner = false;
  const audited: AuditEntry[] = [];
  const counted: Record<string, string>[] = [];

  const accessRow = (): AccessRow => ({
    ...{ account: null, user, verifiers: { passwordHash: null, secretMac: null }, totp: null },
    ...{ scopeDisabled: false, kept: null, passkeys: [] },
  });
  const watchOf = (providers = [provider], sealKey = newKey()) =>
    new IdentityWatch({
      providers,
      accounts: {
        account: async (key) => (typeof key !== 'string' && key.name === 'acme' ? { id: ACME } : undefined) as never,
        accessById: async () => accessRow(),
        audit: async (entry) => void audited.push(entry),
        updateUser: async (_id, { role, scope }) => {
          if (lastOwner) throw new AccountError('last_owner', 'one owner has to be left');
          user = { ...user, role: role ?? user.role, scope: scope ?? null };
          return user;
        },
      },
      identities: rows,
      metrics: { count: (_name, labels = {}) => void counted.push(labels), observe: quiet, gauge: quiet },
      ...{ sessions, sealKey, clock, log },
    });

  beforeEach(() => {
    clock = new Hand();
    rows = new Rows();
    sessions = createMemorySessions(clock, { idle: 1e9, unauthenticated: 1e9, messages: 1e6, pending: 100 });
    provider = askedProvider();
    user = {
      ...{ id: ANN, realm: 'admin', account: null, name: 'ann', disabled: false, cidrs: [], clientKey: null },
      ...{ totp: false, role: 'operator', scope: null, scopes: null, oldSecretUntil: null, createdAt: 0 },
    };
    lastOwner = false;
    audited.length = 0;
    counted.length = 0;
    watch = watchOf();
  });

  /** Lets time pass; `watches` look every second, as their timers have them do. */
  const pass = async (ms: number, watches = [watch]): Promise<void> => {
    for (const end = clock.time + ms; clock.time < end; ) {
      clock.time += SECOND;
      await Promise.all(watches.map((one) => one.look()));
    }
  };

  let count = 0;
  const session = async (change: Partial<typeof provider.code> = {}, by = watch): Promise<Session> => {
    const bytes = () => new Uint8Array(64).fill(++count);
    const sid = bytes().subarray(0, 16);
    const keys = { sid, c2s: bytes(), s2c: bytes(), th: bytes() };
    const suite = 'P521-HKDF512-A256GCM';
    await sessions.add({ ...keys, suite, createdAt: clock.now(), expiresAt: clock.now() + 60 * MINUTE });
    const made = await sessions.get(sid, clock.now());
    assert.ok(made !== undefined && provider.code.state === 'vouched');
    await by.keep(made, accessRow(), provider, { ...provider.code, ...change } as typeof provider.code);
    const login: SessionLogin = {
      ...({ realm: 'admin', method: 'oidc', tlsIntercepted: 'unknown' } as const),
      ...{ account: null, user: ANN, address: '192.0.2.1', provenAt: 0, at: clock.now() },
      ...{ identity: null, passkey: null, device: '', stamp: '' },
    };
    assert.ok(await sessions.login(sid, login, clock.now()));
    return made;
  };

  test('the provider is asked every 30 s, each time with what it gave last', async () => {
    const { ended } = await session();
    await pass(95 * SECOND);
    assert.deepEqual(provider.tickets, ['first', 'next', 'next']);
    assert.equal(ended.aborted, false);
  });

  test('who is refused is out, at the latest a minute after the right has ended', async () => {
    const { ended } = await session();
    await pass(31 * SECOND);
    provider.standing = { state: 'refused', reason: 'invalid_grant' };
    await pass(59 * SECOND);
    assert.equal(ended.aborted, true);
    assert.equal(rows.all.size, 0);
    const detail = { provider: 'corp', reason: 'refused', told: 'invalid_grant' };
    assert.partialDeepStrictEqual(audited, [{ action: 'session.end', actor: 'gateway', object: ANN, detail }]);
    assert.deepEqual(counted, [{ provider: 'corp', reason: 'refused' }]);
  });

  test('while the provider is silent sessions go on for ten minutes, and no longer', async () => {
    const { ended } = await session();
    await pass(31 * SECOND);
    provider.standing = { state: 'silent', reason: 'unreachable' };
    await pass(9 * MINUTE + 55 * SECOND);
    assert.equal(ended.aborted, false);
    await pass(35 * SECOND);
    assert.equal(ended.aborted, true);
    assert.deepEqual(counted, [{ provider: 'corp', reason: 'silent' }]);
  });

  test('a silent provider is asked about few of many sessions, so that others get their turn', async () => {
    for (let made = 0; made < 40; made++) await session();
    provider.standing = { state: 'silent', reason: 'unreachable' };
    await pass(30 * SECOND);
    assert.ok(provider.tickets.length <= 8, `${provider.tickets.length} questions`);
    assert.equal(rows.all.size, 40);
    provider.standing = { state: 'refused', reason: 'invalid_grant' };
    await pass(35 * SECOND);
    assert.equal(rows.all.size, 0);
  });

  test('a provider that answers again is asked as before, with the ticket that it last gave', async () => {
    const { ended } = await session();
    const good = provider.standing;
    provider.standing = { state: 'silent', reason: 'failing' };
    await pass(9 * MINUTE);
    provider.standing = good;
    await pass(9 * MINUTE);
    assert.equal(ended.aborted, false);
    assert.ok(provider.tickets.slice(0, 18).every((ticket) => ticket === 'first'));
    assert.equal(provider.tickets.at(-1), 'next');
  });

  test('a word that ends by itself ends the session then, without a question', async () => {
    const { ended } = await session({ until: clock.now() + 45 * SECOND });
    provider.standing = { state: 'stands', ticket: 'x', rank: null, until: clock.now() + 45 * SECOND };
    await pass(44 * SECOND);
    assert.equal(ended.aborted, false);
    await pass(2 * SECOND);
    assert.equal(ended.aborted, true);
    assert.deepEqual(provider.tickets, ['first']);
    assert.deepEqual(counted, [{ provider: 'corp', reason: 'expired' }]);
  });

  test('another role is written, and ends every session of the administrator', async () => {
    const [one, two] = [await session(), await session()];
    provider.standing = { state: 'stands', ticket: 'x', rank: { role: 'auditor', account: 'acme' }, until: null };
    await pass(32 * SECOND);
    assert.deepEqual([user.role, user.scope], ['auditor', ACME]);
    assert.deepEqual([one.ended.aborted, two.ended.aborted], [true, true]);
    assert.equal(counted[0]?.reason, 'rank');
  });

  test('who has no role any more, or one for an account that there is not, is out and keeps what the records say', async () => {
    for (const rank of ['none', { role: 'owner', account: 'nowhere' }] as const) {
      const { ended } = await session();
      provider.standing = { state: 'stands', ticket: 'x', rank, until: null };
      await pass(32 * SECOND);
      assert.equal(ended.aborted, true);
      assert.equal(user.role, 'operator');
    }
  });

  test('the last owner whose role is taken away has no session by it, and keeps it in the records', async () => {
    lastOwner = true;
    const { ended } = await session();
    provider.standing = { state: 'stands', ticket: 'x', rank: { role: 'auditor', account: null }, until: null };
    await pass(32 * SECOND);
    assert.equal(ended.aborted, true);
    assert.equal(user.role, 'operator');
  });

  test('where owners decide, or nothing new is said of it, the role stays', async () => {
    for (const rank of ['own', null] as const) {
      const { ended } = await session();
      provider.standing = { state: 'stands', ticket: 'x', rank, until: null };
      await pass(62 * SECOND);
      assert.equal(ended.aborted, false);
    }
  });

  test('nobody is asked about a session that has ended', async () => {
    const { sid } = await session();
    await sessions.end(sid);
    await pass(32 * SECOND);
    assert.deepEqual(provider.tickets, []);
    assert.equal(rows.all.size, 0);
    assert.deepEqual(audited, []);
  });

  test('a session by a provider that the settings do not have any more ends', async () => {
    const { ended } = await session();
    await pass(32 * SECOND, [watchOf([])]);
    assert.equal(ended.aborted, true);
    assert.deepEqual(counted, [{ provider: 'corp', reason: 'unknown_provider' }]);
  });

  test('a ticket that another key has sealed is none', async () => {
    const { ended } = await session({}, watchOf());
    await pass(32 * SECOND);
    assert.equal(ended.aborted, true);
    assert.deepEqual(provider.tickets, []);
  });

  test('of two processes one asks, and the other one goes on when it has gone', async () => {
    const sealKey = newKey();
    const [one, two] = [watchOf([provider], sealKey), watchOf([provider], sealKey)];
    await session({}, one);
    await pass(62 * SECOND, [one, two]);
    assert.equal(provider.tickets.length, 2);
    await pass(60 * SECOND, [two]);
    assert.equal(provider.tickets.length, 4);
  });

  test('many that are due at once are all asked about in one look', async () => {
    for (let made = 0; made < 20; made++) await session();
    await pass(30 * SECOND);
    assert.equal(provider.tickets.length, 20);
  });

  test('it looks every second until it is stopped', async () => {
    watch.start();
    for (let turn = 1; turn <= 3; turn++) {
      const [fire] = clock.timers;
      assert.ok(fire !== undefined && clock.timers.size === 1);
      clock.timers.clear();
      fire();
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(rows.looks, turn);
    }
    await watch.stop();
    assert.equal(clock.timers.size, 0);
  });

  test('records that do not answer end nothing, and are asked again', async () => {
    const { ended } = await session();
    rows.away = true;
    await pass(40 * SECOND);
    rows.away = false;
    await pass(2 * SECOND);
    assert.deepEqual([provider.tickets.length, ended.aborted], [1, false]);
  });

  describe('a log-out at the provider', () => {
    const notice = (change: Partial<LogoutNotice> = {}): LogoutNotice => ({
      ...{ state: 'logout', issuer: provider.issuer, subject: 'ann', sid: null, at: clock.now() },
      ...change,
    });

    test('ends everything that the subject has', async () => {
      const [one, two] = [await session(), await session({ sid: 'p-2' })];
      assert.equal(await watch.loggedOut(notice()), 2);
      assert.deepEqual([one.ended.aborted, two.ended.aborted], [true, true]);
    });

    test('ends the one session that it names', async () => {
      const [one, two] = [await session(), await session({ sid: 'p-2' })];
      assert.equal(await watch.loggedOut(notice({ sid: 'p-1' })), 1);
      assert.deepEqual([one.ended.aborted, two.ended.aborted], [true, false]);
    });

    test('ends nothing of another subject, issuer or session', async () => {
      const { ended } = await session();
      assert.equal(await watch.loggedOut(notice({ subject: 'eve' })), 0);
      assert.equal(await watch.loggedOut(notice({ subject: 'eve', sid: 'p-1' })), 0);
      assert.equal(await watch.loggedOut(notice({ issuer: 'https://other.example.org' })), 0);
      assert.equal(await watch.loggedOut(notice({ subject: null, sid: 'p-9' })), 0);
      assert.equal(ended.aborted, false);
    });

    test('that comes again ends nothing that has begun since', async () => {
      const old = notice();
      await pass(MINUTE);
      const { ended } = await session();
      assert.equal(await watch.loggedOut(old), 0);
      assert.equal(ended.aborted, false);
    });
  });
});
