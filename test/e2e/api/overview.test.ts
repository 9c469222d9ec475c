import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Account } from '../../../gateway/fax/account.ts';
import { type Rig, startRig } from './rig.ts';
import { SealedClient } from './sealed-client.ts';

const HOUR = 3_600_000;
const PASSWORD = 'a long enough password';

describe('the overview for operators', () => {
  let rig: Rig;
  let admin: SealedClient;
  let account: Account;
  const host = [{ level: 'red', code: 'swap', text: 'pages may be swapped to a disk', accepted: true }] as const;

  const inForce = [
    { variable: 'SEALFAX_PORT', about: 'Where it listens.', value: '8443', from: 'default', hidden: false },
    { variable: 'SEALFAX_CARRIERS', about: 'Ways out.', value: null, from: 'environment', hidden: true },
  ] as const;

  before(async () => {
    rig = await startRig({ settings: { host, inForce } });
    account = await rig.account('acme', {}, ['+49301111111']);
    await rig.gateway.access.createPasswordUser('admin', null, 'root', PASSWORD, [], 'local');
    admin = await SealedClient.login(rig.origin, rig.pin, { realm: 'admin', user: 'root', secret: PASSWORD });
  });
  after(() => rig.stop());

  const read = async (path: string) => {
    const answer = await admin.json('GET', path);
    assert.equal(answer.status, 200, answer.body.toString());
    return answer.json();
  };

  /** A sum of one quarter of an hour, as the end of calls writes it. */
  const sum = (slot: number, of: string, result: string, cdrs: number) =>
    rig.sql(
      `insert into cdr_sums (unit, slot, account, direction, carrier, result, cause, cdrs, calls, pages, billable_calls,
         billable_seconds, cost, unpriced_calls)
       values ('quarter', $1, $2, 'outbound', 'trunk', $3, 'ok', $4, $4, 2 * $4::integer, 0, 0, 0, 0)`,
      [slot, of, result, cdrs],
    );

  test('adds up the quarters of each hour, by direction and result, and nothing older', async () => {
    const other = await rig.account('other');
    const hour = Date.now() - (Date.now() % HOUR);
    await sum(hour, account.id, 'ok', 3);
    await sum(hour + HOUR / 4, account.id, 'ok', 4);
    await sum(hour, other.id, 'failed', 1);
    await sum(hour - 30 * HOUR, account.id, 'ok', 100);
    const start = new Date(hour).toISOString();
    const delivered = { start, direction: 'outbound', result: 'ok', cdrs: 7, pages: 14 };
    const failed = { start, direction: 'outbound', result: 'failed', cdrs: 1, pages: 2 };
    assert.deepEqual((await read('/v1/admin/overview')).hours, [failed, delivered]);
    assert.deepEqual((await read(`/v1/admin/overview?account=${account.id}`)).hours, [delivered]);
    assert.equal(((await read('/v1/admin/overview?hours=48')).hours as unknown[]).length, 3);
    const refused = await admin.json('GET', '/v1/admin/overview?hours=100000');
    assert.equal(refused.status, 400);
  });

  test('counts faxes that are unfinished', async () => {
    assert.deepEqual((await read('/v1/admin/overview')).states, {});
    const { secret } = await rig.apiUser(account, 'desk');
    const desk = await SealedClient.login(rig.origin, rig.pin, { account: 'acme', user: 'desk', secret });
    const at = encodeURIComponent(new Date(Date.now() + HOUR).toISOString());
    const headers = { 'content-type': 'text/plain', 'idempotency-key': 'overview-1' };
    const document = [new TextEncoder().encode('pages:1')];
    const sent = await desk.send('POST', `/v1/faxes?to=%2B49302222222&scheduledAt=${at}`, headers, document);
    assert.equal(sent.status, 202, sent.body.toString());
    await rig.intake.settled();
    assert.deepEqual((await read('/v1/admin/overview')).states, { queued: 1 });
    assert.deepEqual((await read(`/v1/admin/overview?account=${account.id}`)).states, { queued: 1 });
  });

  test('shows settings as they are in force, to administrators of all accounts alone', async () => {
    assert.deepEqual((await read('/v1/admin/settings')).items, inForce);
    const rank = { role: 'admin', scope: account.id } as const;
    await rig.gateway.access.createPasswordUser('admin', null, 'ours', PASSWORD, [], 'local', rank);
    const ours = await SealedClient.login(rig.origin, rig.pin, { realm: 'admin', user: 'ours', secret: PASSWORD });
    assert.equal((await ours.json('GET', '/v1/admin/settings')).json().code, 'role_forbidden');
    await admin.json('POST', `/v1/admin/accounts/${account.id}/pause`, { reason: 'The contract has ended' });
    const titles = async (who: SealedClient) =>
      ((await who.json('GET', '/v1/admin/alerts')).json().items as { title: string }[]).map(({ title }) => title);
    assert.deepEqual(await titles(ours), ['Account acme is paused.']);
    const all = await titles(admin);
    assert.ok(all.includes('Account acme is paused.'));
    assert.ok(!all.some((title) => /swap/.test(title)), 'what the operator lives with is no alert');
  });

  test('tells what answers, and the host report with what the operator lives with', async () => {
    const seen = await read('/v1/admin/host');
    assert.deepEqual(seen.findings, host);
    assert.deepEqual(seen.checks, [{ name: 'database', ok: true, detail: 'answers' }]);
    assert.equal(seen.draining, false);
  });
});
