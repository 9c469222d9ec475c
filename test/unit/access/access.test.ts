import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { apiSecretVerifier, hashPassword, newApiSecret, newTotpSecret, totpCode } from '../../../crypto/index.ts';
import { createAccess, createMemorySessions } from '../../../gateway/access/index.ts';
import { createLoginTries, LOGIN_PACE } from '../../../gateway/access/login-tries.ts';
import { sealTotpSecret } from '../../../gateway/access/totp.ts';
import { WRONG_CODES } from '../../../gateway/access/wrong-codes.ts';
import type { Account, User } from '../../../gateway/fax/account.ts';
import type { AccountId, UserId } from '../../../gateway/fax/ids.ts';
import { DEFAULT_POLICY } from '../../../gateway/fax/policy.ts';
import type { Access, LoginAttempt, LoginProof } from '../../../gateway/gateway.ts';
import type {
  AccessRow,
  AccountRecords,
  AuditEntry,
  LoginKey,
  LoginTry,
} from '../../../gateway/ports/account-records.ts';
import type { Session } from '../../../gateway/ports/session-store.ts';

const SERVER_KEY = new Uint8Array(32).fill(3);
const SEAL_KEY = new Uint8Array(32).fill(5);
const SECRET = newApiSecret();
const TOTP_SECRET = newTotpSecret();
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
    pausedReason: null,
    closedAt: null,
    eraseAt: null,
    erasedAt: null,
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
    totp: false,
    scopes: null,
    oldSecretUntil: null,
    role: null,
    scope: null,
    createdAt: 0,
  };
  const verifiers = { passwordHash: null, secretMac: apiSecretVerifier(SERVER_KEY, SECRET) };
  return { account, user, verifiers, totp: null, scopeDisabled: false, kept: null, passkeys: [] };
}

/** The row with a TOTP secret, sealed for `sealedFor`. */
async function withTotp(lastStep = 0, sealedFor = row.user.id): Promise<AccessRow> {
  const sealed = await sealTotpSecret(SEAL_KEY, sealedFor, TOTP_SECRET);
  return { ...row, user: { ...row.user, totp: true }, totp: { sealed, lastStep } };
}

const step = (away = 0) => Math.floor(time / 30_000) + away;
const code = (away = 0) => totpCode(TOTP_SECRET, step(away));
/** No code of the moment. */
const wrongCode = () => {
  const right = [code(-1), code(), code(1)];
  return ['000000', '000001', '000002', '000003'].find((one) => !right.includes(one)) ?? assert.fail();
};

let pace: LoginTry;
/** What waits for its first code. */
let pending: Uint8Array | null;
/** MACs of recovery codes. */
let codes: readonly Uint8Array[];

beforeEach(() => {
  time = 1_000_000;
  row = freshRow();
  reads = [];
  audits = [];
  events = [];
  pace = 'unknown';
  pending = null;
  codes = [];
  let wrong = { since: Number.NEGATIVE_INFINITY, count: 0 };
  const accounts: Pick<
    AccountRecords,
    | 'access'
    | 'accessById'
    | 'accessBySecretMac'
    | 'audit'
    | 'useTotpStep'
    | 'updateUser'
    | 'noteWrongCode'
    | 'wrongCodes'
    | 'takeLoginTry'
    | 'endLoginTries'
    | 'secondSteps'
    | 'confirmTotp'
    | 'putRecoveryCodes'
    | 'useRecoveryCode'
  > = {
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
    async useTotpStep(user, sealed, used) {
      reads.push('useTotpStep');
      const { totp } = row;
      if (user !== row.user.id || totp === null || sealed !== totp.sealed || totp.lastStep >= used) return false;
      row = { ...row, totp: { ...totp, lastStep: used } };
      return true;
    },
    async noteWrongCode(_user, within, now) {
      wrong = wrong.since <= now - within ? { since: now, count: 1 } : { ...wrong, count: wrong.count + 1 };
    },
    async takeLoginTry() {
      reads.push('takeLoginTry');
      return pace;
    },
    async endLoginTries(_key, taken) {
      reads.push(`endLoginTries ${taken}`);
    },
    async wrongCodes(_user, within, now) {
      return wrong.since <= now - within ? 0 : wrong.count;
    },
    async updateUser(_id, { totp, totpPending, verifiers, kept }) {
      if (totp === null) row = { ...row, user: { ...row.user, totp: false }, totp: null };
      pending = totpPending ?? pending;
      row = { ...row, verifiers: { ...row.verifiers, ...verifiers }, kept: kept ?? row.kept };
      return row.user;
    },
    async secondSteps() {
      return { pending, password: false, passwordAlone: true, recoveryCodes: codes.length };
    },
    async confirmTotp(_id, sealed, lastStep, kept) {
      pending = null;
      row = { ...row, user: { ...row.user, totp: true }, totp: { sealed, lastStep }, kept: kept ?? row.kept };
      return true;
    },
    async putRecoveryCodes(_id, macs) {
      codes = macs;
    },
    async useRecoveryCode(_id, mac) {
      const left = codes.filter((one) => Buffer.compare(one, mac) !== 0);
      const used = left.length < codes.length;
      codes = left;
      return used;
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
    sealKey: SEAL_KEY,
    tlsLeaves: () => [LEAF],
    clock,
    log,
    metrics,
  });
});

/** The octets of RFC 4648 base32 without padding. */
function fromBase32(text: string): Uint8Array {
  const bits = [...text]
    .map((one) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(one).toString(2).padStart(5, '0'))
    .join('');
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (octet) => Number.parseInt(octet, 2));
}

let sids = 0;
async function openSession(suite: Session['suite'] = 'P521-HKDF512-A256GCM'): Promise<Session> {
  const key = () => new Uint8Array(64).fill(1);
  const times = { createdAt: time, expiresAt: time + 3_600_000 };
  const keys = { sid: new Uint8Array(16).fill(++sids), c2s: key(), s2c: key(), th: key() };
  await access.sessions.add({ ...keys, ...times, suite });
  return (await access.sessions.get(keys.sid, time)) ?? assert.fail();
}

const attempt = (change: Partial<LoginAttempt> = {}): LoginAttempt => ({
  realm: 'api',
  account: 'acme',
  user: 'desk',
  secret: SECRET,
  signature: null,
  passkey: null,
  oidc: null,
  token: null,
  recovery: null,
  totp: null,
  device: 'test',
  tlsLeaf: null,
  ...change,
});

const HERE = '192.0.2.1';
const isWait = (pause: number) => pause > 0;

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
    const second = await withTotp(step());
    const wrongCodes: typeof wrong = [
      [{}, HERE],
      [{ totp: wrongCode() }, HERE],
      [{ totp: code() }, HERE],
      [{ totp: code(-1) }, HERE],
      [{ totp: code(2) }, HERE],
      [{ totp: code(1), secret: newApiSecret() }, HERE],
      [{ totp: code(1), user: 'other' }, HERE],
      [{ totp: code(1) }, '198.51.100.1'],
    ];
    for (const [change, address] of [...wrong, ...wrongCodes]) {
      row = wrong.some(([one]) => one === change) ? freshRow() : second;
      reads = [];
      audits = [];
      const session = await openSession();
      await assert.rejects(access.login(session, attempt(change), address), { code: 'access_denied' });
      assert.ok(session.ended.aborted);
      traces.add(`${reads.join()} ${audits.map((entry) => entry.action).join()}`);
    }
    // The form of what is presented chooses the work: passwords have a pace.
    assert.deepEqual([...traces], ['access login.denied', 'access,takeLoginTry login.denied']);
  });

  test('looks at no password that comes too soon, and does the same work for it', async () => {
    const password = 'a long enough password';
    row = { ...row, verifiers: { passwordHash: await hashPassword(password), secretMac: null } };
    const tries: readonly [LoginTry, string, string][] = [
      ['unknown', 'a wrong password', 'desk'],
      ['unknown', 'a wrong password', 'nobody'],
      ['too_soon', password, 'desk'],
      ['too_soon', password, 'nobody'],
    ];
    for (const [said, secret, user] of tries) {
      pace = said;
      reads = [];
      const session = await openSession();
      await assert.rejects(access.login(session, attempt({ secret, user }), HERE), { code: 'access_denied' });
      assert.deepEqual(reads, ['access', 'takeLoginTry']);
      assert.equal(audits.at(-1)?.detail.tooSoon, said === 'too_soon' ? true : undefined);
    }
    for (const said of ['known', 'unknown'] as const) {
      pace = said;
      reads = [];
      await access.login(await openSession(), attempt({ secret: password }), HERE);
      assert.deepEqual(reads, ['access', 'takeLoginTry', `endLoginTries ${said}`]);
    }
  });

  test('never slows what nobody can guess: API secrets and client keys', async () => {
    pace = 'too_soon';
    await access.login(await openSession(), attempt(), HERE);
    assert.deepEqual(reads, ['access']);
    const signed = attempt({ secret: null, signature: 'A'.repeat(176) });
    await assert.rejects(access.login(await openSession(), signed, HERE), { code: 'access_denied' });
    assert.deepEqual(reads, ['access', 'access']);
  });

  test('lets no more than 100 passwords of one user be tried in a row, from wherever', () => {
    const { waits, forget } = LOGIN_PACE;
    const shut = (pauses: readonly number[]) => pauses.findIndex((pause) => pause >= forget.exists) + 1;
    assert.deepEqual([shut(waits.known), shut(waits.unknown)], [50, 50]);
    assert.deepEqual([waits.known.length, waits.unknown.length], [50, 50], 'and it stays so');
    const most = Math.max(...[...waits.known, ...waits.unknown].filter((pause) => pause < forget.exists));
    assert.equal(most, 3_600_000, 'whoever mistypes waits an hour at most');
    assert.deepEqual([14, 4], [waits.known.findIndex(isWait), waits.unknown.findIndex(isWait)], 'so many are free');
  });

  test('counts tries for the password that stands now, and for nobody apart from all who exist', async () => {
    const counted: LoginKey[] = [];
    const tries = createLoginTries(
      {
        async takeLoginTry(key) {
          counted.push(key);
          return 'unknown';
        },
        async endLoginTries() {},
      },
      new Uint8Array(32),
      { now: () => 0 },
    );
    const named = attempt({ secret: 'a long enough password' });
    for (const stored of ['one', 'one', 'another', null]) await tries.take(named, HERE, stored);
    const verifiers = counted.map(({ verifier }) => Buffer.from(verifier).toString('hex'));
    assert.equal(new Set(verifiers).size, 3);
    assert.equal(verifiers[0], verifiers[1]);
    assert.equal(new Set(counted.map(({ target }) => Buffer.from(target).toString('hex'))).size, 1);
    assert.deepEqual(
      counted.map(({ exists }) => exists),
      [true, true, true, false],
    );
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
      () => (row = { ...row, totp: { sealed: new Uint8Array(49), lastStep: 0 } }),
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
      assert.ok(session.ended.aborted);
    }
  });

  describe('with a TOTP secret', () => {
    const login = async (totp: string | null, change: Partial<LoginAttempt> = {}) => {
      const session = await openSession();
      await access.login(session, attempt({ totp, ...change }), HERE);
      return session;
    };

    test('lets each code in once, and none before it', async () => {
      row = await withTotp();
      await login(code());
      await assert.rejects(login(code()), { code: 'access_denied' });
      await assert.rejects(login(code(-1)), { code: 'access_denied' });
      await login(code(1));
      time += 60_000;
      await login(code());
    });

    test('lets one of two in that present the same code at once', async () => {
      row = await withTotp();
      const answers = await Promise.allSettled([login(code()), login(code())]);
      assert.deepEqual(answers.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
    });

    test('keeps the sessions of earlier log-ins when a step is used', async () => {
      row = await withTotp();
      const session = await login(code());
      time += 30_000;
      await login(code());
      assert.equal((await access.authorize(session, HERE)).user.name, 'desk');
    });

    test('wants the code with a password as well', async () => {
      row = await withTotp();
      row = { ...row, verifiers: { passwordHash: await hashPassword('a good long password'), secretMac: null } };
      const secret = 'a good long password';
      await assert.rejects(login(null, { secret }), { code: 'access_denied' });
      await login(code(), { secret });
    });

    test('does not use up a code for someone who has no secret', async () => {
      row = await withTotp();
      await assert.rejects(login(code(), { secret: newApiSecret() }), { code: 'access_denied' });
      await login(code());
    });

    test('tells the audit log, and nobody else, that only the code was wrong', async () => {
      row = await withTotp();
      await assert.rejects(login(null), { code: 'access_denied' });
      await assert.rejects(login(wrongCode()), { code: 'access_denied' });
      await assert.rejects(login(wrongCode(), { secret: newApiSecret() }), { code: 'access_denied' });
      assert.deepEqual(
        audits.map(({ detail }) => detail.code),
        ['missing', 'wrong', undefined],
      );
    });

    test('takes no code at all after ten wrong ones, for a quarter of an hour', async () => {
      row = await withTotp();
      for (let guess = 0; guess < WRONG_CODES.most; guess++) await assert.rejects(login(wrongCode()));
      await assert.rejects(login(code()), { code: 'access_denied' });
      time += WRONG_CODES.within;
      await login(code());
    });

    test('is not locked for known sources by whoever has the password', async () => {
      const password = 'a long enough password';
      row = await withTotp();
      row = { ...row, verifiers: { passwordHash: await hashPassword(password), secretMac: null } };
      const secret = { secret: password };
      pace = 'unknown';
      for (let guess = 0; guess < WRONG_CODES.most; guess++) await assert.rejects(login(wrongCode(), secret));
      await assert.rejects(login(code(), secret), { code: 'access_denied' });
      pace = 'known';
      await assert.rejects(login(wrongCode(), secret), { code: 'access_denied' });
      await login(code(), secret);
    });

    test('is not locked by strangers, nor by a client that sends no code', async () => {
      row = await withTotp();
      for (let guess = 0; guess < WRONG_CODES.most; guess++) {
        await assert.rejects(login(wrongCode(), { secret: newApiSecret() }));
        await assert.rejects(login(null));
      }
      await login(code());
    });

    test('lets nobody in with a secret that was sealed for another user', async () => {
      row = await withTotp(0, 'usr_b' as UserId);
      await assert.rejects(login(code()), { code: 'access_denied' });
    });

    test('is for sealed sessions: an API key over plain HTTPS brings no code', async () => {
      row = await withTotp();
      assert.ok(row.account);
      row = { ...row, account: { ...row.account, policy: { ...DEFAULT_POLICY, sealed: 'optional' } } };
      await assert.rejects(access.authorizeKey(SECRET, HERE), { code: 'sealed_required' });
    });

    test('is asked for from its first code on, which ends the sessions at once, and so does its end', async () => {
      const before = await login(null);
      const { secret, uri } = await access.enableTotp(row.user.id, 'usr_admin');
      assert.match(secret, /^[A-Z2-7]{32}$/);
      assert.ok(uri.startsWith(`otpauth://totp/Sealfax:desk%40acme?secret=${secret}&`), uri);
      assert.ok(!before.ended.aborted);
      await login(null);
      await assert.rejects(access.confirmTotp(row.user.id, '000000', 'usr_admin'), { code: 'code_wrong' });
      const step = Math.floor(time / 30_000);
      const first = totpCode(fromBase32(secret), step);
      await access.confirmTotp(row.user.id, first, 'usr_admin');
      assert.ok(before.ended.aborted);
      assert.ok(row.totp && !Buffer.from(row.totp.sealed).includes(Buffer.from(fromBase32(secret))));
      await assert.rejects(login(null), { code: 'access_denied' });
      await assert.rejects(login(first), { code: 'access_denied' }, 'the first code is used up');
      const during = await login(totpCode(fromBase32(secret), step + 1));
      await assert.rejects(access.confirmTotp(row.user.id, first, 'usr_admin'), { code: 'totp_missing' });
      await access.disableTotp(row.user.id, 'usr_admin');
      assert.ok(during.ended.aborted);
      await login(null);
    });

    test('leaves its user in the session in which it is set up, and ends the others', async () => {
      const { credentials } = access;
      const actor = { who: row.user.id, address: HERE };
      const [own, other] = [await login(null), await login(null)];
      const { secret } = await credentials.pendTotp(row.user.id, actor);
      const now = totpCode(fromBase32(secret), Math.floor(time / 30_000));
      await credentials.confirmTotp(row.user.id, now, actor, own);
      assert.deepEqual([own.ended.aborted, other.ended.aborted], [false, true]);
      time += 2_000;
      await access.authorize(own, HERE);
      await credentials.setPassword(row.user.id, 'kein Wort davon', actor, own);
      await credentials.removeTotp(row.user.id, actor, own);
      time += 2_000;
      await access.authorize(own, HERE);
      row = { ...row, user: { ...row.user, cidrs: [] } };
      time += 2_000;
      await assert.rejects(access.authorize(own, HERE), { code: 'session_ended' }, 'what others change still ends it');
    });

    test('may be stood in for by a recovery code, each of them once', async () => {
      await assert.rejects(access.credentials.newRecoveryCodes(row.user.id, { who: 'x', address: null }), {
        code: 'totp_missing',
      });
      row = await withTotp();
      const made = await access.credentials.newRecoveryCodes(row.user.id, { who: 'x', address: null });
      assert.equal(new Set(made).size, 10);
      assert.ok(made.every((one) => /^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/.test(one)));
      const [first = '', second = '', third = ''] = made;
      await login(null, { recovery: first });
      await assert.rejects(login(null, { recovery: first }), { code: 'access_denied' });
      await login(null, { recovery: ` ${second.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o')}` });
      await assert.rejects(login(null, { recovery: third, secret: newApiSecret() }), { code: 'access_denied' });
      await login(null, { recovery: third });
      await assert.rejects(login(null, { recovery: 'AAAA-AAAA-AAAA-AAAA' }), { code: 'access_denied' });
      assert.equal(codes.length, 7);
      row = { ...row, totp: null };
      await login(null, { recovery: made[3] ?? '' });
      assert.equal(codes.length, 7, 'none is used up for a user who needs no code');
    });
  });

  describe('who it is, proven anew within a session', () => {
    const proof = (change: Partial<LoginProof> = {}): LoginProof => {
      const { secret, signature, passkey, oidc, token, totp, recovery } = attempt(change);
      return { secret, signature, passkey, oidc, token, totp, recovery };
    };

    test('is what a log-in takes, and the session remembers when', async () => {
      const session = await openSession();
      await access.login(session, attempt(), HERE);
      assert.equal(session.login?.provenAt, time);
      time += 700_000;
      assert.equal(await access.prove(session, proof(), HERE), time);
      assert.equal(session.login?.provenAt, time);
      assert.equal(audits.at(-1)?.action, 'step_up');
    });

    test('is refused like a log-in, and the session goes on', async () => {
      const session = await openSession();
      await access.login(session, attempt(), HERE);
      const at = time;
      row = await withTotp();
      row = { ...row, kept: null };
      time += 60_000;
      const wrong: Partial<LoginProof>[] = [
        { secret: newApiSecret(), totp: code() },
        { secret: 'another password', totp: code() },
        {},
        { totp: wrongCode() },
        { recovery: 'AAAA' },
      ];
      for (const change of wrong) {
        await assert.rejects(access.prove(session, proof(change), HERE), { code: 'access_denied' });
        assert.equal(audits.at(-1)?.action, 'step_up.denied');
      }
      await assert.rejects(access.prove(session, proof({ totp: code() }), '198.51.100.1'), { code: 'access_denied' });
      pace = 'too_soon';
      await assert.rejects(access.prove(session, proof({ secret: 'a password' }), HERE), { code: 'access_denied' });
      assert.equal(audits.at(-1)?.detail.tooSoon, true);
      assert.deepEqual([session.login?.provenAt, session.ended.aborted], [at, false]);
      await access.prove(session, proof({ totp: code() }), HERE);
    });

    test('is nothing for a session that nobody has logged in to', async () => {
      await assert.rejects(access.prove(await openSession(), proof(), HERE), { code: 'access_denied' });
    });
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
    // Nobody has logged in.
    assert.partialDeepStrictEqual(audits.at(-1), { action: 'login.denied', detail: { tlsIntercepted: 'yes' } });
    assert.equal(audits.filter(({ action }) => action === 'login').length, 3);
    assert.equal(await login(null), 'unknown');
  });

  test('lets the 128-bit suite in only with a right log-in, to an account that allows it', async () => {
    const login = async (change: Partial<LoginAttempt> = {}) => {
      const session = await openSession('P521-HKDF512-A128GCM');
      await access.login(session, attempt(change), HERE).catch((error: unknown) => {
        assert.ok(session.ended.aborted);
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
