import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { totpCode } from '../../../crypto/index.ts';
import type { User } from '../../../gateway/fax/account.ts';
import { type Rig, startRig } from './rig.ts';
import { type Opened, SealedClient } from './sealed-client.ts';

const PASSWORD = 'a long enough password';
const NEW_PASSWORD = 'another one, long enough';
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The code of an authenticator that has read the base32 text, `away` steps from now. */
function codeOf(secret: unknown, away = 0): string {
  const bits = [...String(secret)].map((one) => ALPHABET.indexOf(one).toString(2).padStart(5, '0')).join('');
  const octets = Uint8Array.from(bits.match(/.{8}/g) ?? [], (octet) => Number.parseInt(octet, 2));
  return totpCode(octets, Math.floor(Date.now() / 30_000) + away);
}

describe('what administrators log in with', () => {
  let rig: Rig;
  let user: User;
  let session: SealedClient;
  let names = 0;

  const who = (change: object = {}) => ({ realm: 'admin', user: user.name, secret: PASSWORD, ...change });
  const login = (change: object = {}) => SealedClient.login(rig.origin, rig.pin, who(change));
  const attempt = async (change: object) =>
    (await SealedClient.open(rig.origin, rig.pin)).json('POST', '/v1/session', who(change));
  const ok = (answer: Opened, status = 204): Opened => {
    assert.equal(answer.status, status, answer.body.toString());
    return answer;
  };
  /** As if the user had proven who it is so long ago. */
  const age = async (minutes: number) => {
    for (const { sid } of await rig.gateway.access.sessions.list({ user: user.id }))
      await rig.gateway.access.sessions.update(sid, { provenAt: Date.now() - minutes * 60_000 });
  };
  /** Sets up an authenticator; answers its secret. */
  const enrol = async () => {
    const { secret } = ok(await session.json('POST', '/v1/admin/me/totp'), 200).json();
    ok(await session.json('POST', '/v1/admin/me/totp/confirm', { code: codeOf(secret) }));
    return secret;
  };
  const facts = async () => ok(await session.json('GET', '/v1/admin/me/sign-in'), 200).json();
  const audited = async (action: string) => {
    const all = await rig.gateway.accounts.auditLog({ limit: 500 });
    return all.filter((entry) => entry.action === action && entry.object === user.id);
  };

  before(async () => {
    rig = await startRig();
  });
  after(() => rig.stop());
  beforeEach(async () => {
    const name = `admin-${++names}`;
    const rank = { role: 'owner', scope: null } as const;
    user = await rig.gateway.access.createPasswordUser('admin', null, name, PASSWORD, [], 'local', rank);
    session = await login();
  });

  test('is theirs to see, and says nothing that opens anything', async () => {
    assert.partialDeepStrictEqual(await facts(), {
      ...{ method: 'password', password: true, totp: false, totpPending: false, recoveryCodes: 0, passkeys: 0 },
    });
    ok(await session.json('POST', '/v1/admin/me/totp'), 200);
    assert.partialDeepStrictEqual(await facts(), { totp: false, totpPending: true });
    assert.equal((await attempt({})).status, 200, 'no code is asked for yet');
  });

  test('a new password opens, the old one does not, this session goes on and the others end', async () => {
    const other = await login();
    ok(await session.json('PUT', '/v1/admin/me/password', { password: NEW_PASSWORD }));
    assert.equal((await facts()).password, true);
    await assert.rejects(other.json('GET', '/v1/admin/me'), { code: 'session_unknown' });
    assert.equal((await attempt({})).status, 401);
    assert.equal((await attempt({ secret: NEW_PASSWORD })).status, 200);
    const [entry] = await audited('user.password');
    assert.deepEqual([entry?.actor, entry?.address], [user.id, '127.0.0.1']);
    assert.equal((await session.json('PUT', '/v1/admin/me/password', { password: 'passwordpassword' })).status, 422);
  });

  test('an authenticator is asked for from its first code on, and a shorter password is then enough', async () => {
    const other = await login();
    const secret = await enrol();
    await assert.rejects(other.json('GET', '/v1/admin/me'), { code: 'session_unknown' });
    assert.equal((await attempt({})).status, 401);
    assert.equal((await attempt({ totp: codeOf(secret, 1) })).status, 200);
    ok(await session.json('PUT', '/v1/admin/me/password', { password: 'nine zeb' }));
    const removed = await session.json('DELETE', '/v1/admin/me/totp');
    assert.deepEqual([removed.status, removed.json().code], [422, 'password_weak']);
    ok(await session.json('PUT', '/v1/admin/me/password', { password: NEW_PASSWORD }));
    ok(await session.json('DELETE', '/v1/admin/me/totp'));
    assert.partialDeepStrictEqual(await facts(), { totp: false, recoveryCodes: 0 });
    assert.equal((await attempt({ secret: NEW_PASSWORD })).status, 200);
    for (const action of ['totp.pending', 'totp.confirm', 'totp.remove'])
      assert.equal((await audited(action)).length, 1, action);
  });

  test('recovery codes stand in for it, each once, until new ones are made', async () => {
    await enrol();
    const make = async () =>
      ok(await session.json('POST', '/v1/admin/me/recovery-codes'), 200).json().codes as string[];
    const first = await make();
    assert.equal(new Set(first).size, 10);
    assert.equal((await attempt({ recovery: first[0] })).status, 200);
    assert.equal((await attempt({ recovery: first[0] })).status, 401);
    assert.equal((await attempt({ recovery: first[1]?.toLowerCase().replaceAll('-', '') })).status, 200);
    assert.equal((await facts()).recoveryCodes, 8);
    const [used] = await audited('recovery.used');
    assert.deepEqual([used?.detail, used?.address], [{ left: 8 }, '127.0.0.1']);
    const second = await make();
    assert.equal((await attempt({ recovery: first[2] })).status, 401);
    assert.equal((await attempt({ recovery: second[0] })).status, 200);
    const both = await attempt({ recovery: second[1], totp: '123456' });
    assert.equal(both.status, 400, 'one of the two');
    const stored = await rig.sql(`select encode(mac, 'hex') as mac from recovery_codes where user_id = $1`, [user.id]);
    assert.equal(stored.rows.length, 9);
    assert.ok(rig.log.lines.every((line) => second.every((code) => !line.includes(code))));
  });

  test('changes of it need a proof just now, dangerous acts one of ten minutes', async () => {
    const changes: [string, string, object?][] = [
      ['PUT', '/v1/admin/me/password', { password: NEW_PASSWORD }],
      ['POST', '/v1/admin/me/totp'],
      ['DELETE', '/v1/admin/me/totp'],
      ['POST', '/v1/admin/me/recovery-codes'],
    ];
    await age(3);
    for (const [method, path, body] of changes) {
      const answer = await session.json(method, path, body);
      assert.deepEqual([answer.status, answer.json().code], [403, 'step_up_required'], `${method} ${path}`);
    }
    const another = { name: `helper-${names}`, password: NEW_PASSWORD, role: 'auditor' };
    const { id } = ok(await session.json('POST', '/v1/admin/users', another), 201).json();
    const acme = await rig.account(`acme-${names}`);
    const { user } = await rig.apiUser(acme, 'app');
    await age(11);
    const acts: [string, string, object?][] = [
      ['POST', '/v1/admin/users', { ...another, name: 'more' }],
      ['POST', `/v1/admin/accounts/${acme.name}/users`, { name: 'printer' }],
      ['DELETE', `/v1/admin/users/${user.id}/secret/old`],
      ['PUT', `/v1/admin/accounts/${acme.name}/notices`, { addresses: [] }],
      ['PATCH', `/v1/admin/users/${id}`, { disabled: true }],
      ['PUT', `/v1/admin/users/${id}/password`, { password: NEW_PASSWORD }],
      ['POST', `/v1/admin/users/${id}/totp`],
      ['DELETE', `/v1/admin/users/${id}/totp`],
    ];
    for (const [method, path, body] of acts) {
      const answer = await session.json(method, path, body);
      assert.deepEqual([answer.status, answer.json().code], [403, 'step_up_required'], `${method} ${path}`);
    }
    const proven = ok(await session.json('POST', '/v1/admin/me/step-up', { secret: PASSWORD }), 200).json();
    assert.equal((await facts()).provenAt, proven.provenAt);
    for (const [method, path, body] of [...acts, ...changes.slice(0, 2)])
      assert.ok((await session.json(method, path, body)).status < 300, `${method} ${path}`);
    assert.equal((await audited('step_up')).length, 1);
  });

  test('only to suspend an account, or to open or shut it to somebody, needs a proof, not to rename it', async () => {
    const account = await rig.account(`firm-${names}`);
    await age(11);
    const patch = (body: object) => session.json('PATCH', `/v1/admin/accounts/${account.id}`, body);
    ok(await patch({ title: 'Firm', policy: { retries: 2 } }), 200);
    const guarding = ['sealed', 'localPasswords', 'allowSuite128', 'tlsIntercepted', 'sealedInboundKey'] as const;
    const opening = guarding.map((name) => ({ policy: { [name]: account.policy[name] } }));
    for (const change of [{ disabled: true }, { cidrs: [] }, ...opening])
      assert.equal((await patch(change)).json().code, 'step_up_required', JSON.stringify(change));
    ok(await session.json('POST', '/v1/admin/me/step-up', { secret: PASSWORD }), 200);
    ok(await patch({ disabled: true }), 200);
  });

  test('a proof is refused like a log-in, is of the own user alone, and ends nothing', async () => {
    const secret = await enrol();
    await age(11);
    const prove = (body: object) => session.json('POST', '/v1/admin/me/step-up', body);
    for (const body of [{ secret: 'not the password' }, { secret: PASSWORD }, { secret: PASSWORD, totp: '000000' }]) {
      const answer = await prove(body);
      assert.deepEqual([answer.status, answer.json().code], [401, 'access_denied']);
    }
    for (const body of [{}, { totp: codeOf(secret, 1) }, { secret: PASSWORD, signature: 'AAAA' }])
      assert.equal((await prove(body)).status, 400);
    assert.equal((await session.json('POST', '/v1/admin/users', {})).json().code, 'step_up_required');
    ok(await prove({ secret: PASSWORD, totp: codeOf(secret, 1) }), 200);
    assert.equal((await audited('step_up.denied')).length, 3);
  });

  test('sessions are listed with where they came from, and ended one by one or together', async () => {
    const [second, third] = [await login({ device: 'desk' }), await login()];
    const list = async () =>
      ok(await session.json('GET', '/v1/admin/me/sessions'), 200).json().items as Record<string, unknown>[];
    const all = await list();
    assert.equal(all.length, 3);
    assert.equal(all.filter(({ current }) => current).length, 1);
    const desk = all.find(({ device }) => device === 'desk');
    assert.partialDeepStrictEqual(desk, { method: 'password', address: '127.0.0.1', tlsIntercepted: 'unknown' });
    ok(await session.json('DELETE', `/v1/admin/me/sessions/${desk?.id}`));
    await assert.rejects(second.json('GET', '/v1/admin/me'), { code: 'session_unknown' });
    assert.equal((await session.json('DELETE', `/v1/admin/me/sessions/${desk?.id}`)).json().code, 'session_not_found');
    ok(await session.json('DELETE', '/v1/admin/me/sessions'));
    await assert.rejects(third.json('GET', '/v1/admin/me'), { code: 'session_unknown' });
    assert.equal((await list()).length, 1);
    assert.equal((await audited('session.end')).length, 2);
  });

  test('sessions of others: of API users for administrators, of administrators for owners', async () => {
    const account = await rig.account(`shop-${names}`);
    const rank = { role: 'admin', scope: account.id } as const;
    const bound = await rig.gateway.access.createPasswordUser('admin', null, `bound-${names}`, PASSWORD, [], 'x', rank);
    const helper = await SealedClient.login(rig.origin, rig.pin, {
      realm: 'admin',
      user: bound.name,
      secret: PASSWORD,
    });
    const { user: app, secret } = await rig.apiUser(account, 'app');
    const client = await SealedClient.login(rig.origin, rig.pin, { account: account.name, user: 'app', secret });
    const seen = ok(await helper.json('GET', `/v1/admin/users/${app.id}/sessions`), 200).json().items;
    assert.partialDeepStrictEqual(seen, [{ method: 'secret', current: false }]);
    assert.equal((await helper.json('GET', `/v1/admin/users/${user.id}/sessions`)).status, 404);
    ok(await helper.json('DELETE', `/v1/admin/users/${app.id}/sessions`));
    await assert.rejects(client.json('GET', '/v1/session'), { code: 'session_unknown' });
    const [theirs] = ok(await session.json('GET', `/v1/admin/users/${bound.id}/sessions`), 200).json().items as {
      id: string;
    }[];
    ok(await session.json('DELETE', `/v1/admin/users/${bound.id}/sessions/${theirs?.id}`));
    await assert.rejects(helper.json('GET', '/v1/admin/me'), { code: 'session_unknown' });
  });
});
