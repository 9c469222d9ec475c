import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Account, User } from '../../../gateway/fax/account.ts';
import type { Rank } from '../../../gateway/fax/role.ts';
import { type Rig, startRig } from './rig.ts';
import { type Opened, SealedClient } from './sealed-client.ts';

const PASSWORD = 'a long enough password';
const DAILY = { every: 'daily', hour: 7 };

describe('notices and scheduled reports over the API', () => {
  let rig: Rig;
  let acme: Account;
  let other: Account;
  const users = new Map<string, User>();
  const clients = new Map<string, SealedClient>();
  const add = async (name: string, rank: Rank): Promise<void> => {
    const { access } = rig.gateway;
    users.set(name, await access.createPasswordUser('admin', null, name, PASSWORD, [], 'local', rank));
    const client = await SealedClient.login(rig.origin, rig.pin, { realm: 'admin', user: name, secret: PASSWORD });
    clients.set(name, client);
  };
  const ask = async (name: string, method: string, path: string, body?: unknown) => {
    const client = clients.get(name);
    assert.ok(client);
    return read(await client.json(method, path, body));
  };
  const read = ({ status, body }: Opened) => ({
    status,
    body: body.length === 0 ? null : JSON.parse(body.toString('utf8')),
  });
  const idOf = (name: string): string => users.get(name)?.id ?? '';

  before(async () => {
    const mailer = { send: async () => ({ result: 'sent' }) as const, close: () => undefined };
    const runReport = async () => assert.fail('no report is due here');
    rig = await startRig({ post: { mailer, host: 'fax.example.org', runReport } });
    acme = await rig.account('acme');
    other = await rig.account('other');
    await add('owner', { role: 'owner', scope: null });
    await add('operator', { role: 'operator', scope: null });
    await add('auditor', { role: 'auditor', scope: null });
    await add('bound', { role: 'admin', scope: acme.id });
    await add('foreign', { role: 'admin', scope: other.id });
  });
  after(() => rig.stop());

  test('an administrator says where the own notices go; both addresses are told', async () => {
    const before = await ask('auditor', 'GET', '/v1/admin/me/notices');
    assert.deepEqual(before, { status: 200, body: { addresses: [], topics: [], sends: true } });
    const wish = { addresses: ['Anna@Example.ORG', 'Anna@example.org'], topics: ['carriers', 'audit', 'carriers'] };
    const set = await ask('auditor', 'PUT', '/v1/admin/me/notices', wish);
    const expected = { addresses: ['Anna@example.org'], topics: ['audit', 'carriers'], sends: true };
    assert.deepEqual(set, { status: 200, body: expected });
    assert.deepEqual((await ask('auditor', 'GET', '/v1/admin/me/notices')).body, expected);
    const { body } = await ask('owner', 'GET', '/v1/admin/mail?state=waiting');
    assert.deepEqual(
      body.items.map(({ to, kind, account }: Record<string, unknown>) => [to, kind, account]),
      [['Anna@example.org', 'addresses_changed', null]],
    );
  });

  test('an owner says it for others, and for an administrator alone', async () => {
    const path = `/v1/admin/users/${idOf('operator')}/notices`;
    assert.equal((await ask('operator', 'PUT', path, { addresses: [] })).status, 403);
    assert.equal((await ask('owner', 'PUT', path, { addresses: ['ben@example.org'] })).status, 200);
    assert.deepEqual((await ask('operator', 'GET', '/v1/admin/me/notices')).body.addresses, ['ben@example.org']);
    const { user } = await rig.apiUser(acme, 'erp');
    const wrong = await ask('owner', 'GET', `/v1/admin/users/${user.id}/notices`);
    assert.deepEqual([wrong.status, wrong.body.code], [422, 'realm_mismatch']);
  });

  test('an account has addresses of its own, for what concerns accounts', async () => {
    const path = '/v1/admin/accounts/acme/notices';
    const wish = { addresses: ['desk@example.org'], topics: ['budgets', 'destinations'] };
    assert.equal((await ask('bound', 'PUT', path, wish)).status, 200);
    assert.equal((await ask('foreign', 'GET', path)).status, 404);
    const wrong = await ask('owner', 'PUT', path, { ...wish, topics: ['carriers'] });
    assert.deepEqual([wrong.status, wrong.body.code], [400, 'request_invalid']);
    const mine = await ask('bound', 'PUT', '/v1/admin/me/notices', {
      addresses: ['b@example.org'],
      topics: ['backups'],
    });
    assert.deepEqual([mine.status, mine.body.errors[0].pointer], [400, '/topics']);
  });

  test('what is no address, too many, or an unknown topic is refused with its place', async () => {
    const wishes = {
      '/addresses/0': { addresses: ['anna@example.org\r\nBcc: x@example.org'] },
      '/addresses/1': { addresses: ['a@example.org', 'Anna <anna@example.org>'] },
      '/addresses': { addresses: Array.from({ length: 6 }, (_, index) => `a${index}@example.org`) },
      '/topics/0': { addresses: [], topics: ['everything'] },
    };
    for (const [pointer, wish] of Object.entries(wishes)) {
      const { status, body } = await ask('owner', 'PUT', '/v1/admin/me/notices', wish);
      assert.deepEqual([status, body.errors?.[0]?.pointer], [400, pointer]);
    }
  });

  test('a trial is in the outbox, of its own account for an administrator of one', async () => {
    assert.equal((await ask('operator', 'POST', '/v1/admin/mail/trial', { to: 'x@example.org' })).status, 403);
    assert.equal((await ask('bound', 'POST', '/v1/admin/mail/trial', { to: 'x@example.org' })).status, 202);
    assert.equal((await ask('owner', 'POST', '/v1/admin/mail/trial', { to: 'y@example.org' })).status, 202);
    const trials = async (name: string) =>
      (await ask(name, 'GET', '/v1/admin/mail?limit=500')).body.items
        .filter(({ kind }: { kind: string }) => kind === 'trial')
        .map(({ to }: { to: string }) => to);
    assert.deepEqual((await trials('owner')).toSorted(), ['x@example.org', 'y@example.org']);
    assert.deepEqual(await trials('bound'), ['x@example.org']);
    assert.deepEqual(await trials('foreign'), []);
    const { items } = (await ask('owner', 'GET', '/v1/admin/audit?limit=5')).body;
    assert.ok(
      items.some(({ action, actor }: Record<string, string>) => action === 'mail.trial' && actor === idOf('owner')),
    );
    const [newest] = (await ask('owner', 'GET', '/v1/admin/mail?limit=1')).body.items;
    const rest = (await ask('owner', 'GET', `/v1/admin/mail?limit=500&before=${newest.id}`)).body.items;
    assert.ok(!rest.some(({ id }: { id: string }) => id === newest.id) && rest.length > 0);
  });

  test('a saved report is mailed by a schedule, which ends with it', async () => {
    const path = '/v1/admin/reports/failures/schedule';
    const wish = { ...DAILY, administrators: [idOf('auditor'), idOf('operator')], timeZone: 'Europe/Berlin' };
    assert.equal((await ask('operator', 'PUT', path, wish)).body.code, 'report_not_found');
    await ask('operator', 'PUT', '/v1/admin/reports/failures', { query: { period: 'yesterday' } });
    assert.equal((await ask('operator', 'GET', path)).body.code, 'report_schedule_not_found');
    assert.equal((await ask('auditor', 'PUT', path, wish)).status, 403);
    const { status, body } = await ask('operator', 'PUT', path, wish);
    assert.equal(status, 200);
    assert.deepEqual(
      [body.every, body.hour, body.weekday, body.day, body.timeZone],
      ['daily', 7, 1, 1, 'Europe/Berlin'],
    );
    assert.deepEqual([body.administrators, body.account, body.addresses], [wish.administrators, false, 2]);
    assert.ok(Date.parse(body.nextAt) > Date.now());
    assert.deepEqual((await ask('auditor', 'GET', path)).body, body);
    // The reports of an account's administrators are others.
    assert.equal((await ask('bound', 'GET', path)).body.code, 'report_schedule_not_found');
    assert.equal((await ask('operator', 'DELETE', path)).status, 204);
    assert.equal((await ask('operator', 'DELETE', path)).body.code, 'report_schedule_not_found');
  });

  test('readers are those who may see the report', async () => {
    const path = '/v1/admin/reports/own/schedule';
    for (const name of ['bound', 'operator']) await ask(name, 'PUT', '/v1/admin/reports/own', { query: {} });
    const put = (name: string, wish: object) => ask(name, 'PUT', path, { ...DAILY, ...wish });
    for (const [name, wish, pointer] of [
      ['bound', { administrators: [idOf('foreign')] }, '/administrators'],
      ['operator', { administrators: [idOf('bound')] }, '/administrators'],
      ['operator', { account: true }, '/account'],
      ['operator', {}, '/administrators'],
    ] as const) {
      const { status, body } = await put(name, wish);
      assert.ok(status >= 400 && status < 500, name);
      assert.equal(body.errors?.[0]?.pointer, pointer);
    }
    const good = await put('bound', { administrators: [idOf('bound')], account: true });
    assert.deepEqual(
      [good.status, good.body.addresses],
      [200, 1],
      'the address of the account; the bound one has none',
    );
  });

  test('a customer has its own reports mailed to the addresses of the account, in its own time zone', async () => {
    const { secret } = await rig.apiUser(acme, 'reporter');
    const client = await SealedClient.login(rig.origin, rig.pin, { account: 'acme', user: 'reporter', secret });
    const json = async (method: string, path: string, body?: unknown) => read(await client.json(method, path, body));
    await json('PUT', '/v1/reports/mine', { query: { period: 'last_month' } });
    const path = '/v1/reports/mine/schedule';
    const monthly = { every: 'monthly', hour: 6, day: 2 };
    const { status, body } = await json('PUT', path, monthly);
    assert.deepEqual([status, body.account, body.administrators, body.timeZone], [200, true, [], acme.policy.timeZone]);
    assert.equal(
      (await json('PUT', path, { ...monthly, administrators: [idOf('owner')] })).body.code,
      'request_invalid',
    );
    assert.equal((await json('PUT', path, { ...monthly, account: false })).body.code, 'request_invalid');
    for (const wrong of [
      { hour: 24 },
      { day: 29 },
      { every: 'hourly' },
      { timeZone: '+02:00' },
      { timeZone: 'Mars/Base' },
    ]) {
      assert.equal((await json('PUT', path, { ...monthly, ...wrong })).status, 400, JSON.stringify(wrong));
    }
    assert.equal((await json('DELETE', path)).status, 204);
  });
});

describe('a gateway without a server for mails', () => {
  test('says so, and keeps the settings all the same', async () => {
    const rig = await startRig();
    try {
      const { access } = rig.gateway;
      await access.createPasswordUser('admin', null, 'owner', PASSWORD, [], 'local');
      const client = await SealedClient.login(rig.origin, rig.pin, { realm: 'admin', user: 'owner', secret: PASSWORD });
      const json = async (method: string, path: string, body?: unknown) => {
        const { status, body: text } = await client.json(method, path, body);
        return { status, body: JSON.parse(text.toString('utf8')) };
      };
      const set = await json('PUT', '/v1/admin/me/notices', { addresses: ['a@example.org'] });
      assert.deepEqual(set.body, { addresses: ['a@example.org'], topics: [], sends: false });
      const trial = await json('POST', '/v1/admin/mail/trial', { to: 'a@example.org' });
      assert.deepEqual([trial.status, trial.body.code], [409, 'mail_off']);
      assert.deepEqual((await json('GET', '/v1/admin/mail')).body, { items: [], sends: false });
    } finally {
      await rig.stop();
    }
  });
});
