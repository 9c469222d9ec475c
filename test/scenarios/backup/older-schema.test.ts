import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type pg from 'pg';
import { generateSigningKey, newKey } from '../../../crypto/index.ts';
import type { FaxId } from '../../../gateway/fax/ids.ts';
import { openDatabase } from '../../../gateway/records/database.ts';
import { createRecords } from '../../../gateway/records/index.ts';
import { migrateWithin } from '../../../gateway/records/migrations/index.ts';
import { openDirectoryTarget } from '../../../ops/backup/directory-target.ts';
import { BackupError } from '../../../ops/backup/errors.ts';
import { restoreBackup } from '../../../ops/backup/restore.ts';
import { writeBackup } from '../../../ops/backup/write.ts';
import { T0 } from '../../conformance/fax-records-world.ts';
import { silentLog, startTestPostgres, type TestPostgres } from '../../postgres.ts';

/** The first release's schema. */
const OLD = 2;
/** A call of a year that no month has been made ready for. */
const LONG_AGO = Date.UTC(2019, 6, 15);

describe('a backup of an earlier release', () => {
  let postgres: TestPostgres;
  let folder: string;
  const rootKey = newKey();
  before(async () => {
    postgres = await startTestPostgres();
    folder = await mkdtemp(join(tmpdir(), 'sealfax-older-'));
  });
  after(async () => {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function schema(name: string): Promise<pg.Pool> {
    await postgres.pool().query(`create schema ${name}`);
    return postgres.pool({ options: `-c search_path=${name}`, max: 4 });
  }

  async function oldGateway(): Promise<pg.Pool> {
    const pool = await schema('old');
    await openDatabase(pool, silentLog).transaction(async (tx) => void (await migrateWithin(tx, OLD)));
    await pool.query(
      `insert into accounts (id, name, title, policy, cidrs, created_at) values ('acc_1', 'old', '', '{}', '{}', 1)`,
    );
    await pool.query(`insert into ledgers values ('acc_1', 7, 1)`);
    await pool.query(
      `insert into faxes (id, account, direction, state, to_number, retries, retry_interval, priority, next_call_at,
         options, policy, line, tags, documents, created_at, updated_at, image_exists)
       values ('fax_1', 'acc_1', 'outbound', 'queued', '+4930', 0, 60, 5, 1, '{}', '{}', '{}', '{}', 1, 1, 1, true)`,
    );
    await pool.query(
      `insert into cdrs (id, account, fax, direction, to_number, attempt, started_at, ended_at, duration, pages_sent, result,
         cause, detail, billable, fax_state, tags)
       values ('cdr_1', 'acc_1', 'fax_0', 'outbound', '+4930', 1, $1, $1, 60000, 1, 'ok', 'ok', '', true, 'delivered', '{}')`,
      [LONG_AGO],
    );
    return pool;
  }

  test('is restored and brought to the schema of this one, and only into a database that can take it', async () => {
    const { pin } = await generateSigningKey();
    const target = openDirectoryTarget(join(folder, 'target'));
    const made = await writeBackup({
      ...{ pool: await oldGateway(), rootKey, pin, keys: [], recipient: undefined, target },
      ...{ spool: join(folder, 'spool'), keep: { newest: 1, days: 0 } },
    });
    const restoreInto = (pool: pg.Pool) =>
      restoreBackup({
        ...{ pool, file: join(folder, 'target', made.name), keys: { rootKey }, lostAt: T0, now: T0, log: silentLog },
        storeKeys: async () => undefined,
      });

    const newer = await schema('newer');
    const there = createRecords({ pool: newer, log: silentLog });
    await there.migrate();
    const code = (error: unknown) => error instanceof BackupError && error.code === 'schema_differs';
    await assert.rejects(restoreInto(newer), code);
    await there.close();

    const pool = await schema('fresh');
    const { header, hold } = await restoreInto(pool);
    assert.equal(header.schema, OLD);
    assert.equal(hold.ended.uncertain, 1);
    const records = createRecords({ pool, log: silentLog });
    await records.check();
    assert.equal((await records.faxes.fax('fax_1' as FaxId))?.state, 'uncertain');
    const { items } = await records.faxes.cdrs({ fax: 'fax_0' as FaxId, limit: 5 });
    assert.deepEqual(
      items.map(({ endedAt }) => endedAt),
      [LONG_AGO],
    );
    await records.close();
  });
});
