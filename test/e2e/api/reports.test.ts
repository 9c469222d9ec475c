import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CSV_HEAD } from '../../../api/views/cdr-view.ts';
import type { Account } from '../../../gateway/fax/account.ts';
import type { FaxId } from '../../../gateway/fax/ids.ts';
import { type Rig, receiveFax, startRig } from './rig.ts';
import { SealedClient } from './sealed-client.ts';

type Row = Record<string, unknown>;
const [NUMBER, OTHER] = ['+49301111111', '+49301111112'];
const FAR = '+33140506070';

describe('reports', () => {
  let rig: Rig;
  let root: SealedClient;
  let auditor: SealedClient;
  let bound: SealedClient;
  let desk: SealedClient;
  let shop: SealedClient;
  let acme: Account;
  let failed: FaxId;
  let received: FaxId;

  before(async () => {
    rig = await startRig();
    const secret = 'a long enough password';
    await rig.gateway.access.createPasswordUser('admin', null, 'root', secret, [], 'local');
    root = await SealedClient.login(rig.origin, rig.pin, { realm: 'admin', user: 'root', secret });
    acme = await rig.account('acme', {}, [NUMBER]);
    const other = await rig.account('shop', {}, [OTHER]);
    const admin = async (name: string, rest: Row) => {
      const made = await root.json('POST', '/v1/admin/users', { name, password: secret, ...rest });
      assert.equal(made.status, 201, made.body.toString());
      return SealedClient.login(rig.origin, rig.pin, { realm: 'admin', user: name, secret });
    };
    auditor = await admin('looks', { role: 'auditor' });
    bound = await admin('ours', { role: 'operator', scope: 'acme' });
    const customer = async (account: Account) => {
      const { secret } = await rig.apiUser(account, 'desk');
      return SealedClient.login(rig.origin, rig.pin, { account: account.name, user: 'desk', secret });
    };
    [desk, shop] = [await customer(acme), await customer(other)];
    received = await receiveFax(rig, acme, NUMBER);
    await receiveFax(rig, other, OTHER);
    const headers = { 'content-type': 'text/plain', 'idempotency-key': 'one' };
    const sent = await desk.send('POST', `/v1/faxes?to=${encodeURIComponent(FAR)}`, headers, [Buffer.from('pages:1')]);
    failed = sent.json().id as FaxId;
    await rig.intake.settled();
    const now = rig.gateway.clock.now();
    assert.ok(await rig.records.faxes.endUncalled(failed, null, 'failed', 'number_refused', '', now));
  });
  after(() => rig.stop());

  const get = async (client: SealedClient, path: string): Promise<Row> => {
    const answer = await client.json('GET', path);
    assert.equal(answer.status, 200, `${path}: ${answer.body}`);
    return answer.json();
  };
  const items = async (client: SealedClient, path: string) => (await get(client, path)).items as Row[];
  const code = async (client: SealedClient, path: string, method = 'GET', body?: unknown) =>
    (await client.json(method, path, body)).json().code;

  test('say why a fax failed, to its account and to administrators who may see the account', async () => {
    const wanted = {
      ...{ fax: failed, direction: 'outbound', state: 'failed', cause: 'number_refused', calls: [] },
      summary: 'Failed without a call: the carrier does not call this number.',
      action: 'The carrier does not call this number; choose another route.',
    };
    assert.deepEqual(await get(desk, `/v1/faxes/${failed}/why`), wanted);
    for (const client of [root, auditor, bound]) {
      assert.deepEqual(await get(client, `/v1/admin/faxes/${failed}/why`), wanted);
    }
    const { summary, calls } = await get(desk, `/v1/faxes/${received}/why`);
    assert.equal(summary, 'Received: every page was confirmed.');
    assert.equal((calls as Row[]).length, 1);
    assert.equal(await code(shop, `/v1/faxes/${failed}/why`), 'fax_not_found');
    const [foreign] = await items(shop, '/v1/cdrs');
    assert.equal(await code(bound, `/v1/admin/faxes/${foreign?.fax}/why`), 'fax_not_found');
    assert.equal(await code(desk, `/v1/admin/faxes/${failed}/why`), 'realm_forbidden');
  });

  test('tell numbers, users and times apart, with the rate of success', async () => {
    const report = await get(desk, '/v1/cdrs/summary?by=direction,number&group=total&period=today&percentiles=true');
    assert.equal(report.source, 'cdrs');
    assert.partialDeepStrictEqual(report.items, [
      { direction: 'inbound', number: '', cdrs: 1, delivered: 1, successRate: 1 },
      { direction: 'outbound', number: FAR, cdrs: 1, delivered: 0, successRate: 0, connect: null, open: null },
    ]);
    const hours = await get(desk, '/v1/cdrs/summary?group=hour&period=last_7_days');
    assert.equal(hours.source, 'sums');
    assert.equal((hours.items as Row[])[0]?.successRate, 0.5);
    const one = await items(desk, `/v1/cdrs/summary?number=${encodeURIComponent(FAR)}&cause=number_refused`);
    assert.deepEqual(
      one.map(({ cdrs }) => cdrs),
      [1],
    );
    assert.equal((await items(desk, '/v1/cdrs/summary?by=number&top=1')).length, 1);
  });

  test('find records by cause, carrier, country and the beginning of a number, which auditors may not ask for', async () => {
    const faxes = async (client: SealedClient, path: string) => (await items(client, path)).map(({ fax }) => fax);
    const [lists, streams] = ['/v1/admin/cdrs', '/v1/admin/cdrs.jsonl'];
    assert.deepEqual(await faxes(desk, '/v1/cdrs?cause=number_refused'), [failed]);
    assert.deepEqual(await faxes(root, `${lists}?cause=number_refused`), [failed]);
    assert.deepEqual(await faxes(auditor, `${lists}?carrier=nobody`), []);
    const [one] = await items(root, `${lists}?fax=${received}`);
    const carrier = encodeURIComponent(String(one?.carrier));
    assert.ok((await faxes(root, `${lists}?carrier=${carrier}&account=${acme.id}`)).includes(received));
    assert.deepEqual(await faxes(root, `${lists}?country=${one?.country ?? 'FR'}&cause=busy`), []);
    const prefix = encodeURIComponent('+33 14');
    assert.deepEqual(await faxes(desk, `/v1/cdrs?prefix=${prefix}`), [failed]);
    assert.deepEqual(await faxes(root, `${lists}?prefix=${prefix}`), [failed]);
    const stream = await root.json('GET', `${streams}?prefix=${prefix}&cause=number_refused`);
    assert.equal(JSON.parse(stream.body.toString()).fax, failed);
    for (const path of [lists, streams, '/v1/admin/cdrs/summary']) {
      assert.equal(await code(auditor, `${path}?prefix=${prefix}`), 'role_forbidden', path);
    }
    const query = { prefix: '+3314', group: 'total' };
    assert.equal((await root.json('PUT', '/v1/admin/reports/paris', { query })).status, 200);
    assert.partialDeepStrictEqual(await items(root, '/v1/admin/reports/paris/run'), [{ cdrs: 1 }]);
    assert.equal(await code(auditor, '/v1/admin/reports/paris/run'), 'role_forbidden');
  });

  test('refuse what makes no sense', async () => {
    for (const query of [
      'by=colour',
      'group=decade',
      'period=someday',
      'period=today&from=2026-01-01',
      'percentiles=perhaps',
      'top=0',
      'user=me',
      'number=030',
      'prefix=030',
    ]) {
      assert.match(String(await code(desk, `/v1/cdrs/summary?${query}`)), /^(request|number)_invalid$/, query);
    }
  });

  test('are saved under names, each account its own, and run', async () => {
    const query = { period: 'today', group: 'total', by: ['result'] };
    const saved = (await desk.json('PUT', '/v1/reports/daily', { title: 'Each day', query })).json();
    assert.deepEqual(saved.query, { ...query, percentiles: false });
    const run = await get(desk, '/v1/reports/daily/run');
    assert.deepEqual(
      (run.items as Row[]).map(({ result, cdrs }) => [result, cdrs]),
      [
        ['failed', 1],
        ['ok', 1],
      ],
    );
    assert.deepEqual(await items(desk, '/v1/reports'), [saved]);
    assert.deepEqual(await get(desk, '/v1/reports/daily'), saved);
    assert.deepEqual(await items(shop, '/v1/reports'), []);
    assert.equal(await code(shop, '/v1/reports/daily/run'), 'report_not_found');
    const foreign = { query: { account: `acc_${'0'.repeat(26)}` } };
    assert.equal(await code(desk, '/v1/reports/theirs', 'PUT', foreign), 'request_invalid');
    assert.equal(await code(desk, '/v1/reports/No%20Name', 'PUT', { query }), 'request_invalid');
    for (const odd of [{ colour: 'red' }, { period: 'today', from: '2026-01-01' }, { number: '030' }, { user: 'me' }]) {
      const told = await code(desk, '/v1/reports/odd', 'PUT', { query: odd });
      assert.match(String(told), /^(request|number)_invalid$/, JSON.stringify(odd));
    }
    assert.equal((await desk.json('DELETE', '/v1/reports/daily')).status, 204);
    assert.equal(await code(desk, '/v1/reports/daily', 'DELETE'), 'report_not_found');
  });

  test('of administrators reach as far as they do', async () => {
    const query = { period: 'today', group: 'total', by: ['account'] };
    const put = (client: SealedClient, name: string, more: Row = {}) =>
      client.json('PUT', `/v1/admin/reports/${name}`, { query: { ...query, ...more } });
    assert.equal((await put(root, 'all')).status, 200);
    assert.equal((await put(root, 'one', { account: acme.id })).status, 200);
    const accounts = async (client: SealedClient, name: string) =>
      (await items(client, `/v1/admin/reports/${name}/run`)).length;
    assert.deepEqual(
      [await accounts(root, 'all'), await accounts(root, 'one'), await accounts(auditor, 'all')],
      [2, 1, 2],
    );
    assert.equal((await put(auditor, 'mine')).json().code, 'role_forbidden');
    assert.equal(await code(bound, '/v1/admin/reports/all/run'), 'report_not_found');
    assert.equal((await put(bound, 'ours')).status, 200);
    const [only, ...others] = await items(bound, '/v1/admin/reports/ours/run');
    assert.deepEqual([only?.account, others], [acme.id, []]);
    assert.equal((await items(desk, '/v1/reports'))[0]?.name, 'ours', 'an account and its administrators share');
  });

  test('leave as CSV and JSON Lines, with every field', async () => {
    const lines = async (client: SealedClient, path: string) => {
      const answer = await client.send('GET', path);
      assert.equal(answer.status, 200, path);
      return answer.body.toString().trimEnd().split(/\r?\n/);
    };
    const own = (await lines(desk, '/v1/cdrs.jsonl')).map((line) => JSON.parse(line) as Row);
    assert.deepEqual(own, (await items(desk, '/v1/cdrs')).toReversed());
    assert.equal((await lines(root, '/v1/admin/cdrs.jsonl')).length, 3);
    assert.equal((await lines(root, `/v1/admin/cdrs.jsonl?account=${acme.id}&result=failed`)).length, 1);
    const [head, ...rows] = await lines(root, '/v1/admin/cdrs.csv');
    assert.deepEqual([head, rows.length], [CSV_HEAD, 3]);
    assert.equal((await lines(bound, '/v1/admin/cdrs.csv')).length, 3, 'the head, and those of the own account');
  });

  test('hide numbers from auditors, wherever they stand', async () => {
    const answers = [
      await auditor.send('GET', '/v1/admin/cdrs.csv'),
      await auditor.send('GET', '/v1/admin/cdrs.jsonl'),
      await auditor.send('GET', '/v1/admin/cdrs/summary?by=number'),
      await auditor.send('GET', `/v1/admin/faxes/${failed}/why`),
    ];
    for (const answer of answers) {
      assert.equal(answer.status, 200);
      assert.doesNotMatch(answer.body.toString(), /3140506070|301111111/);
    }
    assert.match(answers[2]?.body.toString() ?? '', /6070/);
  });
});
