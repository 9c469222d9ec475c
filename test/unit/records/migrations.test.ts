import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createRecords, RecordsError } from '../../../gateway/records/index.ts';
import { SCHEMA_VERSION } from '../../../gateway/records/migrations/index.ts';
import { silentLog, startTestPostgres, type TestPostgres } from '../../postgres.ts';

const code = (wanted: string) => (error: unknown) => error instanceof RecordsError && error.code === wanted;

describe('migrations', () => {
  let postgres: TestPostgres;
  before(async () => {
    postgres = await startTestPostgres();
  });
  after(() => postgres.stop());
  const open = () => createRecords({ pool: postgres.pool(), log: silentLog });

  test('check names a database that has no schema yet', async () => {
    await assert.rejects(open().check(), code('schema_missing'));
  });
  test('several processes may migrate at once, and again', async () => {
    const all = [open(), open(), open()];
    await Promise.all(all.map((records) => records.migrate()));
    await all[0]?.migrate();
    await all[0]?.check();
    const { rows } = await postgres.pool().query('select version from schema_versions order by version');
    assert.deepEqual(
      rows.map((row) => row.version),
      Array.from({ length: SCHEMA_VERSION }, (_, index) => index + 1),
    );
  });
  test('a newer schema is refused and left as it is', async () => {
    const pool = postgres.pool();
    await pool.query('insert into schema_versions (version, name) values ($1, $2)', [SCHEMA_VERSION + 1, 'future']);
    await assert.rejects(open().migrate(), code('schema_newer'));
    await assert.rejects(open().check(), code('schema_newer'));
    await pool.query('delete from schema_versions where version = $1', [SCHEMA_VERSION + 1]);
    await open().migrate();
  });
  test('a server that is away is unavailable, with its cause', async () => {
    const pool = postgres.pool({ host: '/nonexistent' });
    const records = createRecords({ pool, log: silentLog });
    await assert.rejects(records.migrate(), code('unavailable'));
    await assert.rejects(records.check(), code('unavailable'));
  });
});
