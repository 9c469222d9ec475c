import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { connect, connectAdmin } from '../../api/client/index.ts';
import { base64url, randomBytes } from '../../crypto/index.ts';
import { sampleLetter } from '../../gateway/imaging/index.ts';
import { openSnapshot } from '../../ops/backup/dump.ts';
import { benchDirectory, type Service, startService } from '../../ops/bench/service.ts';
import { startPostgres } from '../../ops/postgres/index.ts';
import { silentLog, startTestPostgres, type TestPostgres } from '../postgres.ts';

const MAIN = fileURLToPath(new URL('../../ops/main.ts', import.meta.url));
/** Answers with busy as long as it is a rule. */
const BUSY = '+15550100009';
const RULES = JSON.stringify([{ number: BUSY, behaviour: 'busy' }]);

/** Every row of every table, by table, as text in one order. */
async function everything(config: pg.ClientConfig): Promise<Map<string, string[]>> {
  const client = new pg.Client(config);
  await client.connect();
  const tables = new Map<string, string[]>();
  let rows: string[] = [];
  for await (const line of (await openSnapshot(client, [], 'move')).lines) {
    if (line.kind === 'table') {
      rows = [];
      tables.set(line.table.name, rows);
    }
    if (line.kind === 'row') rows.push(line.text);
  }
  await client.end();
  for (const list of tables.values()) list.sort();
  return tables;
}

describe('sealfax import', () => {
  let postgres: TestPostgres;
  let old: Awaited<ReturnType<typeof benchDirectory>>;
  let place: Awaited<ReturnType<typeof benchDirectory>>;
  let settings: Record<string, string>;
  let first: Service;
  let waiting: string;
  let ended: string;
  before(async () => {
    postgres = await startTestPostgres();
    const { host = '', port, user, database } = postgres.config;
    old = await benchDirectory();
    place = await benchDirectory();
    settings = {
      DATABASE_URL: `postgres://${user}@/${database}?host=${encodeURIComponent(host)}&port=${port}`,
      SEALFAX_DATA_DIR: place.path,
      SEALFAX_ROOT_KEY: base64url(randomBytes(32)),
      SEALFAX_LOOPBACK_SPEED: 'instant',
    };
    first = await startService(old.path, { SEALFAX_LOOPBACK_SPEED: 'instant', SEALFAX_LOOPBACK_RULES: RULES });
    const admin = connectAdmin(first.admin.connection, first.admin.password);
    const [account] = await admin.accounts();
    await admin.createUser(account?.id ?? '', { name: 'second' });
    await admin.addNumber(account?.id ?? '', { number: '+15550190001' });
    await admin.close();
    const client = connect(first.api.connection, first.api.secret);
    await client.webhooks.create({ url: 'https://hooks.example.org/fax' });
    const documents = [await sampleLetter()];
    ended = (await client.faxes.send({ to: '+15550100001', documents })).id;
    // A number that is busy time and again is called at another hour: a slow machine must not come to that before the move.
    waiting = (await client.faxes.send({ to: BUSY, documents, retries: 20, retryInterval: 15 })).id;
    assert.equal((await client.faxes.wait(ended)).state, 'delivered');
    while ((await client.faxes.get(waiting)).attempts === 0) await pause(100);
    await client.close();
  });
  after(async () => {
    await postgres.stop();
    await old.remove();
    await place.remove();
    await rm(`${place.path}-keys`, { recursive: true, force: true });
  });
  const run = (args: string[], extra: Record<string, string> = {}) =>
    spawnSync(process.execPath, [MAIN, ...args], {
      env: { PATH: process.env.PATH, SEALFAX_PORT: '0', ...settings, ...extra },
      encoding: 'utf8',
      timeout: 120_000,
    });

  test('refuses a gateway that runs, one that is not there, and one without its keys', async () => {
    assert.match(run(['import']).stderr, /^sealfax: usage: sealfax import --from DATA_DIR/);
    assert.match(run(['import', '--from', join(old.path, 'nowhere')]).stderr, /no gateway .* has run on/);
    assert.match(run(['import', '--from', old.path, '--from-keys', place.path]).stderr, /--from-keys/);
    assert.match(run(['import', '--from', old.path]).stderr, new RegExp(`process ${first.pid}\\b`));
    await first.stop();
  });

  test('moves every row, and leaves the source as it is', async () => {
    const files = () => readdirSync(join(old.path, 'vault'), { recursive: true }).sort();
    const images = files();
    const moved = run(['import', '--from', old.path]);
    assert.equal(moved.status, 0, moved.stderr);
    assert.match(moved.stdout, /^Moved 1 accounts, 3 users, 2 faxes, \d+ CDRs and 1 sealed objects\.\n/);
    assert.deepEqual(files(), images);
    assert.equal(images.filter((name) => String(name).endsWith('.sfv')).length, 1, 'the fax that waits has one page');

    const embedded = await startPostgres({ dataDir: old.path, log: silentLog });
    const here = await everything({ ...embedded.connection });
    await embedded.stop();
    const there = await everything(postgres.config as pg.ClientConfig);
    assert.deepEqual([...there.keys()], [...here.keys()]);
    const keys = new Set(['vault_keys', 'epochs', 'lasting_keys']);
    for (const [table, rows] of here) if (!keys.has(table)) assert.deepEqual(there.get(table), rows, table);
    assert.equal(there.get('vault_keys')?.length, here.get('vault_keys')?.length);
    assert.notDeepEqual(there.get('vault_keys'), here.get('vault_keys'), 'wrapped anew');
  });

  test('marks the source, so that it is neither started nor moved again', () => {
    const env = { PATH: process.env.PATH, SEALFAX_PORT: '0', SEALFAX_DATA_DIR: old.path };
    const started = spawnSync(process.execPath, [MAIN, 'serve'], { env, encoding: 'utf8', timeout: 60_000 });
    assert.equal(started.status, 1);
    assert.match(started.stderr, /was moved to a database server/);
    assert.match(run(['import', '--from', old.path]).stderr, /was moved to a database server/);
    assert.equal(existsSync(join(old.path, 'moved.json')), true);
  });

  test('refuses a database that is in use, and unmarks what it did not move', async () => {
    await rm(join(old.path, 'moved.json'));
    const refused = run(['import', '--from', old.path]);
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /the database is in use \(\w+ has rows\)/);
    assert.equal(existsSync(join(old.path, 'moved.json')), false);
  });

  test('the same users find the same gateway, and the fax that waited is delivered', async () => {
    const second = await startService(place.path, settings, true);
    try {
      const moved = (connection: string) => connection.replace(/:\d+\?/, `:${new URL(second.url).port}?`);
      const client = connect(moved(first.api.connection), first.api.secret);
      const fax = await client.faxes.wait(waiting);
      assert.equal(fax.state, 'delivered');
      assert.equal((await client.faxes.get(ended)).state, 'delivered');
      while ((await client.faxes.get(waiting)).imageExists) await pause(100);
      const { receipt } = await client.faxes.receipt(waiting);
      assert.equal(receipt.split('.').length, 3);
      const events = [];
      for (let after = 0; ; ) {
        const page = await client.events.read({ after });
        if (page.items.length === 0) break;
        events.push(...page.items);
        after = page.next;
      }
      assert.deepEqual(
        events.map(({ seq }) => seq),
        events.map((_, index) => index + 1),
        'the ledger goes on without a gap',
      );
      await client.close();
      const admin = connectAdmin(moved(first.admin.connection), first.admin.password);
      assert.equal((await admin.accounts()).length, 1);
      await admin.close();
    } finally {
      await second.stop();
    }
  });
});
