import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Account } from '../../../gateway/fax/account.ts';
import { budgetSchema, ratesSchema } from '../../../gateway/routing/tariff-config.ts';
import { createTariffs } from '../../../gateway/routing/tariffs.ts';
import { type Rig, receiveFax, startRig } from './rig.ts';
import { type Opened, SealedClient } from './sealed-client.ts';

type Row = Record<string, unknown>;
const NUMBER = '+49301111111';

describe('costs and budgets', () => {
  let rig: Rig;
  let admin: SealedClient;
  let desk: SealedClient;
  let acme: Account;

  before(async () => {
    // A received fax costs a quarter of a euro, however long it takes.
    const rates = ratesSchema.parse([{ direction: 'inbound', perCall: '0.25' }]);
    const tariff = { rates, budget: budgetSchema.parse({ month: '100' }) };
    rig = await startRig({ tariffs: createTariffs('EUR', new Map([['test', tariff]])) });
    const secret = 'a long enough password';
    await rig.gateway.access.createPasswordUser('admin', null, 'root', secret, [], 'local');
    admin = await SealedClient.login(rig.origin, rig.pin, { realm: 'admin', user: 'root', secret });
    acme = await rig.account('acme', {}, [NUMBER]);
    const user = await rig.apiUser(acme, 'desk');
    desk = await SealedClient.login(rig.origin, rig.pin, { account: 'acme', user: 'desk', secret: user.secret });
  });
  after(() => rig.stop());

  const get = async (path: string): Promise<Row> => {
    const answer = await admin.json('GET', path);
    assert.equal(answer.status, 200, `${path}: ${answer.body}`);
    return answer.json();
  };
  const budget = async (policy: object): Promise<void> => {
    const answer = await admin.json('PATCH', '/v1/admin/accounts/acme', { policy });
    assert.equal(answer.status, 200, String(answer.body));
  };
  const submit = (key: string): Promise<Opened> => {
    const headers = { 'content-type': 'text/plain', 'idempotency-key': key };
    return desk.send('POST', '/v1/faxes?to=%2B49302222222', headers, [Buffer.from('a letter')]);
  };

  test('a call’s cost stands in its CDR, in the report, and in what its account has spent', async () => {
    await receiveFax(rig, acme, NUMBER);
    const [cdr] = (await get('/v1/admin/cdrs')).items as Row[];
    assert.deepEqual([cdr?.cost, cdr?.currency, cdr?.carrier], [250_000, 'EUR', 'test']);
    const own = (await desk.json('GET', '/v1/cdrs')).json().items as Row[];
    assert.equal(own[0]?.cost, 250_000);
    const report = await get('/v1/admin/cdrs/summary?group=total&by=carrier');
    assert.equal(report.currency, 'EUR');
    const [sum] = report.items as Row[];
    assert.deepEqual([sum?.carrier, sum?.cost, sum?.unpricedCalls], ['test', 250_000, 0]);
    const spent = await get('/v1/admin/accounts/acme/budget');
    assert.deepEqual([spent.kind, spent.id, spent.name, spent.currency], ['account', acme.id, 'acme', 'EUR']);
    assert.deepEqual(
      (spent.spending as Row[]).map(({ span, spent, budget, left }) => [span, spent, budget, left]),
      [
        ['day', 250_000, null, null],
        ['month', 250_000, null, null],
      ],
    );
    assert.equal((await admin.json('GET', '/v1/admin/accounts/nobody/budget')).status, 404);
  });

  test('the budget of a carrier is a setting, and listed with those of accounts', async () => {
    await budget({ budgetMonth: 1_000_000 });
    const items = (await get('/v1/admin/budgets')).items as (Row & { spending: Row[] })[];
    assert.deepEqual(
      items.map(({ kind, name, spending }) => [kind, name, spending[1]?.budget, spending[1]?.left]),
      [
        ['account', 'acme', 1_000_000, 750_000],
        ['carrier', 'test', 100_000_000, 99_750_000],
      ],
    );
  });

  test('a spent budget refuses submissions from the change on, and until it is raised', async () => {
    await budget({ budgetMonth: 250_000 });
    const refused = await submit('spent');
    assert.deepEqual([refused.status, refused.json().code], [429, 'budget_spent']);
    assert.match(String(refused.json().detail), /is spent until \d{4}-\d\d-01T00:00:00\.000Z/);
    assert.ok(Number(refused.headers['retry-after']) > 0);
    await budget({ overBudget: 'hold' });
    assert.equal((await submit('held')).status, 202);
    await budget({ budgetMonth: 500_000, overBudget: 'reject' });
    assert.equal((await submit('raised')).status, 202);
    await rig.intake.settled();
    const events = (await desk.json('GET', '/v1/events?after=0&limit=100')).json().items as Row[];
    const told = events.filter(({ type }) => type === 'account.budget').map(({ data }) => (data as Row).level);
    assert.deepEqual(told, ['spent']);
  });

  test('amounts that are none are refused', async () => {
    for (const wrong of [-1, 0.5, '1', 1e16]) {
      const answer = await admin.json('PATCH', '/v1/admin/accounts/acme', { policy: { budgetDay: wrong } });
      assert.equal(answer.status, 400, String(wrong));
    }
  });
});
