import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { buildServer } from '../../../api/server.ts';
import { createHandshakeServer } from '../../../crypto/index.ts';
import type { Account, User } from '../../../gateway/fax/account.ts';
import { type Rank, ROLES, type Role, reaches } from '../../../gateway/fax/role.ts';
import { type Rig, receiveFax, startRig } from './rig.ts';
import { type Opened, SealedClient } from './sealed-client.ts';

const PASSWORD = 'a long enough password';
const NUMBER = '+49301111111';
const REMOTE = '+49307654321';

/** A route as the router has it. */
interface Route {
  readonly method: string;
  readonly url: string;
  readonly access: string | undefined;
  readonly role: Role | undefined;
  readonly bound: string | undefined;
}

/** Every route of a gateway, without the HEAD of each GET. */
async function routesOf(rig: Rig): Promise<Route[]> {
  const app = buildServer({ gateway: rig.gateway, handshake: createHandshakeServer(rig.identity) });
  const found: Route[] = [];
  app.addHook('onRoute', ({ method, url, config }) => {
    if (method === 'HEAD') return;
    for (const one of [method].flat())
      found.push({ method: one, url, access: config?.access, role: config?.role, bound: config?.bound });
  });
  await app.ready();
  await app.close();
  return found;
}

/** Bodies without which a handler would not come to ask whose the fax is. */
const BODIES: Readonly<Record<string, unknown>> = { '/v1/admin/faxes/:id/resend': { mode: 'all' } };

/** Paths that name what belongs to an account. */
const BELONGING = /\/(accounts\/:account|(users|faxes|calls)\/:id)(\/|$)/;

/** An account, and ids of what belongs to it. */
interface Belongings {
  readonly account: Account;
  readonly users: string;
  readonly faxes: string;
  readonly calls: string;
}

describe('roles of administrators', () => {
  let rig: Rig;
  let routes: readonly Route[];
  let own: Account;
  let foreign: Account;
  const clients = new Map<string, SealedClient>();
  const users = new Map<string, User>();

  const administrator = async (name: string, rank: Rank): Promise<SealedClient> => {
    const { access } = rig.gateway;
    users.set(name, await access.createPasswordUser('admin', null, name, PASSWORD, [], 'local', rank));
    return SealedClient.login(rig.origin, rig.pin, { realm: 'admin', user: name, secret: PASSWORD });
  };
  const client = (name: string): SealedClient => {
    const found = clients.get(name);
    assert.ok(found, name);
    return found;
  };
  let names = 0;
  const belongings = async (account: Account, number: string): Promise<Belongings> => {
    const { user } = await rig.apiUser(account, `target-${names++}`);
    const faxes = await receiveFax(rig, account, number);
    const [ended] = await rig.records.faxes.callRecords(faxes);
    const calls = ended?.cdr.call;
    assert.ok(calls);
    return { account, users: user.id, faxes, calls };
  };

  before(async () => {
    rig = await startRig();
    own = await rig.account('acme', {}, [NUMBER]);
    foreign = await rig.account('other', {}, ['+49301111112']);
    routes = await routesOf(rig);
    for (const role of ROLES) {
      clients.set(role, await administrator(role, { role, scope: null }));
      if (role !== 'owner')
        clients.set(`${role} of acme`, await administrator(`${role}-acme`, { role, scope: own.id }));
    }
  });
  after(() => rig.stop());

  test('every route says whom it is for, and every one of the admin realm its least role', () => {
    assert.ok(routes.length > 80, `${routes.length} routes`);
    for (const { method, url, access, role } of routes) {
      assert.ok(access !== undefined, `${method} ${url} is for nobody`);
      assert.equal(url.startsWith('/v1/admin'), access === 'admin', `${method} ${url}`);
      assert.equal(role !== undefined, access === 'admin', `${method} ${url} names a role: ${role}`);
    }
  });

  test('what is bound to one account names it, and auditors change nothing', () => {
    for (const { method, url, role, bound } of routes) {
      if (bound === 'path') assert.match(url, /\/:account(\/|$)/);
      if (bound === 'user') assert.match(url, /\/:id(\/|$)/);
      // Everybody keeps their own sign-in.
      const own = url.startsWith('/v1/admin/me/');
      if (method !== 'GET' && role !== undefined && !own) assert.ok(reaches(role, 'operator'), `${method} ${url}`);
    }
  });

  /** A request to `route` about what belongs to an account; its bodies change nothing that another request needs. */
  async function ask(who: SealedClient, { method, url, bound }: Route, about: Belongings): Promise<Opened> {
    const path = url
      .replace(':account', about.account.name)
      .replace(/(users|faxes|calls)\/:id/, (_, kind: 'users' | 'faxes' | 'calls') => `${kind}/${about[kind]}`)
      .replace(':number', NUMBER)
      .replaceAll(/:[a-z]+/gi, 'nothing');
    const query = bound === 'query' ? `?account=${about.account.id}` : '';
    return who.json(method, path + query, method === 'GET' || method === 'DELETE' ? undefined : (BODIES[url] ?? {}));
  }
  const unknown = ['account_unknown', 'user_unknown', 'fax_not_found', 'call_not_found'];
  /** The code by which the roles refused; null when they did not, whatever else the answer is. */
  const refusalOf = ({ url }: Route, { status, headers, body }: Opened): string | null => {
    if (status < 400 || !headers['content-type']?.startsWith('application/problem+json')) return null;
    const { code } = JSON.parse(body.toString('utf8')) as { code: string };
    // Calls of carriers' copies are named as well, and are those of nobody here.
    const refusals = ['role_forbidden', 'route_not_found', ...(url.includes('/:call/') ? [] : unknown)];
    return refusals.includes(code) ? code : null;
  };

  test('every admin route × every role × all accounts, the own one and a foreign one', async () => {
    const admin = routes.filter(({ access }) => access === 'admin');
    const mineIs = await belongings(own, NUMBER);
    const theirsIs = await belongings(foreign, '+49301111112');
    for (const route of admin) {
      const { role: least, bound, method, url } = route;
      assert.ok(least);
      for (const role of ROLES) {
        const say = `${method} ${url} by ${role}`;
        const all = refusalOf(route, await ask(client(role), route, mineIs));
        assert.equal(all, reaches(role, least) ? null : 'role_forbidden', say);
        if (role === 'owner') continue;
        const may: boolean = reaches(role, least) && bound !== undefined;
        const mine = refusalOf(route, await ask(client(`${role} of acme`), route, mineIs));
        assert.equal(mine, may ? null : 'role_forbidden', `${say} of acme about acme`);
        const theirs = refusalOf(route, await ask(client(`${role} of acme`), route, theirsIs));
        const about = `${say} of acme about another`;
        if (!may) assert.equal(theirs, 'role_forbidden', about);
        // What names nothing of an account answers with the own one; the next tests look into that.
        else if (bound === 'own' && !BELONGING.test(url)) assert.equal(theirs, null, about);
        else assert.ok(theirs !== null && unknown.includes(theirs), `${about}: ${theirs}`);
      }
    }
  });

  test('without a log-in, and in the API realm, every admin route refuses', async () => {
    const { secret } = await rig.apiUser(own, 'desk');
    const api = await SealedClient.login(rig.origin, rig.pin, { account: 'acme', user: 'desk', secret });
    const about = await belongings(own, NUMBER);
    for (const route of routes.filter(({ access }) => access === 'admin')) {
      const answer = await ask(api, route, about);
      assert.deepEqual([answer.status, answer.json().code], [403, 'realm_forbidden'], `${route.method} ${route.url}`);
    }
  });

  test('an administrator of one account sees that account and nothing of another', async () => {
    const bound = client('admin of acme');
    const items = async (path: string) => (await bound.json('GET', path)).json().items as Record<string, unknown>[];
    assert.deepEqual(
      (await items('/v1/admin/accounts')).map(({ name }) => name),
      ['acme'],
    );
    for (const { account } of await items('/v1/admin/cdrs')) assert.equal(account, own.id);
    for (const { account } of await items('/v1/admin/faxes')) assert.equal(account, own.id);
    assert.equal((await items('/v1/admin/cdrs')).length, 2);
    assert.equal(((await client('admin').json('GET', '/v1/admin/cdrs')).json().items as unknown[]).length, 3);
    for (const { account } of await items('/v1/admin/audit?limit=500')) assert.equal(account, own.id);
    for (const { account } of await items('/v1/admin/cdrs/summary?by=account')) assert.equal(account, own.id);
    const twice = await bound.json('GET', `/v1/admin/cdrs?account=${own.id}&account=${foreign.id}`);
    assert.equal(twice.status, 404);
  });

  test('an administrator of one account changes no limit, price or protection of it', async () => {
    const path = '/v1/admin/accounts/acme';
    const bound = client('admin of acme');
    assert.equal((await bound.json('PATCH', path, { title: 'Acme', policy: { retries: 2 } })).status, 200);
    const changes: readonly [Record<string, unknown>, string][] = [
      [{ paused: false }, '/paused'],
      [{ disabled: true }, '/disabled'],
      ...['sealed', 'channels', 'budgetDay', 'destinations', 'holdNewCountries', 'header', 'carrierTags'].map(
        (name): [Record<string, unknown>, string] => [{ policy: { [name]: WISHES[name] } }, `/policy/${name}`],
      ),
    ];
    for (const [change, pointer] of changes) {
      const answer = (await bound.json('PATCH', path, change)).json();
      assert.deepEqual(
        [answer.code, answer.errors],
        ['role_forbidden', [{ pointer, detail: 'this is changed by administrators of all accounts' }]],
      );
    }
  });

  test('only an owner touches administrators, whoever they are', async () => {
    const { id } = await rig.gateway.access.createPasswordUser('admin', null, 'victim', PASSWORD, [], 'local', {
      ...{ role: 'auditor', scope: own.id },
    });
    for (const [name, code] of [
      ['admin', 'role_forbidden'],
      ['admin of acme', 'user_unknown'],
    ] as const) {
      for (const [method, path, body] of [
        ['PATCH', '', { role: 'owner' }],
        ['PUT', '/password', { password: PASSWORD }],
        ['POST', '/totp', undefined],
        ['DELETE', '/totp', undefined],
      ] as const) {
        const answer = await client(name).json(method, `/v1/admin/users/${id}${path}`, body);
        assert.equal(answer.json().code, code, `${name}: ${method} ${path}`);
      }
    }
    const changed = await client('owner').json('PATCH', `/v1/admin/users/${id}`, { role: 'operator', scope: null });
    assert.deepEqual([changed.json().role, changed.json().scope], ['operator', null]);
  });

  test('me says who asks and what it may do', async () => {
    const me = (await client('auditor of acme').json('GET', '/v1/admin/me')).json();
    const id = users.get('auditor-acme')?.id;
    assert.deepEqual(me, {
      ...{ id, name: 'auditor-acme', role: 'auditor', scope: { id: own.id, name: 'acme' } },
      ...{ totp: false, address: '127.0.0.1', numbersMasked: true },
    });
    const owner = (await client('owner').json('GET', '/v1/admin/me')).json();
    assert.partialDeepStrictEqual(owner, { role: 'owner', scope: null, numbersMasked: false });
  });

  test('auditors see the last four digits of numbers, all others the whole of them', async () => {
    const cdrs = async (name: string) =>
      (await client(name).json('GET', `/v1/admin/cdrs?account=${own.id}`)).json().items as Record<string, unknown>[];
    assert.equal((await cdrs('operator'))[0]?.to, NUMBER);
    for (const name of ['auditor', 'auditor of acme']) {
      const [cdr] = await cdrs(name);
      assert.equal(cdr?.to, '+•••••••1111');
      assert.doesNotMatch(JSON.stringify(cdr), /301111/);
    }
  });

  test('no route shows an auditor a number that an account has sent to', async () => {
    const { secret } = await rig.apiUser(own, 'sender');
    const sender = await SealedClient.login(rig.origin, rig.pin, { account: 'acme', user: 'sender', secret });
    const headers = { 'content-type': 'text/plain', 'idempotency-key': 'masked' };
    const to = `to=${encodeURIComponent(REMOTE)}&tag.who=${encodeURIComponent(REMOTE)}`;
    const sent = await sender.send('POST', `/v1/faxes?${to}`, headers, [Buffer.from('a letter')]);
    assert.equal(sent.status, 202, sent.body.toString());
    await rig.intake.settled();
    const faxes = String(sent.json().id);
    assert.equal((await sender.json('POST', `/v1/faxes/${faxes}/cancel`)).status, 200);
    const query = { number: REMOTE, prefix: REMOTE.slice(0, -1) };
    const saved = await client('operator').json('PUT', '/v1/admin/reports/nothing', { query });
    assert.deepEqual(saved.json().query, { ...query, group: 'month', by: [], percentiles: false });
    const about = { ...(await belongings(own, NUMBER)), faxes };
    const shown: string[] = [];
    for (const route of routes.filter(
      ({ method, access, role }) => method === 'GET' && access === 'admin' && role === 'auditor',
    )) {
      const text = (await ask(client('auditor'), route, about)).body.toString('utf8');
      assert.ok(!text.includes(REMOTE.slice(1, -4)), `GET ${route.url}: ${text.slice(0, 2_000)}`);
      if (text.includes(`•${REMOTE.slice(-4)}`)) shown.push(route.url);
    }
    for (const url of [
      '/v1/admin/cdrs',
      '/v1/admin/cdrs.csv',
      '/v1/admin/cdrs.jsonl',
      '/v1/admin/faxes',
      '/v1/admin/faxes/:id',
      '/v1/admin/reports/:name',
    ])
      assert.ok(shown.includes(url), `${url} shows the end of the number`);
    const whole = await client('operator').json('GET', `/v1/admin/faxes/${faxes}`);
    assert.equal(whole.json().to, REMOTE);
  });

  test('a change of role, and the end of the account, end the sessions of those concerned', async () => {
    const access = rig.gateway.access;
    const one = await administrator('leaving', { role: 'admin', scope: null });
    const user = users.get('leaving');
    assert.ok(user);
    await access.changeUser(user.id, { role: 'auditor' }, 'local');
    await assert.rejects(one.json('GET', '/v1/admin/me'), { code: 'session_unknown' });
    const closing = await rig.account('closing');
    const bound = await administrator('bound', { role: 'admin', scope: closing.id });
    await access.changeAccount(closing.id, { disabled: true }, 'local');
    const answer = await bound.json('GET', '/v1/admin/me');
    assert.equal(answer.json().code, 'session_ended');
    const again = SealedClient.login(rig.origin, rig.pin, { realm: 'admin', user: 'bound', secret: PASSWORD });
    await assert.rejects(again, /401/);
  });
});

/** Changes of a policy that its administrator must not make. */
const WISHES: Readonly<Record<string, unknown>> = {
  ...{ sealed: 'optional', channels: 500, budgetDay: null, destinations: null, holdNewCountries: false },
  ...{ header: false, carrierTags: [] },
};
