import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { buildServer } from '../../../api/server.ts';
import { createHandshakeServer } from '../../../crypto/index.ts';
import type { Account, User } from '../../../gateway/fax/account.ts';
import { type Rig, receiveFax, startRig } from './rig.ts';
import { type Opened, post, SealedClient } from './sealed-client.ts';

const PASSWORD = 'a long enough password';
const NUMBER = '+49301111111';
const HERE = '127.0.0.1';

/** An entry as the table has it. */
interface Entry {
  readonly actor: string;
  readonly address: string | null;
  readonly account: string | null;
  readonly action: string;
  readonly object: string | null;
  readonly detail: Record<string, unknown>;
}

/** Routes of administrators that change nothing, or whose entries tests of their own look for. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'POST /v1/admin/me/passkeys/options': 'a challenge, kept nowhere',
  'POST /v1/admin/me/passkeys': 'passkeys.test.ts',
  'PATCH /v1/admin/me/passkeys/:passkey': 'passkeys.test.ts',
  'DELETE /v1/admin/me/passkeys/:passkey': 'passkeys.test.ts',
  'DELETE /v1/admin/users/:id/passkeys/:passkey': 'passkeys.test.ts',
  'PUT /v1/admin/users/:id/identity': 'open-id tests',
  'DELETE /v1/admin/users/:id/identity': 'open-id tests',
  'POST /v1/admin/mail/trial': 'mail.test.ts',
  'POST /v1/admin/accounts/:account/covers/:name': 'covers.test.ts',
  'DELETE /v1/admin/accounts/:account/covers/:name': 'covers.test.ts',
  'POST /v1/admin/carriers/:carrier/numbers': 'numbers.test.ts',
  'POST /v1/admin/carriers/:carrier/reset': 'carrier-health.test.ts',
  'POST /v1/admin/faxes/:id/release': 'fax-sending.test.ts',
  'POST /v1/admin/faxes/:id/resend': 'fax-administration.test.ts',
  'POST /v1/admin/accounts/:account/faxes': 'fax-sending.test.ts',
  'POST /v1/admin/purges/:call/retry': 'purges.test.ts',
  'POST /v1/admin/restore/confirm': 'restore.test.ts',
  'POST /v1/admin/me/totp/confirm': 'sign-in.test.ts',
  'POST /v1/admin/me/recovery-codes': 'sign-in.test.ts',
  'POST /v1/admin/users/:id/totp/confirm': 'totp.test.ts',
  'DELETE /v1/admin/lessons/:number': 'carrier-health.test.ts',
  'DELETE /v1/admin/users/:id/sessions/:session': 'sign-in.test.ts',
  'DELETE /v1/admin/me/sessions/:session': 'sign-in.test.ts',
};

describe('the audit log names who has done what, and from where', () => {
  let rig: Rig;
  let acme: Account;
  let owner: SealedClient;
  let me: User;
  let desk: User;
  let api: SealedClient;
  const asked = new Set<string>();

  /** What `act` has added to the log. */
  const added = async (act: () => Promise<unknown>): Promise<Entry[]> => {
    const { rows } = await rig.sql('select coalesce(max(id), 0) as last from audit');
    await act();
    const entries = await rig.sql('select * from audit where id > $1 order by id', [rows[0]?.last]);
    return entries.rows as unknown as Entry[];
  };
  const ok = async (answer: Promise<Opened>): Promise<Opened> => {
    const one = await answer;
    assert.ok(one.status < 300, `${one.status} ${one.body}`);
    return one;
  };
  /** Asks as the owner, and finds the entry of it. */
  const tells = async (action: string, method: string, path: string, body?: unknown, route?: string) => {
    asked.add(`${method} ${route ?? path}`);
    const entries = await added(() => ok(owner.json(method, path, body)));
    const entry = entries.find((one) => one.action === action);
    assert.ok(entry, `${method} ${path} tells ${JSON.stringify(entries.map((one) => one.action))}`);
    assert.deepEqual([entry.actor, entry.address], [me.id, HERE], `${method} ${path}`);
    return entry;
  };

  before(async () => {
    rig = await startRig();
    acme = await rig.account('acme', { sealed: 'optional' }, [NUMBER]);
    me = await rig.gateway.access.createPasswordUser('admin', null, 'root', PASSWORD, [], 'local');
    owner = await SealedClient.login(rig.origin, rig.pin, { realm: 'admin', user: 'root', secret: PASSWORD });
    const made = await rig.apiUser(acme, 'desk');
    desk = made.user;
    api = await SealedClient.login(rig.origin, rig.pin, { account: 'acme', user: 'desk', secret: made.secret });
  });
  after(() => rig.stop());

  test('of accounts and what belongs to them', async () => {
    const account = '/v1/admin/accounts/:account';
    await tells('account.create', 'POST', '/v1/admin/accounts', { name: 'brand-new' });
    const policy = { sealed: 'required', retries: 5, senderName: 'Dr Who' };
    const entry = await tells('account.update', 'PATCH', '/v1/admin/accounts/acme', { policy }, account);
    assert.deepEqual(entry.detail.policy, { sealed: 'required', retries: 5, senderName: 'changed' });
    assert.doesNotMatch(JSON.stringify(entry), /Who/);
    await tells('account.update', 'POST', '/v1/admin/accounts/acme/pause', { reason: 'a look' }, `${account}/pause`);
    await tells('account.update', 'POST', '/v1/admin/accounts/acme/resume', undefined, `${account}/resume`);
    const other = '/v1/admin/accounts/brand-new';
    const number = '+49302222222';
    await tells('number.add', 'POST', `${other}/numbers`, { number }, `${account}/numbers`);
    const held = `/v1/admin/numbers/${number}`;
    await tells('number.subaddress_only', 'PATCH', held, { subaddressOnly: true }, '/v1/admin/numbers/:number');
    const sub = '/v1/admin/numbers/:number/subaddresses/:subaddress';
    await tells('subaddress.add', 'PUT', `${held}/subaddresses/12`, { account: 'brand-new' }, sub);
    await tells('subaddress.remove', 'DELETE', `${held}/subaddresses/12`, undefined, sub);
    await tells('number.remove', 'DELETE', `${other}/numbers/${number}`, undefined, `${account}/numbers/:number`);
    const place = `${account}/destinations/:place`;
    await tells('destination.approved', 'PUT', `${other}/destinations/FR`, { decision: 'approved' }, place);
    await tells('destination.undecided', 'DELETE', `${other}/destinations/FR`, undefined, place);
    const notices = { addresses: ['a@example.org'], topics: [] };
    await tells('notices.change', 'PUT', `${other}/notices`, notices, `${account}/notices`);
    await tells('account.close', 'POST', `${other}/close`, { days: 30 }, `${account}/close`);
    await tells('account.reopen', 'POST', `${other}/reopen`, undefined, `${account}/reopen`);
  });

  test('of users', async () => {
    const users = '/v1/admin/users';
    const account = '/v1/admin/accounts/acme/users';
    await tells('user.create', 'POST', account, { name: 'app' }, '/v1/admin/accounts/:account/users');
    await tells('user.create', 'POST', users, { name: 'ben', password: PASSWORD, role: 'operator' });
    const one = (await rig.gateway.access.createPasswordUser('admin', null, 'eve', PASSWORD, [], 'local')).id;
    await tells('user.update', 'PATCH', `${users}/${one}`, { role: 'auditor' }, `${users}/:id`);
    await tells('user.password', 'PUT', `${users}/${one}/password`, { password: PASSWORD }, `${users}/:id/password`);
    await tells('totp.pending', 'POST', `${users}/${one}/totp`, undefined, `${users}/:id/totp`);
    await tells('totp.remove', 'DELETE', `${users}/${one}/totp`, undefined, `${users}/:id/totp`);
    await tells('notices.change', 'PUT', `${users}/${one}/notices`, { addresses: [] }, `${users}/:id/notices`);
    await tells('session.end', 'DELETE', `${users}/${one}/sessions`, undefined, `${users}/:id/sessions`);
    const app = (await rig.apiUser(acme, 'old')).user.id;
    await tells('secret.rotate', 'POST', `${users}/${app}/secret`, { overlap: 60 }, `${users}/:id/secret`);
    await tells('secret.revoke', 'DELETE', `${users}/${app}/secret/old`, undefined, `${users}/:id/secret/old`);
  });

  test('of the own sign-in', async () => {
    const own = '/v1/admin/me';
    await tells('step_up', 'POST', `${own}/step-up`, { secret: PASSWORD });
    await tells('user.password', 'PUT', `${own}/password`, { password: PASSWORD });
    await tells('totp.pending', 'POST', `${own}/totp`);
    await tells('totp.remove', 'DELETE', `${own}/totp`);
    await tells('notices.change', 'PUT', `${own}/notices`, { addresses: [] });
    await tells('session.end', 'DELETE', `${own}/sessions`);
  });

  test('of carriers, keys, reports and webhooks', async () => {
    const carrier = '/v1/admin/carriers/:carrier';
    await tells('carrier.pause', 'POST', '/v1/admin/carriers/trunk/pause', { reason: 'a look' }, `${carrier}/pause`);
    await tells('carrier.resume', 'POST', '/v1/admin/carriers/trunk/resume', undefined, `${carrier}/resume`);
    await tells('key.rotate', 'POST', '/v1/admin/keys/rotate', { key: 'webhook' });
    const report = '/v1/admin/reports/all';
    await tells('report.save', 'PUT', report, { query: {} }, '/v1/admin/reports/:name');
    const daily = { every: 'daily', hour: 6, administrators: [me.id] };
    const schedule = '/v1/admin/reports/:name/schedule';
    await tells('report.schedule', 'PUT', `${report}/schedule`, daily, schedule);
    await tells('report.unschedule', 'DELETE', `${report}/schedule`, undefined, schedule);
    await tells('report.remove', 'DELETE', report, undefined, '/v1/admin/reports/:name');
    const hooks = '/v1/admin/accounts/:account/webhooks';
    const of = '/v1/admin/accounts/acme/webhooks';
    const added = await tells('webhook.add', 'POST', of, { url: `${rig.origin}/nobody` }, hooks);
    const endpoint = { id: added.object };
    await tells('webhook.change', 'PATCH', `${of}/${endpoint.id}`, { types: ['fax.failed'] }, `${hooks}/:id`);
    await tells('webhook.rotate', 'POST', `${of}/${endpoint.id}/rotate`, undefined, `${hooks}/:id/rotate`);
    const test = (await ok(api.json('POST', `/v1/webhooks/${endpoint.id}/test`))).json();
    await tells('webhook.replay', 'POST', `${of}/${endpoint.id}/replay`, { after: 0 }, `${hooks}/:id/replay`);
    const again = `${of}/deliveries/${test.id}/retry`;
    await tells('webhook.retry', 'POST', again, undefined, `${hooks}/deliveries/:id/retry`);
    await tells('webhook.remove', 'DELETE', `${of}/${endpoint.id}`, undefined, `${hooks}/:id`);
  });

  test('of faxes: who cancels one, and who looks at its pages', async () => {
    const headers = { 'content-type': 'text/plain', 'idempotency-key': 'one' };
    const sent = await ok(api.send('POST', '/v1/faxes?to=%2B49307654321', headers, [Buffer.from('a letter')]));
    await rig.intake.settled();
    const fax = `/v1/admin/faxes/${sent.json().id}`;
    const seen = await tells('fax.preview', 'GET', `${fax}/preview/1`, undefined, '/v1/admin/faxes/:id/preview/:page');
    assert.deepEqual(seen.detail, { page: 1 });
    await tells('fax.canceled', 'POST', `${fax}/cancel`, undefined, '/v1/admin/faxes/:id/cancel');
  });

  test('of exports', async () => {
    const filtered = `/v1/admin/cdrs.csv?account=${acme.id}&number=%2B49307654321`;
    const entry = await tells('cdr.export', 'GET', filtered);
    assert.deepEqual([entry.account, entry.detail], [acme.id, { format: 'csv', filters: ['number'] }]);
    assert.doesNotMatch(JSON.stringify(entry), /7654321/);
    await tells('cdr.export', 'GET', '/v1/admin/cdrs.jsonl');
    await tells('audit.export', 'GET', '/v1/admin/audit.jsonl');
  });

  test('every route of administrators that changes something has been asked here, or elsewhere', async () => {
    const app = buildServer({ gateway: rig.gateway, handshake: createHandshakeServer(rig.identity) });
    const routes: string[] = [];
    app.addHook('onRoute', ({ method, url, config }) => {
      if (config?.access !== 'admin') return;
      for (const one of [method].flat()) if (!['GET', 'HEAD'].includes(one)) routes.push(`${one} ${url}`);
    });
    await app.ready();
    await app.close();
    assert.deepEqual(routes.filter((route) => !asked.has(route) && ELSEWHERE[route] === undefined).toSorted(), []);
    for (const route of Object.keys(ELSEWHERE)) assert.ok(routes.includes(route), `${route} is no more`);
  });

  test('of what an account does itself with webhooks, pages, exports and faxes', async () => {
    const tellsOf = async (action: string, method: string, path: string, body?: unknown) => {
      let answer: Opened | undefined;
      const entries = await added(async () => {
        answer = await ok(api.json(method, path, body));
      });
      const entry = entries.find((one) => one.action === action);
      assert.ok(entry, `${method} ${path} tells ${JSON.stringify(entries.map((one) => one.action))}`);
      assert.deepEqual([entry.actor, entry.address, entry.account], [desk.id, HERE, acme.id], `${method} ${path}`);
      return { entry, answer };
    };
    const url = `${rig.origin}/nobody?token=hush`;
    const { answer, entry } = await tellsOf('webhook.add', 'POST', '/v1/webhooks', { url, types: [] });
    const id = String(answer?.json().id);
    assert.equal(entry.object, id);
    assert.doesNotMatch(JSON.stringify(entry), /hush/, 'addresses may hold a secret of their receiver');
    const change = await tellsOf('webhook.change', 'PATCH', `/v1/webhooks/${id}`, { url: `${url}2`, disabled: true });
    assert.deepEqual(change.entry.detail, { changed: ['url', 'disabled'] });
    await tellsOf('webhook.rotate', 'POST', `/v1/webhooks/${id}/rotate`);
    await tellsOf('webhook.replay', 'POST', `/v1/webhooks/${id}/replay`, { after: 0 });
    await tellsOf('webhook.remove', 'DELETE', `/v1/webhooks/${id}`);
    await tellsOf('cdr.export', 'GET', '/v1/cdrs.csv');
    await tellsOf('cdr.export', 'GET', '/v1/cdrs.jsonl');
    const inbound = await receiveFax(rig, acme, NUMBER);
    await tellsOf('fax.preview', 'GET', `/v1/inbound/${inbound}/pages/1`);
    await tellsOf('fax.fetch', 'GET', `/v1/inbound/${inbound}/document?format=pdf`);
    const headers = { 'content-type': 'text/plain', 'idempotency-key': 'two' };
    const sent = await ok(api.send('POST', '/v1/faxes?to=%2B49307654322', headers, [Buffer.from('a letter')]));
    await rig.intake.settled();
    await tellsOf('fax.preview', 'GET', `/v1/faxes/${sent.json().id}/preview/1`);
    await tellsOf('fax.canceled', 'POST', `/v1/faxes/${sent.json().id}/cancel`);
  });

  test('of a right API key that comes from where its user may not be, once in a while', async () => {
    await rig.gateway.access.changeAccount(acme.id, { policy: { sealed: 'optional' } }, 'local');
    const { secret, user } = await rig.apiUser(acme, 'far', ['192.0.2.0/24']);
    const ask = () => post(rig.origin, '/v1/session', '', [], { authorization: `Bearer ${secret}` }, 'GET');
    const entries = await added(async () => {
      for (let times = 0; times < 3; times++) assert.equal((await ask()).status, 401);
    });
    assert.deepEqual(
      entries.map(({ actor, address, action, account }) => [actor, address, action, account]),
      [[user.id, HERE, 'login.denied', acme.id]],
    );
  });
});
