import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { ApiProblem, type Client, connect, connectAdmin } from '../../api/client/index.ts';
import { sampleLetter } from '../../gateway/imaging/index.ts';
import { benchDirectory } from '../../ops/bench/service.ts';
import { ConfigError, readConfig } from '../../ops/config.ts';
import { startGateway } from '../../ops/gateway.ts';

const RECEIVER = '+15550100001';
/** A quarter of a euro for each call. */
const RATES = { loopback: { rates: [{ prefix: '+1555', perCall: '0.25' }] } };

const settings = (path: string, currency: string) =>
  readConfig({
    ...{ SEALFAX_DATA_DIR: path, SEALFAX_PORT: '0', SEALFAX_LOG_LEVEL: 'silent', SEALFAX_LOOPBACK_SPEED: 'instant' },
    ...{ SEALFAX_CURRENCY: currency, SEALFAX_CARRIER_POLICY: JSON.stringify(RATES) },
  });

/** Waits for `count` entries of the ledger that tell of budgets; their levels. */
async function budgetEvents({ events }: Client, count: number): Promise<unknown[]> {
  const levels: unknown[] = [];
  for await (const { type, data } of events.from({ after: 0 })) {
    if (type === 'account.budget') levels.push(data.level);
    if (levels.length === count) break;
  }
  return levels;
}

describe('a gateway with rates', () => {
  test('charges calls, stops at the budget of the account, and goes on with a higher one', async (t) => {
    const { path, remove } = await benchDirectory();
    t.after(() => Promise.all([remove(), rm(`${path}-keys`, { recursive: true, force: true })]));
    const gateway = await startGateway(settings(path, 'EUR'));
    let running = true;
    t.after(async () => {
      if (running) await gateway.stop();
    });
    assert.ok(gateway.firstStart !== null);
    const admin = connectAdmin(gateway.firstStart.admin.connection, gateway.firstStart.admin.password);
    const policy = { budgetDay: 500_000, overBudget: 'hold' } as const;
    const account = await admin.createAccount({ name: 'clinic', policy });
    const { secret } = await admin.createUser(account.id, { name: 'app' });
    const client = connect(gateway.connection('clinic', 'app'), secret ?? '');
    const documents = [await sampleLetter()];
    const send = () => client.faxes.send({ to: RECEIVER, documents });

    for (let fax = 0; fax < 2; fax++) {
      const sent = await client.faxes.wait((await send()).id);
      assert.equal(sent.state, 'delivered', `${sent.cause}: ${sent.detail}`);
    }
    assert.deepEqual(await budgetEvents(client, 1), ['spent']);
    const cdrs = (await client.cdrs.list()).items;
    assert.deepEqual(
      cdrs.map(({ cost, currency }) => [cost, currency]),
      [
        [250_000, 'EUR'],
        [250_000, 'EUR'],
      ],
    );
    const [payer] = await admin.budgets();
    const [day] = payer?.spending ?? [];
    assert.deepEqual([payer?.name, day?.spent, day?.budget, day?.left], ['clinic', 500_000, 500_000, 0]);

    const waiting = await send();
    await admin.changeAccount(account.id, { policy: { overBudget: 'reject' } });
    await assert.rejects(send(), (error: unknown) => error instanceof ApiProblem && error.code === 'budget_spent');
    assert.equal((await client.faxes.get(waiting.id)).attempts, 0);
    await admin.changeAccount(account.id, { policy: { budgetDay: 1_000_000 } });
    assert.equal((await client.faxes.wait(waiting.id)).state, 'delivered');

    await Promise.all([client.close(), admin.close()]);
    running = false;
    await gateway.stop();
    const other = startGateway(settings(path, 'USD'));
    await assert.rejects(
      other,
      (error: unknown) =>
        error instanceof ConfigError && error.variable === 'SEALFAX_CURRENCY' && /charged in EUR/.test(error.message),
    );
  });
});
