import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { type EmbeddedPostgres, PostgresError, startPostgres } from '../../../ops/postgres/index.ts';
import { silentLog } from '../../postgres.ts';

async function ask(server: EmbeddedPostgres, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ ...server.connection });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('the embedded server', () => {
  let root: string;
  let dataDir: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'sealfax-test-'));
    dataDir = join(root, 'data');
  });
  after(() => rm(root, { recursive: true, force: true }));
  const start = (directory = dataDir) => startPostgres({ dataDir: directory, log: silentLog });

  test('keeps what was committed over stop and start, durably and without a port', async () => {
    const first = await start();
    const settings = await ask(
      first,
      `select name, setting from pg_settings where name in
        ('fsync', 'full_page_writes', 'synchronous_commit', 'listen_addresses', 'server_encoding') order by name`,
    );
    assert.deepEqual(Object.fromEntries(settings.map(({ name, setting }) => [name, setting])), {
      fsync: 'on',
      full_page_writes: 'on',
      synchronous_commit: 'on',
      listen_addresses: '',
      server_encoding: 'UTF8',
    });
    const [role] = await ask(
      first,
      'select rolsuper, rolcreaterole, rolreplication from pg_roles where rolname = current_user',
    );
    assert.deepEqual(role, { rolsuper: false, rolcreaterole: false, rolreplication: false });
    await ask(first, 'create table kept as select 42 as answer');
    await first.stop();
    await first.stop();
    assert.ok(!alive(first.pid));
    const second = await start();
    assert.deepEqual(await ask(second, 'select answer from kept'), [{ answer: 42 }]);
    await second.stop();
    assert.ok(!(await readdir(join(dataDir, 'postgres'))).includes('postmaster.pid'));
  });
  test('is out of reach of other users', async () => {
    assert.equal((await stat(dataDir)).mode & 0o777, 0o700);
    assert.equal((await stat(join(dataDir, 'postgres'))).mode & 0o077, 0);
    const server = await start();
    await assert.rejects(ask({ ...server, connection: { ...server.connection, user: 'nobody_else' } }, 'select 1'));
    await server.stop();
  });
  test('logs no statement, value or row of a failed statement', async () => {
    const lines: string[] = [];
    const note = (fields: Record<string, unknown>) => void lines.push(JSON.stringify(fields));
    const server = await startPostgres({ dataDir, log: { debug: note, info: note, warn: note, error: note } });
    await ask(server, 'create table secret (number text primary key)');
    await ask(server, `insert into secret values ('+4930666')`);
    await assert.rejects(ask(server, `insert into secret values ('+4930666')`));
    await assert.rejects(ask(server, `select '+4930666' from nowhere`));
    await server.stop();
    assert.ok(lines.some((line) => line.includes('duplicate key')));
    assert.ok(!lines.some((line) => line.includes('4930666')));
  });
  test('is started again when it dies while the gateway runs', async () => {
    const server = await start();
    const pid = server.pid;
    process.kill(pid, 'SIGKILL');
    for (;;) {
      const rows = await ask(server, 'select answer from kept').catch(() => undefined);
      if (rows === undefined) continue;
      assert.deepEqual(rows, [{ answer: 42 }]);
      break;
    }
    // Stopping at once, perhaps before the keeper itself knows that it is up again, leaves no server behind.
    await server.stop();
    assert.notEqual(server.pid, pid);
    assert.ok(!alive(server.pid));
  });
  test('of a gateway that was killed ends or is stopped by the next start, and has lost nothing', async () => {
    for (const committed of [100, 101]) {
      const script = `import { startPostgres } from ${JSON.stringify(join(process.cwd(), 'ops/postgres/index.ts'))};
        import pg from 'pg';
        const quiet = () => undefined;
        const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
        const server = await startPostgres({ dataDir: ${JSON.stringify(dataDir)}, log });
        const client = new pg.Client({ ...server.connection });
        await client.connect();
        await client.query('insert into kept values (${committed})');
        process.kill(process.pid, 'SIGKILL');`;
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
      assert.equal(await new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal))), 'SIGKILL');
      const server = await start();
      assert.equal((await ask(server, `select answer from kept where answer = ${committed}`)).length, 1);
      await server.stop();
    }
  });
  test('starts although a stale postmaster.pid names a process of someone else', async () => {
    const server = await start();
    await server.stop();
    await writeFile(join(dataDir, 'postgres', 'postmaster.pid'), `${process.pid}\n/elsewhere\n`);
    const again = await start();
    assert.ok(alive(process.pid));
    assert.equal((await ask(again, 'select answer from kept')).length, 3);
    await again.stop();
  });
  test('lives in a directory whose name is too long for a socket', async () => {
    const long = join(root, 'x'.repeat(120));
    await mkdir(long, { mode: 0o700 });
    const server = await start(long);
    assert.equal((await ask(server, 'select 1 as one')).length, 1);
    const name = server.connection.host;
    await server.stop();
    await assert.rejects(access(name));
  });
  test('a set-up that was cut off is begun anew', async () => {
    const fresh = join(root, 'cut');
    await mkdir(join(fresh, 'postgres.new', 'base'), { recursive: true, mode: 0o700 });
    const server = await start(fresh);
    await server.stop();
    assert.ok(!(await readdir(fresh)).includes('postgres.new'));
  });
  test('refuses the data of another major version, and leaves them', async () => {
    const old = join(root, 'old');
    await mkdir(join(old, 'postgres'), { recursive: true, mode: 0o700 });
    await writeFile(join(old, 'postgres', 'PG_VERSION'), '9\n');
    await assert.rejects(
      start(old),
      (error: unknown) => error instanceof PostgresError && error.code === 'version_mismatch',
    );
    assert.equal(await readFile(join(old, 'postgres', 'PG_VERSION'), 'utf8'), '9\n');
  });
});
