import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Client, connect, connectAdmin } from '../../api/client/index.ts';
import { sampleLetter } from '../../gateway/imaging/index.ts';
import { benchDirectory, type Service, startService } from '../../ops/bench/service.ts';
import { startTestPostgres } from '../postgres.ts';

const MAIN = fileURLToPath(new URL('../../ops/main.ts', import.meta.url));

/** Runs `sealfax serve` where it must not come up; answers its status and what it says. */
function refusedStart(settings: Record<string, string>): { status: number | null; stderr: string } {
  const env = { PATH: process.env.PATH, SEALFAX_PORT: '0', ...settings };
  const { status, stderr } = spawnSync(process.execPath, [MAIN, 'serve'], { env, encoding: 'utf8', timeout: 60_000 });
  return { status, stderr };
}

interface Place {
  readonly path: string;
  /** Starts a gateway on the directory; whatever still runs at the end of the test is stopped. */
  start(settings?: Record<string, string>, again?: boolean): Promise<Service>;
}

async function placeFor(t: TestContext): Promise<Place> {
  const { path, remove } = await benchDirectory();
  const services: Service[] = [];
  t.after(async () => {
    for (const service of services) await service.stop();
    await remove();
  });
  return {
    path,
    async start(settings, again) {
      const service = await startService(path, settings, again);
      services.push(service);
      return service;
    },
  };
}

async function clientOf(service: Service): Promise<Client> {
  const admin = connectAdmin(service.admin.connection, service.admin.password);
  const main = (await admin.accounts()).find((account) => account.name === 'main');
  assert.ok(main);
  await admin.addNumber(main.id, { number: '+15550190001' });
  await admin.close();
  return connect(service.api.connection, service.api.secret);
}

/** Processes whose working directory or arguments name `path`. */
function processesOf(path: string): string[] {
  const { stdout } = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line.includes(path));
}

describe('the service', () => {
  test('shows its secrets once, drains a live call on SIGTERM, and comes up again with everything', async (t) => {
    const place = await placeFor(t);
    const first = await place.start({ SEALFAX_LOOPBACK_SPEED: '33600' });
    assert.match(first.api.connection, /^sealfax:\/\/main:app@localhost:\d+\?pin=[\w-]{43}$/);
    assert.match(first.admin.connection, /^sealfax:\/\/admin:owner@/);

    const client = await clientOf(first);
    const fax = await client.faxes.send({ to: '+15550100001', documents: [await sampleLetter()] });
    while ((await client.faxes.get(fax.id)).state !== 'sending') await pause(100);
    await first.stop();
    assert.deepEqual(processesOf(place.path), [], 'no process is left');

    const second = await place.start({}, true);
    const secret = first.api.secret;
    const again = connect(first.api.connection.replace(/:\d+\?/, `:${new URL(second.url).port}?`), secret);
    const ended = await again.faxes.get(fax.id);
    assert.equal(ended.state, 'delivered', 'the live call ended by itself before the gateway did');
    assert.equal(ended.attempts, 1);
    assert.equal(ended.imageExists, false);
    await client.close().catch(() => undefined);
    await again.close();
  });

  test('one directory has one gateway; after kill -9 the next start takes over the orphaned database', async (t) => {
    const place = await placeFor(t);
    const first = await place.start();
    const refused = refusedStart({ SEALFAX_DATA_DIR: place.path });
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, new RegExp(`\\b${first.pid}\\b`));
    const client = await clientOf(first);
    await client.numbers();
    process.kill(first.pid, 'SIGKILL');
    const second = await place.start({}, true);
    const again = connect(first.api.connection.replace(/:\d+\?/, `:${new URL(second.url).port}?`), first.api.secret);
    assert.deepEqual(
      (await again.numbers()).map(({ number }) => number),
      ['+15550190001'],
    );
    await again.close();
    await client.close().catch(() => undefined);
  });

  test('a second signal ends live calls, and they go on at the next start', async (t) => {
    const place = await placeFor(t);
    const first = await place.start({ SEALFAX_LOOPBACK_SPEED: '2400' });
    const client = await clientOf(first);
    const fax = await client.faxes.send({ to: '+15550100001', documents: [await sampleLetter()], retryInterval: 5 });
    while ((await client.faxes.get(fax.id)).state !== 'dialing') await pause(50);
    process.kill(first.pid, 'SIGTERM');
    await pause(500);
    await first.stop();
    const second = await place.start({ SEALFAX_LOOPBACK_SPEED: 'instant' }, true);
    const again = connect(first.api.connection.replace(/:\d+\?/, `:${new URL(second.url).port}?`), first.api.secret);
    assert.equal((await again.faxes.wait(fax.id)).state, 'delivered');
    await again.close();
    await client.close().catch(() => undefined);
  });

  test('a wrong setting stops the start with its name, its problem and an example, and leaves nothing', async (t) => {
    const place = await placeFor(t);
    const root = join(place.path, '..');
    const wrong = refusedStart({ SEALFAX_DATA_DIR: place.path, SEALFAX_PORT: 'https' });
    assert.equal(wrong.status, 1);
    assert.equal(wrong.stderr, 'sealfax: SEALFAX_PORT is not a whole number. Example: SEALFAX_PORT=8443\n');
    assert.deepEqual(readdirSync(root), []);
    const rules = refusedStart({ SEALFAX_DATA_DIR: place.path, SEALFAX_LOOPBACK_RULES: '[{"number":"49"}]' });
    assert.match(rules.stderr, /^sealfax: SEALFAX_LOOPBACK_RULES is wrong at rules\.0\.number/);
    const nowhere = JSON.stringify([{ prefix: '+49', carriers: ['loopback', 'trunk-a'] }]);
    const routes = refusedStart({ SEALFAX_DATA_DIR: place.path, SEALFAX_ROUTES: nowhere });
    assert.equal(routes.status, 1);
    assert.match(routes.stderr, /^sealfax: SEALFAX_ROUTES names the carrier "trunk-a"; there is loopback\. Example: /);
    assert.deepEqual(readdirSync(root), [], 'nothing was begun');
    assert.deepEqual(processesOf(place.path), []);
  });

  test('in production a red line of the host report stops the start unless it is accepted by name', async (t) => {
    const place = await placeFor(t);
    const settings = { SEALFAX_DATA_DIR: place.path, SEALFAX_MODE: 'production' };
    const refused = refusedStart(settings);
    assert.equal(refused.status, 1);
    const names = /SEALFAX_ACCEPT=(\S+)/.exec(refused.stderr)?.[1] ?? '';
    assert.match(names, /root_key_place/);
    const accepted = await place.start({ SEALFAX_MODE: 'production', SEALFAX_ACCEPT: names });
    await accepted.stop();
  });

  test('DATABASE_URL: the same gateway on a server that is not its own', async (t) => {
    const server = await startTestPostgres();
    const { host = '', port, user, database } = server.config;
    const place = await placeFor(t);
    t.after(() => server.stop());
    const url = `postgres://${user}@/${database}?host=${encodeURIComponent(host)}&port=${port}`;
    const service = await place.start({ DATABASE_URL: url, SEALFAX_LOOPBACK_SPEED: 'instant' });
    const client = await clientOf(service);
    const fax = await client.faxes.send({ to: '+15550100001', documents: [await sampleLetter()] });
    assert.equal((await client.faxes.wait(fax.id)).state, 'delivered');
    await client.close();
    assert.equal(existsSync(join(place.path, 'postgres')), false, 'no server of our own');
  });

  test('a port that is taken is named', async (t) => {
    const place = await placeFor(t);
    const holder = spawn(process.execPath, [
      '-e',
      "require('net').createServer().listen(0,'127.0.0.1',function(){console.log(this.address().port)})",
    ]);
    t.after(() => holder.kill());
    const [port] = await once(holder.stdout.setEncoding('utf8'), 'data');
    const refused = refusedStart({ SEALFAX_DATA_DIR: place.path, SEALFAX_PORT: String(port).trim() });
    assert.match(refused.stderr, /SEALFAX_PORT names port \d+, which is taken/);
    assert.deepEqual(processesOf(place.path), []);
  });
});
