import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openDatabase } from '../../../gateway/records/database.ts';
import { createRecords } from '../../../gateway/records/index.ts';
import { migrateWithin } from '../../../gateway/records/migrations/index.ts';
import { silentLog, startTestPostgres } from '../../postgres.ts';

/** The last schema without a guard of destinations. */
const BEFORE = 12;

describe('the migration to the guard of destinations', () => {
  test('accounts that there are go on as before; what they had decided stands, and new ones are guarded', async (t) => {
    const postgres = await startTestPostgres();
    const pool = postgres.pool();
    const records = createRecords({ pool, log: silentLog });
    t.after(async () => {
      await records.close();
      await postgres.stop();
    });
    await openDatabase(pool, silentLog).transaction((tx) => migrateWithin(tx, BEFORE));
    await pool.query(
      `insert into accounts (id, name, title, policy, cidrs, created_at)
       values ('acc_1', 'old', '', '{"retries": 5}', '{}', 0), ('acc_2', 'foresighted', '', '{"abroadPerDay": 7}', '{}', 0)`,
    );
    await records.migrate();
    const guardOf = async (name: string) => {
      const { policy } = (await records.accounts.account({ name })) ?? assert.fail(name);
      return [policy.retries, policy.holdNewCountries, policy.abroadPerHour, policy.abroadPerDay];
    };
    assert.deepEqual(await guardOf('old'), [5, false, null, null]);
    assert.deepEqual(await guardOf('foresighted'), [3, false, null, 7]);
    await records.accounts.createAccount(
      { name: 'new', title: '', policy: {}, cidrs: [] },
      { who: 'local', address: null },
      1,
    );
    assert.deepEqual(await guardOf('new'), [3, true, 100, 500]);
  });
});
