import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { totpCode } from '../../../crypto/index.ts';
import type { Account } from '../../../gateway/fax/account.ts';
import { type Rig, startRig } from './rig.ts';
import { type Opened, SealedClient } from './sealed-client.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The octets of an authenticator's base32 text, as an authenticator reads it. */
function secretOf(text: string): Uint8Array {
  const bits = [...text].map((one) => ALPHABET.indexOf(one).toString(2).padStart(5, '0')).join('');
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (octet) => Number.parseInt(octet, 2));
}

describe('a log-in with a time-based code', () => {
  let rig: Rig;
  let admin: SealedClient;
  let account: Account;
  const password = 'a long enough password';

  before(async () => {
    rig = await startRig();
    account = await rig.account('acme');
    await rig.gateway.access.createPasswordUser('admin', null, 'root', password, [], 'local');
    admin = await SealedClient.login(rig.origin, rig.pin, { realm: 'admin', user: 'root', secret: password });
  });
  after(() => rig.stop());

  /** A user with a TOTP secret; `code(n)` is that of the n-th step from the user's first code on. */
  async function enrolled(name: string) {
    const { user, secret } = await rig.apiUser(account, name);
    const path = `/v1/admin/users/${user.id}/totp`;
    const made = await admin.json('POST', path);
    assert.equal(made.status, 200, made.body.toString());
    const totp = secretOf(String(made.json().secret));
    // The code of the step before leaves that of this one for a log-in; when a step ends meanwhile it is too old.
    const confirm = async () => {
      const step = Math.floor(Date.now() / 30_000);
      const { status } = await admin.json('POST', `${path}/confirm`, { code: totpCode(totp, step - 1) });
      return status === 204 ? step : undefined;
    };
    const first = (await confirm()) ?? (await confirm()) ?? assert.fail('the first code is right');
    return { user, secret, path, made: made.json(), code: (step: number) => totpCode(totp, first + step) };
  }

  async function attempt(body: Record<string, unknown>): Promise<Opened> {
    const client = await SealedClient.open(rig.origin, rig.pin);
    return client.json('POST', '/v1/session', body);
  }

  test('needs it, and each code once', async () => {
    const { secret, code } = await enrolled('desk');
    const who = { account: 'acme', user: 'desk', secret };
    const denied = async (body: Record<string, unknown>) => {
      const { status, body: problem } = await attempt(body);
      assert.equal(status, 401, problem.toString());
      return problem.toString().replace(/"instance":"[^"]*"/, '');
    };
    const refusals = [await denied(who), await denied({ ...who, totp: code(-9) }), await denied({ ...who, user: 'x' })];
    const right = await attempt({ ...who, totp: code(0) });
    assert.equal(right.status, 200, right.body.toString());
    refusals.push(await denied({ ...who, totp: code(0) }));
    assert.equal(new Set(refusals).size, 1, 'one answer');
    assert.match(refusals[0] ?? '', /"access_denied"/);
    assert.equal((await attempt({ ...who, totp: code(1) })).status, 200, 'the next code');
  });

  test('is switched on and off by an administrator, which ends the sessions of the user', async () => {
    const { secret: before } = await rig.apiUser(account, 'early');
    const early = await SealedClient.login(rig.origin, rig.pin, { account: 'acme', user: 'early', secret: before });
    const { id } = (await early.json('GET', '/v1/session')).json().user as { id: string };
    assert.equal((await admin.json('POST', `/v1/admin/users/${id}/totp`)).status, 200);
    const wrong = await admin.json('POST', `/v1/admin/users/${id}/totp/confirm`, { code: '000000' });
    assert.equal(wrong.json().code, 'code_wrong');
    assert.equal((await early.json('GET', '/v1/session')).status, 200, 'it holds from its first code on');
    assert.equal((await attempt({ account: 'acme', user: 'early', secret: before })).status, 200);
    const { user, secret, path, made, code } = await enrolled('clerk');
    const who = { account: 'acme', user: 'clerk', secret };
    assert.ok(String(made.uri).startsWith(`otpauth://totp/Sealfax:clerk%40acme?secret=${made.secret}&issuer=Sealfax`));
    const users = async () =>
      (await admin.json('GET', '/v1/admin/accounts/acme/users')).json().items as Record<string, unknown>[];
    assert.equal((await users()).find(({ id }) => id === user.id)?.totp, true);
    const session = await SealedClient.login(rig.origin, rig.pin, { ...who, totp: code(0) });
    assert.equal((await admin.json('DELETE', path)).status, 204);
    await assert.rejects(session.json('GET', '/v1/session'), { code: 'session_unknown' });
    assert.equal((await users()).find(({ id }) => id === user.id)?.totp, false);
    await SealedClient.login(rig.origin, rig.pin, who);
    const audit = (await admin.json('GET', '/v1/admin/audit?limit=500')).json().items as Record<string, unknown>[];
    const changes = audit.filter(({ action, object }) => /^totp\./.test(String(action)) && object === user.id);
    assert.deepEqual(
      changes.map(({ action }) => action),
      ['totp.remove', 'totp.confirm', 'totp.pending'],
    );
  });

  test('holds for an administrator too, whose own answer still arrives', async () => {
    const other = await rig.gateway.access.createPasswordUser('admin', null, 'second', password, [], 'local');
    const who = { realm: 'admin', user: 'second', secret: password };
    const session = await SealedClient.login(rig.origin, rig.pin, who);
    const made = await session.json('POST', `/v1/admin/users/${other.id}/totp`);
    assert.equal(made.status, 200, made.body.toString());
    const [authenticator, step] = [secretOf(String(made.json().secret)), Math.floor(Date.now() / 30_000)];
    const code = totpCode(authenticator, step);
    assert.equal((await session.json('POST', `/v1/admin/users/${other.id}/totp/confirm`, { code })).status, 204);
    await assert.rejects(session.json('GET', '/v1/session'), { code: 'session_unknown' });
    assert.equal((await attempt(who)).status, 401);
    assert.equal((await attempt({ ...who, totp: totpCode(authenticator, step + 1) })).status, 200);
  });

  test('is of no use to nobody, and refused in another form', async () => {
    assert.equal((await admin.json('POST', '/v1/admin/users/usr_00000000000000000000000000/totp')).status, 404);
    assert.equal((await admin.json('DELETE', '/v1/admin/users/usr_00000000000000000000000000/totp')).status, 404);
    const { secret } = await rig.apiUser(account, 'guest');
    const who = { account: 'acme', user: 'guest', secret };
    for (const totp of ['12345', '1234567', '12345a', '١٢٣٤٥٦', 123_456]) {
      assert.equal((await attempt({ ...who, totp })).status, 400, String(totp));
    }
    assert.equal((await attempt({ ...who, totp: '123456' })).status, 200, 'a user without a secret needs no code');
  });

  test('leaves the secret nowhere in the clear', async () => {
    const { made } = await enrolled('keeper');
    const text = String(made.secret);
    const raw = Buffer.from(secretOf(text)).toString('hex');
    const { rows } = await rig.sql(`select encode(totp_secret, 'hex') as sealed from users where name = 'keeper'`);
    assert.equal(rows.length, 1);
    assert.ok(!String(rows[0]?.sealed).includes(raw));
    const audit = (await admin.json('GET', '/v1/admin/audit?limit=500')).body.toString();
    for (const place of [audit, ...rig.log.lines]) assert.ok(!place.includes(text));
  });
});
