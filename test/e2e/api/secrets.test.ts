import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { UserId } from '../../../gateway/fax/ids.ts';
import { type Rig, startRig } from './rig.ts';
import { SealedClient } from './sealed-client.ts';

type Row = Record<string, unknown>;
const PASSWORD = 'a long enough password';
const HOUR = 3_600_000;

describe('API secrets that are replaced', () => {
  let rig: Rig;
  let owner: SealedClient;
  let names = 0;

  before(async () => {
    rig = await startRig();
    await rig.gateway.access.createPasswordUser('admin', null, 'owner', PASSWORD, [], 'local');
    owner = await SealedClient.login(rig.origin, rig.pin, { realm: 'admin', user: 'owner', secret: PASSWORD });
  });
  after(() => rig.stop());

  /** A user with a secret; its account takes API keys on plain HTTPS too. */
  async function program() {
    const account = await rig.account(`acme-${++names}`, { sealed: 'optional' });
    const { user, secret } = await rig.apiUser(account, 'app');
    const login = (with_: string) =>
      SealedClient.login(rig.origin, rig.pin, { account: account.name, user: 'app', secret: with_ });
    const byKey = async (with_: string) => {
      const headers = { authorization: `Bearer ${with_}` };
      return (await fetch(`${rig.origin}/v1/numbers`, { headers })).status;
    };
    return { account, user, secret, login, byKey };
  }
  const rotate = async (user: UserId, body?: unknown): Promise<{ secret: string; oldSecretUntil: string | null }> => {
    const answer = await owner.json('POST', `/v1/admin/users/${user}/secret`, body);
    assert.equal(answer.status, 200, String(answer.body));
    return answer.json() as unknown as { secret: string; oldSecretUntil: string | null };
  };
  const shown = async (account: string, user: UserId): Promise<Row | undefined> => {
    const answer = (await owner.json('GET', `/v1/admin/accounts/${account}/users`)).json();
    return (answer.items as Row[]).find(({ id }) => id === user);
  };
  const works = async (client: SealedClient) => (await client.json('GET', '/v1/numbers')).status === 200;
  /** As if the time of the old secret were over. */
  const expire = (user: UserId) => rig.sql('update users set old_secret_until = 1 where id = $1', [user]);

  test('the old one goes on for a day, its sessions too, and the new one opens some beside them', async () => {
    const { account, user, secret, login, byKey } = await program();
    const before = await login(secret);
    const { secret: next, oldSecretUntil } = await rotate(user.id);
    const lasts = Date.parse(String(oldSecretUntil)) - Date.now();
    assert.ok(lasts > 23 * HOUR && lasts <= 24 * HOUR, `${lasts} ms`);
    assert.equal((await shown(account.name, user.id))?.oldSecretUntil, oldSecretUntil);
    assert.ok(await works(before), 'a session of before goes on');
    for (const one of [secret, next]) {
      assert.ok(await works(await login(one)));
      assert.equal(await byKey(one), 200);
    }
    const log = await rig.records.accounts.auditLog({ account: account.id, limit: 50 });
    const logins = log.filter(({ action }) => action === 'login').map(({ detail }) => detail.oldSecret === true);
    assert.deepEqual(logins, [false, true, false], 'who still uses the old one is seen');
    const rotated = log.find(({ action }) => action === 'secret.rotate');
    assert.deepEqual([rotated?.object, rotated?.detail.oldUntil], [user.id, oldSecretUntil]);
    assert.equal(JSON.stringify(log).includes('sfk_'), false);
  });

  test('it opens nothing any more after its time, and its sessions end', async () => {
    const { account, user, secret, login, byKey } = await program();
    const before = await login(secret);
    const { secret: next } = await rotate(user.id, { overlap: 3_600 });
    await expire(user.id);
    await assert.rejects(login(secret), /log-in answered 401/);
    assert.equal(await byKey(secret), 401);
    assert.equal(await byKey(next), 200);
    assert.equal(await rig.records.accounts.endOldSecrets(Date.now()), 1);
    assert.equal(await rig.records.accounts.endOldSecrets(Date.now()), 0);
    assert.equal((await shown(account.name, user.id))?.oldSecretUntil, null);
    // This process remembers rows for two seconds, unless something has changed.
    await rig.gateway.access.changeAccount(account.id, { title: 'Acme' }, 'local');
    assert.equal(await works(before), false);
    assert.ok(await works(await login(next)));
  });

  test('it is ended before its time by who may, and at once where no time is given', async () => {
    const { account, user, secret, login } = await program();
    const { secret: second } = await rotate(user.id);
    const session = await login(secret);
    const ended = (await owner.json('DELETE', `/v1/admin/users/${user.id}/secret/old`)).json();
    assert.equal(ended.oldSecretUntil, null);
    await assert.rejects(works(session));
    await assert.rejects(login(secret), /401/);
    const still = await login(second);
    const third = await rotate(user.id, { overlap: 0 });
    assert.equal(third.oldSecretUntil, null);
    await assert.rejects(works(still));
    await assert.rejects(login(second), /401/);
    assert.ok(await works(await login(third.secret)));
    const log = await rig.records.accounts.auditLog({ account: account.id, limit: 50 });
    assert.deepEqual(
      log
        .map(({ action }) => action)
        .filter((action) => action.startsWith('secret.'))
        .toReversed(),
      [...['secret.rotate', 'secret.revoke', 'secret.rotate']],
    );
  });

  test('no more than two open anything at a time', async () => {
    const { user, secret, login } = await program();
    const { secret: second } = await rotate(user.id);
    const { secret: third } = await rotate(user.id);
    await assert.rejects(login(secret), /401/);
    for (const one of [second, third]) assert.ok(await works(await login(one)));
  });

  test('a user who had none keeps none, and a wrong time is refused', async () => {
    const { account } = await program();
    const user = await rig.gateway.access.createPasswordUser('api', account.id, 'people', PASSWORD, [], 'local');
    assert.equal((await rotate(user.id)).oldSecretUntil, null);
    for (const overlap of [-1, 1.5, 30 * 86_400 + 1, '60', null]) {
      const answer = await owner.json('POST', `/v1/admin/users/${user.id}/secret`, { overlap });
      assert.equal(answer.json().code, 'request_invalid', String(overlap));
    }
  });
});
