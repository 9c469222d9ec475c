import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { apiSecretVerifier, hashPassword, newApiSecret } from '../../../crypto/index.ts';
import { createAccess, createMemorySessions } from '../../../gateway/access/index.ts';
import type { Account, User } from '../../../gateway/fax/account.ts';
import type { AccountId, UserId } from '../../../gateway/fax/ids.ts';
import { DEFAULT_POLICY } from '../../../gateway/fax/policy.ts';
import type { Access, LoginAttempt } from '../../../gateway/gateway.ts';
import type { AccessRow, AccountRecords, AuditEntry } from '../../../gateway/ports/account-records.ts';
import type { Session } from '../../../gateway/ports/session-store.ts';

const SERVER_KEY = new Uint8Array(32).fill(3);
const SECRET = newApiSecret();
const LEAF = 'L'.repeat(43);
const quiet = () => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const metrics = { count: quiet, observe: quiet, gauge: quiet };

let time = 0;
const clock = { now: () => time, monotonic: () => time, after: () => quiet };
/** The one row of the records; another process may change it. */
let row: AccessRow;
let reads: string[];
let audits: AuditEntry[];
let events: { type: string; data: Readonly<Record<string, unknown>> }[];
let access: Access;

function freshRow(): AccessRow {
  const account: Account = {
    id: 'acc_a' as AccountId,
    name: 'acme',
    title: '',
    disabled: false,
    paused: false,
    policy: DEFAULT_POLICY,
    cidrs: [],
    createdAt: 0,
  };
  const user: User = {
    id: 'usr_a' as UserId,
    realm: 'api',
    account: account.id,
    name: 'desk',
    disabled: false,
    cidrs: ['192.0.2.0/24'],
    clientKey: null,
    createdAt: 0,
  };
  return { account, user, verifiers: { passwordHash: null, secretMac: apiSecretVerifier(SERVER_KEY, SECRET) } };
}

beforeEach(() => {
  time = 1_000_000;
  row = freshRow();
  reads = [];
  audits = [];
  events = [];
  const accounts: Pick<AccountRecords, 'access' | 'accessById' | 'accessBySecretMac' | 'audit'> = {
    async access(realm, account, user) {
      reads.push('access');
      return realm === row.user.realm && account === 'acme' && user === 'desk' ? row : undefined;
    },
    async accessById() {
      reads.push('accessById');
      return row;
    },
    async accessBySecretMac() {
      return row;
    },
    async audit(entry) {
      audits.push(entry);
    },
  };
  access = createAccess({
    accounts: accounts as AccountRecords,
    sessions: createMemorySessions(clock),
    events: {
      append: async (account, type, fax, data, at) => {
        events.push({ type, data });
        return { id: 'evt_a' as never, account, seq: 1, type, fax, at, data };
      },
    },
    serverKey: SERVER_KEY,
    tlsLeaves: () => [LEAF],
    clock,
    log,
    metrics,
  });
});

let sids = 0;
async function openSession(suite: Session['suite'] = 'P521-HKDF512-A256GCM'): Promise<Session> {
  const key = () => new Uint8Array(64).fill(1);
  const times = { createdAt: time, lastUsedAt: time, expiresAt: time + 3_600_000 };
  const keys = { sid: new Uint8Array(16).fill(++sids), c2s: key(), s2c: key(), th: key() };
  const state = { login: null, loginTried: false, ended: new AbortController() };
  const session: Session = { ...keys, ...times, ...state, suite };
  await access.sessions.add(session);
  return session;
}

const attempt = (change: Partial<LoginAttempt> = {}): LoginAttempt => ({
  realm: 'api',
  account: 'acme',
  user: 'desk',
  secret: SECRET,
  signature: null,
  device: 'test',
  tlsLeaf: null,
  ...change,
});

const HERE = '192.0.2.1';

describe('access', () => {
  test('does the same work for every wrong log-in', async () => {
    const traces = new Set<string>();
    const wrong: readonly [Partial<LoginAttempt>, string][] = [
      [{ account: 'other' }, HERE],
      [{ user: 'other' }, HERE],
      [{ secret: newApiSecret() }, HERE],
      [{ secret: 'a password' }, HERE],
      [{ realm: 'admin' }, HERE],
      [{}, '198.51.100.1'],
    ];
    for (const [change, address] of wrong) {
      reads = [];
      audits = [];
      const session = await openSession();
      await assert.rejects(access.login(session, attempt(change), address), { code: 'access_denied' });
      assert.ok(session.ended.signal.aborted);
      traces.add(`${reads.join()} ${audits.map((entry) => entry.action).join()}`);
    }
    assert.deepEqual([...traces], ['access login.denied']);
  });

  test('never lets a password open what only a secret opens, nor the other way round', async () => {
    row = { ...row, verifiers: { passwordHash: await hashPassword('a good long password'), secretMac: null } };
    await assert.rejects(access.login(await openSession(), attempt(), HERE), { code: 'access_denied' });
    const principal = await access.login(await openSession(), attempt({ secret: 'a good long password' }), HERE);
    assert.equal(principal.user.name, 'desk');
  });

  test('tries one log-in per session', async () => {
    const session = await openSession();
    await access.login(session, attempt(), HERE);
    await assert.rejects(access.login(session, attempt(), HERE), { code: 'access_denied' });
  });

  test('notices within two seconds what another process changed', async () => {
    const changes: (() => void)[] = [
      () => (row = { ...row, user: { ...row.user, disabled: true } }),
      () => (row = { ...row, user: { ...row.user, cidrs: ['192.0.2.1/32'] } }),
      () => (row = { ...row, account: row.account && { ...row.account, disabled: true } }),
      () => (row = { ...row, account: row.account && { ...row.account, cidrs: ['0.0.0.0/0'] } }),
      () => (row = { ...row, verifiers: { ...row.verifiers, secretMac: new Uint8Array(32) } }),
      () => (row = { ...row, verifiers: { ...row.verifiers, passwordHash: 'x' } }),
    ];
    for (const change of changes) {
      time += 10_000;
      row = freshRow();
      const session = await openSession();
      await access.login(session, attempt(), HERE);
      await access.authorize(session, HERE);
      change();
      time += 2_000;
      await assert.rejects(access.authorize(session, HERE), { code: 'session_ended' }, String(change));
      assert.ok(session.ended.signal.aborted);
    }
  });

  test('reads the row once for many requests of two seconds', async () => {
    const session = await openSession();
    await access.login(session, attempt(), HERE);
    reads = [];
    for (let request = 0; request < 100; request++) await access.authorize(session, HERE);
    assert.deepEqual(reads, ['accessById']);
  });

  test('says what it knows of a TLS proxy, and refuses it where the account wants that', async () => {
    const login = async (tlsLeaf: string | null) => {
      const session = await openSession();
      await access.login(session, attempt({ tlsLeaf }), HERE);
      return session.login?.tlsIntercepted;
    };
    assert.equal(await login(LEAF), 'no');
    assert.equal(await login(null), 'unknown');
    assert.deepEqual(events, []);
    assert.equal(await login('M'.repeat(43)), 'yes');
    assert.deepEqual(events, [{ type: 'session.intercepted', data: { user: 'usr_a', refused: false } }]);
    assert.ok(row.account);
    row = { ...row, account: { ...row.account, policy: { ...DEFAULT_POLICY, tlsIntercepted: 'refuse' } } };
    await assert.rejects(login('M'.repeat(43)), { code: 'tls_proxy_refused' });
    assert.equal(await login(null), 'unknown');
  });

  test('lets the 128-bit suite in only with a right log-in, to an account that allows it', async () => {
    const login = async (change: Partial<LoginAttempt> = {}) => {
      const session = await openSession('P521-HKDF512-A128GCM');
      await access.login(session, attempt(change), HERE).catch((error: unknown) => {
        assert.ok(session.ended.signal.aborted);
        throw error;
      });
      return session;
    };
    await assert.rejects(login(), { code: 'suite_not_allowed' });
    assert.equal(audits.at(-1)?.action, 'login.denied');
    await assert.rejects(login({ secret: newApiSecret() }), { code: 'access_denied' });
    assert.ok(row.account);
    row = { ...row, account: { ...row.account, policy: { ...DEFAULT_POLICY, allowSuite128: true } } };
    const session = await login();
    await access.authorize(session, HERE);
    row = freshRow();
    time += 2_000;
    await assert.rejects(access.authorize(session, HERE), { code: 'session_ended' });
  });

  test('never lets an administrator in under the 128-bit suite', async () => {
    row = { ...row, account: null, user: { ...row.user, realm: 'admin', account: null } };
    const admin = attempt({ realm: 'admin' });
    await access.login(await openSession(), admin, HERE);
    const session = await openSession('P521-HKDF512-A128GCM');
    await assert.rejects(access.login(session, admin, HERE), { code: 'suite_not_allowed' });
  });

  test('takes an API key over plain HTTPS only where the account allows it, and from where it may come', async () => {
    await assert.rejects(access.authorizeKey(SECRET, HERE), { code: 'sealed_required' });
    assert.ok(row.account);
    row = { ...row, account: { ...row.account, policy: { ...DEFAULT_POLICY, sealed: 'optional' } } };
    assert.equal((await access.authorizeKey(SECRET, HERE)).session, null);
    await assert.rejects(access.authorizeKey(SECRET, '198.51.100.1'), { code: 'access_denied' });
    row = { ...row, user: { ...row.user, realm: 'admin' } };
    await assert.rejects(access.authorizeKey(SECRET, HERE), { code: 'access_denied' });
  });
});
