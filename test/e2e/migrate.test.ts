import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createRecords } from '../../gateway/records/index.ts';
import { silentLog, startTestPostgres, type TestPostgres } from '../postgres.ts';

const MAIN = fileURLToPath(new URL('../../ops/main.ts', import.meta.url));

describe('sealfax migrate', () => {
  let postgres: TestPostgres;
  let url: string;
  const scratch = join(tmpdir(), `sealfax-migrate-${process.pid}`);
  before(async () => {
    postgres = await startTestPostgres();
    const { host = '', port, user, database } = postgres.config;
    url = `postgres://${user}@/${database}?host=${encodeURIComponent(host)}&port=${port}`;
  });
  after(async () => {
    await postgres.stop();
    for (const path of [scratch, `${scratch}-keys`]) await rm(path, { recursive: true, force: true });
  });
  const run = (settings: Record<string, string>, ...args: string[]) => {
    const env = {
      PATH: process.env.PATH,
      DATABASE_URL: url,
      SEALFAX_DATA_DIR: scratch,
      SEALFAX_PORT: '0',
      ...settings,
    };
    return spawnSync(process.execPath, [MAIN, ...args], { env, encoding: 'utf8', timeout: 60_000 });
  };

  test('says what is to come, does it, and has nothing left to do', () => {
    const empty = run({}, 'migrate', '--check');
    assert.match(empty.stdout, /^The database has schema 0; this release needs \d+\. To come: first-schema, totp, /);
    assert.equal(empty.status, 1);
    const refused = run({ SEALFAX_MIGRATE: 'off' }, 'serve');
    assert.equal(refused.status, 1);
    assert.match(
      refused.stderr,
      /^sealfax: the database has schema 0, this release needs \d+; run: sealfax migrate\n$/,
    );
    assert.match(run({}, 'migrate').stdout, /^The database had schema 0 and has \d+ now: first-schema, /);
    const done = run({}, 'migrate', '--check');
    assert.match(done.stdout, /^The database has schema \d+, which is what this release needs\.\n$/);
    assert.equal(done.status, 0);
  });

  test('refuses the schema of a later release, naming both versions', async () => {
    const pool = postgres.pool();
    const { rows } = await pool.query('select max(version) as version from schema_versions');
    await pool.query(`insert into schema_versions (version, name) values ($1, 'of a later release')`, [
      rows[0].version + 1,
    ]);
    for (const command of ['migrate', 'serve']) {
      const refused = run({}, command);
      assert.equal(refused.status, 1);
      assert.match(
        refused.stderr,
        new RegExp(
          `^sealfax: the database has schema ${rows[0].version + 1}, .* this one knows ${rows[0].version}\\. `,
        ),
      );
    }
    await pool.query('delete from schema_versions where version > $1', [rows[0].version]);
  });

  test('does nothing below a gateway that has the database to itself', async () => {
    const records = createRecords({ pool: postgres.pool(), log: silentLog });
    const place = await records.join('alone');
    const refused = run({}, 'migrate');
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /a gateway that is alone .* uses this database/);
    const second = run({}, 'serve');
    assert.match(second.stderr, /another gateway uses this database; set REDIS_URL for several processes/);
    await place.leave();
    await records.close();
  });

  test('says what it takes', () => {
    assert.match(run({}, 'migrate', '--now').stderr, /^sealfax: migrate takes --check and nothing else\.\n$/);
  });
});
