import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ApiProblem, type Client, connect, connectAdmin } from '../../api/client/index.ts';
import { sampleLetter } from '../../gateway/imaging/index.ts';
import { type Service, startService } from '../../ops/bench/service.ts';
import { backupCommands } from '../../ops/cli/backup.ts';
import { COMMANDS, runCli } from '../../ops/cli/index.ts';
import { restoreCommands } from '../../ops/cli/restore.ts';
import { rememberingIo } from '../unit/cli/console.ts';

const DAY = 86_400_000;

interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** `sealfax` with these words and settings, in this process: a start of its own takes seconds on a busy machine. */
async function sealfax(words: readonly string[], settings: Readonly<Record<string, string>>): Promise<Ran> {
  const { io, shown } = rememberingIo();
  const names = Object.keys(settings).filter((name) => !name.startsWith('SEALFAX_ADMIN'));
  for (const name of names) process.env[name] = settings[name];
  try {
    const status = await runCli(words, settings, io, { ...COMMANDS, ...backupCommands, ...restoreCommands });
    return { status, out: shown.out, err: shown.err };
  } finally {
    for (const name of names) delete process.env[name];
  }
}

/** The same users at another life of the gateway. */
const at = (connection: string, service: Service) => connection.replace(/:\d+\?/, `:${new URL(service.url).port}?`);

describe('backup, loss and restore of a gateway', () => {
  let root: string;
  let lost: Service;
  let client: Client;
  const running: Service[] = [];
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'sealfax-restore-'));
    lost = await startService(join(root, 'lost'), {
      SEALFAX_BACKUP_TO: join(root, 'store'),
      SEALFAX_LOOPBACK_SPEED: 'instant',
    });
    running.push(lost);
    const admin = connectAdmin(lost.admin.connection, lost.admin.password);
    const main = (await admin.accounts()).find(({ name }) => name === 'main');
    await admin.addNumber(main?.id ?? '', { number: '+15550190001' });
    await admin.close();
    client = connect(lost.api.connection, lost.api.secret);
  });
  after(async () => {
    await client.close().catch(() => undefined);
    for (const service of running) await service.stop();
    await rm(root, { recursive: true, force: true });
  });

  test('a running gateway is backed up at its start and on request; what is restored calls nobody before the confirmation', async () => {
    const documents = [await sampleLetter()];
    const delivered = await client.faxes.wait((await client.faxes.send({ to: '+15550190001', documents })).id);
    assert.equal(delivered.state, 'delivered');
    const later = new Date(Date.now() + DAY).toISOString();
    const scheduled = await client.faxes.send({ to: '+15550190001', documents, scheduledAt: later });
    const store = join(root, 'store');
    const made = await sealfax(['backup', '--json'], { SEALFAX_DATA_DIR: lost.dataDir, SEALFAX_BACKUP_TO: store });
    assert.equal(made.status, 0, made.err);
    assert.match(made.err, /root key apart/);
    const { name } = JSON.parse(made.out) as { name: string };
    const stored = await readdir(store);
    assert.ok(stored.includes(name));
    assert.equal(stored.length, 2, 'and the one that the gateway made by itself');
    const listed = await sealfax(['backup', 'list', '--to', store], { SEALFAX_DATA_DIR: lost.dataDir });
    assert.match(listed.out, new RegExp(name));
    const verified = await sealfax(['backup', 'verify', name, '--to', store], { SEALFAX_DATA_DIR: lost.dataDir });
    assert.match(verified.out, /^whole: \d+ rows/, verified.err);
    // A fax of the minutes between the backup and the loss.
    const after = await client.faxes.send({ to: '+15550190001', documents, scheduledAt: later });
    process.kill(lost.pid, 'SIGKILL');

    const fresh = join(root, 'fresh');
    const without = await sealfax(['restore', '--from', store], { SEALFAX_DATA_DIR: fresh });
    assert.equal(without.status, 2);
    assert.match(without.err, /root key/);
    await mkdir(`${fresh}-keys`, { mode: 0o700 });
    await copyFile(join(root, 'lost-keys', 'root.key'), join(`${fresh}-keys`, 'root.key'));
    const restored = await sealfax(['restore', '--from', store, '--name', name], { SEALFAX_DATA_DIR: fresh });
    assert.equal(restored.status, 0, restored.err);
    assert.match(restored.out, /0 uncertain, 1 failed as image_lost/);
    const twice = await sealfax(['restore', '--from', store], { SEALFAX_DATA_DIR: fresh });
    assert.equal(twice.status, 8);
    assert.match(twice.err, /is in use/);

    const service = await startService(fresh, { SEALFAX_LOOPBACK_SPEED: 'instant' }, true);
    running.push(service);
    // The same pin, the same secrets.
    const again = connect(at(lost.api.connection, service), lost.api.secret);
    assert.equal((await again.faxes.get(delivered.id)).state, 'delivered');
    const ended = await again.faxes.get(scheduled.id);
    assert.deepEqual([ended.state, ended.cause], ['failed', 'image_lost']);
    assert.equal(ended.imageExists, false, 'wiped at the first start');
    const receipt = await again.faxes.receipt(scheduled.id);
    assert.match(JSON.stringify(receipt), /image_lost|eyJ/);
    await assert.rejects(
      again.faxes.get(after.id),
      (error) => error instanceof ApiProblem && error.code === 'fax_not_found',
    );
    const refused = (error: unknown) =>
      error instanceof ApiProblem && error.code === 'restore_unconfirmed' && error.status === 503;
    await assert.rejects(again.faxes.send({ to: '+15550190001', documents }), refused);
    const ready = await fetchReady(service);
    assert.equal(ready.status, 503);
    assert.match(ready.checks.restore?.detail ?? '', /not confirmed/);

    const adminSettings = {
      SEALFAX_ADMIN_CONNECTION: at(lost.admin.connection, service),
      SEALFAX_ADMIN_SECRET: lost.admin.password,
    };
    const status = await sealfax(['restore', 'status'], adminSettings);
    assert.match(status.out, /^held since/, status.err);
    const confirmed = await sealfax(['restore', 'confirm'], adminSettings);
    assert.match(confirmed.out, /^confirmed/, confirmed.err);
    const sent = await again.faxes.send({ to: '+15550190001', documents });
    assert.equal((await again.faxes.wait(sent.id)).state, 'delivered');
    assert.equal((await fetchReady(service)).status, 200);
    await again.close();
  });

  test('a copy of the database is settled before a gateway starts on it', async () => {
    const service = running.at(-1);
    assert.ok(service);
    const connection = connect(at(lost.api.connection, service), lost.api.secret);
    const scheduledAt = new Date(Date.now() + DAY).toISOString();
    const documents = [await sampleLetter()];
    await connection.faxes.send({ to: '+15550190001', documents, scheduledAt });
    await connection.close();
    const settings = { SEALFAX_DATA_DIR: service.dataDir };
    const now = new Date().toISOString();
    const busy = await sealfax(['restore', 'settle', '--taken-at', now], settings);
    assert.match(busy.err, /another gateway/, 'not under a running gateway');
    await service.stop();
    const settled = await sealfax(['restore', 'settle', '--taken-at', now, '--json'], settings);
    assert.equal(settled.status, 0, settled.err);
    assert.deepEqual(JSON.parse(settled.out).ended, { uncertain: 0, failed: 1, delivered: 0, receiving: 0 });
    const twice = await sealfax(['restore', 'settle', '--taken-at', now], settings);
    assert.match(twice.err, /settled already/);
  });
});

/** The gateway's certificate is its own. */
async function fetchReady(service: Service): Promise<{ status: number; checks: Record<string, { detail: string }> }> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(`${service.url}/readyz`, { rejectUnauthorized: false, agent: false }, resolve).once('error', reject).end();
  });
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const { checks } = JSON.parse(Buffer.concat(chunks).toString()) as { checks: Record<string, { detail: string }> };
  return { status: response.statusCode ?? 0, checks };
}
