import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Account } from '../../../gateway/fax/account.ts';
import { type Rig, startRig } from './rig.ts';
import { SealedClient } from './sealed-client.ts';

type Row = Record<string, unknown>;
const PASSWORD = 'a long enough password';

describe('webhooks as administrators see them', () => {
  let rig: Rig;
  let admin: SealedClient;
  let desk: SealedClient;
  let acme: Account;
  let endpoint: Row;
  let delivery: Row;

  const administrator = async (user: string, rank: { role: 'operator' | 'auditor'; scope: Account['id'] | null }) => {
    await rig.gateway.access.createPasswordUser('admin', null, user, PASSWORD, [], 'local', rank);
    return SealedClient.login(rig.origin, rig.pin, { realm: 'admin', user, secret: PASSWORD });
  };
  const items = async (path: string) => {
    const answer = await admin.json('GET', path);
    assert.equal(answer.status, 200, `${path}: ${answer.body}`);
    return answer.json().items as Row[];
  };

  before(async () => {
    rig = await startRig();
    acme = await rig.account('acme');
    await rig.account('other');
    const { secret } = await rig.apiUser(acme, 'desk');
    desk = await SealedClient.login(rig.origin, rig.pin, { account: 'acme', user: 'desk', secret });
    admin = await administrator('ops', { role: 'operator', scope: null });
    endpoint = (await desk.json('POST', '/v1/webhooks', { url: `${rig.origin}/nobody`, types: ['fax.failed'] })).json();
    delivery = (await desk.json('POST', `/v1/webhooks/${endpoint.id}/test`)).json();
  });
  after(() => rig.stop());

  test('are listed without their secret, those of one account alone', async () => {
    assert.equal(typeof endpoint.secret, 'string');
    const { secret: _, ...shown } = endpoint;
    assert.deepEqual(await items('/v1/admin/accounts/acme/webhooks'), [shown]);
    assert.deepEqual(await items('/v1/admin/accounts/other/webhooks'), []);
  });

  test('have deliveries, by endpoint and state', async () => {
    const [found, ...others] = await items('/v1/admin/accounts/acme/webhooks/deliveries');
    assert.deepEqual([found?.id, found?.type, others.length], [delivery.id, 'webhook.test', 0]);
    const at = (query: string) => items(`/v1/admin/accounts/acme/webhooks/deliveries?${query}`);
    assert.equal((await at(`endpoint=${endpoint.id}&state=${found?.state}`)).length, 1);
    assert.deepEqual(await at('state=delivered'), []);
    assert.deepEqual(await items('/v1/admin/accounts/other/webhooks/deliveries'), []);
  });

  test('are posted again by hand, which the audit log tells; deliveries of another account are unknown', async () => {
    const retry = (account: string, id: unknown) =>
      admin.json('POST', `/v1/admin/accounts/${account}/webhooks/deliveries/${id}/retry`);
    const foreign = await retry('other', delivery.id);
    assert.deepEqual([foreign.status, foreign.json().code], [404, 'delivery_not_found']);
    assert.equal((await retry('acme', 'dlv_none')).status, 404);
    assert.equal((await retry('acme', delivery.id)).status, 204);
    const told = (await items('/v1/admin/audit')).filter(({ action }) => action === 'webhook.retry');
    assert.deepEqual(
      told.map(({ object, account }) => [object, account]),
      [[delivery.id, acme.id]],
    );
  });

  test('of all accounts stand side by side, with what has not arrived', async () => {
    const [found, ...others] = await items('/v1/admin/webhooks');
    const { secret: _, ...shown } = endpoint;
    assert.deepEqual(others, []);
    assert.partialDeepStrictEqual(found, { ...shown, account: acme.id, givenUp: 0 });
    assert.equal(Number(found?.pending), found?.oldestPending === null ? 0 : 1);
    assert.deepEqual(
      (await items('/v1/admin/webhooks/deliveries')).map(({ id, account }) => [id, account]),
      [[delivery.id, acme.id]],
    );
    assert.deepEqual(await items('/v1/admin/webhooks/deliveries?state=given_up'), []);
  });

  test('get events of the past again, from a moment or a number on, which the audit log tells', async () => {
    const replay = async (body: Row, account = 'acme', id = endpoint.id) =>
      admin.json('POST', `/v1/admin/accounts/${account}/webhooks/${id}/replay`, body);
    const { events } = rig.records;
    const made = await events.append(acme.id, 'fax.failed', null, {}, rig.gateway.clock.now());
    assert.deepEqual((await replay({ after: made.seq - 1 })).json(), { events: 1 });
    assert.deepEqual((await replay({ after: made.seq })).json(), { events: 0 });
    const [before, later] = [made.at, made.at + 1].map((at) => new Date(at).toISOString());
    assert.deepEqual((await replay({ since: before })).json(), { events: 1 });
    assert.deepEqual((await replay({ since: later })).json(), { events: 0 });
    for (const body of [{}, { after: 0, since: before }, { after: -1 }, { after: null }]) {
      assert.equal((await replay(body)).json().code, 'request_invalid', JSON.stringify(body));
    }
    assert.equal((await replay({ after: 0 }, 'other')).json().code, 'endpoint_not_found');
    const told = (await items('/v1/admin/audit')).filter(({ action }) => action === 'webhook.replay');
    assert.deepEqual(
      told.map(({ object, detail }) => [object, (detail as Row).events]),
      [0, 1, 0, 1].map((count) => [endpoint.id, count]),
    );
  });

  test('are not for auditors, because an address may hold a secret, and those of one account see its own', async () => {
    const auditor = await administrator('eyes', { role: 'auditor', scope: null });
    const bound = await administrator('acme.ops', { role: 'operator', scope: acme.id });
    const look = async (client: SealedClient, account: string) => {
      const answer = await client.json('GET', `/v1/admin/accounts/${account}/webhooks`);
      return [answer.status, answer.json().code];
    };
    assert.deepEqual(await look(auditor, 'acme'), [403, 'role_forbidden']);
    assert.deepEqual(await look(bound, 'acme'), [200, undefined]);
    assert.deepEqual(await look(bound, 'other'), [404, 'account_unknown']);
  });
});
