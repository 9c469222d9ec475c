import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { buildServer } from '../../../api/server.ts';
import { createHandshakeServer } from '../../../crypto/index.ts';
import type { Account } from '../../../gateway/fax/account.ts';
import { SCOPES, type Scope } from '../../../gateway/fax/scope.ts';
import { type Rig, startRig } from './rig.ts';
import { type Opened, SealedClient } from './sealed-client.ts';

const PASSWORD = 'a long enough password';

/** A route of the API, and what it needs. */
interface Route {
  readonly method: string;
  readonly url: string;
  readonly needs: Scope | 'any' | undefined;
}

async function apiRoutes(rig: Rig): Promise<Route[]> {
  const app = buildServer({ gateway: rig.gateway, handshake: createHandshakeServer(rig.identity) });
  const found: Route[] = [];
  app.addHook('onRoute', ({ method, url, config }) => {
    if (method === 'HEAD' || config?.access !== 'api') return;
    for (const one of [method].flat()) found.push({ method: one, url, needs: config.needs });
  });
  await app.ready();
  await app.close();
  return found;
}

const codeOf = (answer: Opened): unknown => (answer.status < 400 ? null : answer.json().code);

describe('scopes of API users', () => {
  let rig: Rig;
  let acme: Account;
  let owner: SealedClient;
  let routes: readonly Route[];

  before(async () => {
    rig = await startRig();
    acme = await rig.account('acme', { sealed: 'optional' });
    await rig.gateway.access.createPasswordUser('admin', null, 'owner', PASSWORD, [], 'local');
    owner = await SealedClient.login(rig.origin, rig.pin, { realm: 'admin', user: 'owner', secret: PASSWORD });
    routes = await apiRoutes(rig);
  });
  after(() => rig.stop());

  const make = async (name: string, scopes?: readonly string[]) => {
    const answer = await owner.json('POST', '/v1/admin/accounts/acme/users', { name, ...(scopes && { scopes }) });
    assert.equal(answer.status, 201, String(answer.body));
    return answer.json() as { id: string; secret: string; scopes: string[] };
  };
  const login = (user: string, secret: string) =>
    SealedClient.login(rig.origin, rig.pin, { account: 'acme', user, secret });

  test('every route of the API says what it needs', () => {
    assert.ok(routes.length > 35, `${routes.length} routes`);
    for (const { method, url, needs } of routes) assert.ok(needs !== undefined, `${method} ${url} is for nobody`);
    assert.deepEqual([...new Set(routes.map(({ needs }) => needs))].toSorted(), [...SCOPES, 'any'].toSorted());
  });

  test('every route × every scope: who lacks it is refused before anything is looked at', async () => {
    for (const scope of SCOPES) {
      const { secret, scopes } = await make(`only-${scope}`, [scope]);
      assert.deepEqual(scopes, [scope]);
      const client = await login(`only-${scope}`, secret);
      for (const { method, url, needs } of routes) {
        if (url.endsWith('/stream')) continue; // On plain HTTPS alone; below.
        const path = url.replaceAll(/:[a-z]+/gi, 'nothing');
        const code = codeOf(await client.json(method, path, method === 'GET' || method === 'DELETE' ? undefined : {}));
        const may = needs === 'any' || needs === scope;
        assert.equal(code === 'scope_missing', !may, `${method} ${url} with ${scope}: ${code}`);
      }
    }
  });

  test('the same holds for API keys on plain HTTPS', async () => {
    const { secret } = await make('key', ['webhooks']);
    const headers = { authorization: `Bearer ${secret}` };
    const ask = async (path: string) => (await fetch(`${rig.origin}${path}`, { headers })).status;
    assert.deepEqual(
      [await ask('/v1/webhooks'), await ask('/v1/cdrs'), await ask('/v1/events/stream')],
      [200, 403, 403],
    );
  });

  test('a change ends sessions, stands in the audit log, and holds at the next log-in', async () => {
    const { id, secret, scopes } = await make('grows');
    assert.deepEqual(scopes, SCOPES);
    const before = await login('grows', secret);
    assert.equal((await before.json('GET', '/v1/cdrs')).status, 200);
    const changed = await owner.json('PATCH', `/v1/admin/users/${id}`, { scopes: ['send', 'read'] });
    assert.deepEqual(changed.json().scopes, ['send', 'read']);
    await assert.rejects(before.json('GET', '/v1/cdrs'));
    const client = await login('grows', secret);
    assert.equal(codeOf(await client.json('GET', '/v1/cdrs')), 'scope_missing');
    assert.equal((await client.json('GET', '/v1/faxes')).status, 200);
    const [entry] = (await rig.records.accounts.auditLog({ account: acme.id, limit: 50 })).filter(
      ({ object, action }) => object === id && action === 'user.update',
    );
    assert.deepEqual(entry?.detail.scopes, ['send', 'read']);
    // All of them are everything, and what comes later too.
    const whole = await owner.json('PATCH', `/v1/admin/users/${id}`, { scopes: [...SCOPES] });
    assert.deepEqual(whole.json().scopes, SCOPES);
    const { rows } = await rig.sql('select scopes from users where id = $1', [id]);
    assert.equal(rows[0]?.scopes, null);
  });

  test('there are none for administrators, no unknown ones, and no empty list', async () => {
    const users = '/v1/admin/accounts/acme/users';
    for (const scopes of [[], ['everything'], ['send', 'admin'], 'send', null]) {
      const answer = await owner.json('POST', users, { name: 'x', scopes });
      assert.equal(codeOf(answer), 'request_invalid', JSON.stringify(scopes));
    }
    const administrators = (await owner.json('GET', '/v1/admin/users')).json().items as {
      id: string;
      scopes: string[];
    }[];
    const [self] = administrators;
    assert.deepEqual(self?.scopes, []);
    assert.equal(
      codeOf(await owner.json('PATCH', `/v1/admin/users/${self?.id}`, { scopes: ['send'] })),
      'role_invalid',
    );
  });

  test('an administrator shuts no door behind which it stands', async () => {
    const { id } = (await owner.json('GET', '/v1/admin/me')).json() as { id: string };
    const other = await rig.gateway.access.createPasswordUser('admin', null, 'other', PASSWORD, [], 'local');
    const set = (user: string, cidrs: string[]) => owner.json('PATCH', `/v1/admin/users/${user}`, { cidrs });
    assert.equal(codeOf(await set(id, ['192.0.2.0/24', '2001:db8::/32'])), 'locks_out');
    assert.deepEqual((await rig.sql('select cidrs from users where id = $1', [id])).rows[0]?.cidrs, []);
    assert.equal((await set(other.id, ['192.0.2.0/24'])).status, 200, 'of others it may');
    assert.equal(
      (await set(id, ['192.0.2.0/24', '127.0.0.0/8', '::1/128'])).status,
      200,
      'with its own address it may',
    );
  });
});
