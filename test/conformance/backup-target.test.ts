import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { openDirectoryTarget } from '../../ops/backup/directory-target.ts';
import { BackupError } from '../../ops/backup/errors.ts';
import { openTarget, type TargetOptions } from '../../ops/backup/target.ts';
import { sshEnvironment } from '../../ops/config.ts';
import { type S3Emulator, startS3 } from '../emulators/s3/server.ts';
import { sshdMissing, startSshd } from '../servers/sshd.ts';
import { backupTargetSuite, type TargetBackend } from './backup-target.ts';

const MIB = 1_048_576;
const PLAIN: TargetOptions = { s3: undefined, sftp: { config: undefined, environment: sshEnvironment() } };
const code = (wanted: string) => (error: unknown) => error instanceof BackupError && error.code === wanted;

async function startDirectory(): Promise<TargetBackend> {
  const folder = await mkdtemp(join(tmpdir(), 'sealfax-target-'));
  const directory = join(folder, 'backups');
  await writeFile(join(folder, 'file'), '');
  return {
    target: openDirectoryTarget(directory),
    broken: openDirectoryTarget(join(folder, 'file', 'below')),
    litter: async (name) => {
      await mkdir(directory, { recursive: true });
      await writeFile(join(directory, name), 'x');
    },
    names: () => readdir(directory),
    large: 3 * MIB + 1,
    stop: () => rm(folder, { recursive: true, force: true }),
  };
}

function s3Target(s3: S3Emulator, change: Partial<{ bucket: string; secret: string }> = {}) {
  const { bucket = 'backups', secret = s3.secrets.secret } = change;
  const text = `s3://${bucket}/site/one?region=${s3.secrets.region}&endpoint=${encodeURIComponent(s3.url)}`;
  return openTarget(text, { ...PLAIN, s3: { keyId: s3.secrets.keyId, secret } });
}

async function startS3Backend(): Promise<TargetBackend> {
  const s3 = await startS3('backups');
  return {
    target: s3Target(s3),
    broken: s3Target(s3, { secret: 'another' }),
    litter: async (name) => void s3.objects.set(`site/one/${name}`, new Uint8Array(1)),
    names: async () => [...s3.objects.keys(), ...s3.uploads.keys()].map((key) => key.replace('site/one/', '')),
    large: 35 * MIB,
    stop: () => s3.close(),
  };
}

async function startSftpBackend(): Promise<TargetBackend> {
  const sshd = await startSshd();
  const at = (config: string) =>
    openTarget(`${sshd.url}${sshd.folder}`, { ...PLAIN, sftp: { config, environment: sshEnvironment() } });
  return {
    target: at(sshd.config),
    broken: at(sshd.strangerConfig),
    litter: (name) => writeFile(join(sshd.folder, name), 'x'),
    names: () => readdir(sshd.folder),
    large: 3 * MIB + 1,
    stop: () => sshd.stop(),
  };
}

backupTargetSuite('directory', startDirectory);
backupTargetSuite('S3', startS3Backend);
backupTargetSuite('SFTP', startSftpBackend, (await sshdMissing()) ?? false);

describe('backup target: S3, its own', () => {
  test('a large file goes up in signed parts, and an upload that fails is given up', async (t) => {
    const s3 = await startS3('backups');
    t.after(() => s3.close());
    const folder = await mkdtemp(join(tmpdir(), 'sealfax-target-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, 'large');
    await writeFile(path, new Uint8Array(33 * MIB));
    const name = 'sealfax-pinpinpi-20260101T000000Z-00000001.sfb';
    await s3Target(s3).put(name, path);
    assert.equal(s3.requests.filter((line) => /^PUT .*partNumber=/.test(line)).length, 3);
    await assert.rejects(s3Target(s3).put(name, path), code('target_exists'));
    assert.equal(s3.uploads.size, 0);
    assert.deepEqual(s3.refused, []);
  });

  test('a store that keeps less than it was given is found out', async (t) => {
    const s3 = await startS3('backups');
    t.after(() => s3.close());
    const folder = await mkdtemp(join(tmpdir(), 'sealfax-target-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, 'small');
    await writeFile(path, 'backup');
    s3.lossy = true;
    const name = 'sealfax-pinpinpi-20260101T000000Z-00000002.sfb';
    await assert.rejects(s3Target(s3).put(name, path), code('target_failed'));
  });

  test('a service that is busy for a moment is asked again', async (t) => {
    const s3 = await startS3('backups');
    t.after(() => s3.close());
    s3.failing.push(503, 500);
    assert.deepEqual(await s3Target(s3).list(), []);
    assert.equal(s3.requests.length, 3);
  });

  test('an unknown bucket is named by the service', async (t) => {
    const s3 = await startS3('backups');
    t.after(() => s3.close());
    await assert.rejects(s3Target(s3, { bucket: 'others' }).list(), /404 \(NoSuchBucket\)/);
  });
});

describe('addresses of backup targets', () => {
  const s3 = { keyId: 'id', secret: 'secret' };
  const wrong: [why: string, text: string][] = [
    ['another scheme', 'ftp://host/path'],
    ['a password', 'sftp://user:secret@host/path'],
    ['no host', 'sftp:///path'],
    ['an option in the place of a host', 'sftp://-oProxyCommand=x/path'],
    ['an option in the place of a user', 'sftp://-oProxyCommand@host/path'],
    ['a line feed in the path', 'sftp://host/a%0Arm%20b'],
    ['a query', 'sftp://host/path?x=1'],
    ['no bucket', 's3:///prefix'],
    ['a bucket that is none', 's3://B_/prefix'],
    ['an endpoint without TLS', 's3://bucket/p?endpoint=http://store.example'],
    ['an unknown option', 's3://bucket/p?acl=public'],
    ['a prefix that is written with escapes', 's3://bucket/a%2Fb'],
  ];
  for (const [why, text] of wrong) {
    test(`${why} is refused`, () => {
      assert.throws(() => openTarget(text, { ...PLAIN, s3 }), code('target_invalid'));
    });
  }

  test('an S3 target without an access key is refused', () => {
    assert.throws(() => openTarget('s3://bucket/p', PLAIN), code('target_invalid'));
  });

  test('a host without an SFTP server, and a program that is missing, are told apart', async () => {
    const nowhere = openTarget('sftp://127.0.0.1:1/path', PLAIN);
    await assert.rejects(nowhere.list(), code('target_failed'));
    const without = openTarget('sftp://127.0.0.1:1/path', {
      ...PLAIN,
      sftp: { config: undefined, environment: { PATH: '/nonexistent' } },
    });
    await assert.rejects(without.list(), code('program_missing'));
  });
});
