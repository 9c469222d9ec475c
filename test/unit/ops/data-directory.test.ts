import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { DataDirectoryError, ownDataDirectory } from '../../../ops/data-directory.ts';

const code = (wanted: string, pid?: number) => (error: unknown) =>
  error instanceof DataDirectoryError && error.code === wanted && (pid === undefined || error.pid === pid);

describe('the data directory', () => {
  let root: string;
  let count = 0;
  const fresh = () => join(root, `data-${count++}`);
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'sealfax-test-'));
  });
  after(() => rm(root, { recursive: true, force: true }));

  test('is made for this user alone, and free again after release', async () => {
    const path = join(fresh(), 'deeper');
    const owned = await ownDataDirectory(path);
    assert.equal((await stat(path)).mode & 0o777, 0o700);
    assert.deepEqual(await readdir(path), ['owner.lock']);
    await owned.release();
    await owned.release();
    assert.deepEqual(await readdir(path), []);
    await (await ownDataDirectory(path)).release();
  });
  test('has one owner: a second one is refused with its process id', async () => {
    const path = fresh();
    const owned = await ownDataDirectory(path);
    await assert.rejects(ownDataDirectory(path), code('in_use', process.pid));
    assert.deepEqual(await readdir(path), ['owner.lock']);
    await owned.release();
  });
  test('has one owner when many want it at once', async () => {
    const path = fresh();
    const answers = await Promise.allSettled(Array.from({ length: 10 }, () => ownDataDirectory(path)));
    assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 1);
    const refused = answers.filter((answer) => answer.status === 'rejected');
    assert.ok(refused.every(({ reason }) => code('in_use')(reason)));
  });
  test('is taken over from a gateway that was killed', async () => {
    const path = fresh();
    const script = `import { ownDataDirectory } from ${JSON.stringify(join(process.cwd(), 'ops/data-directory.ts'))};
      await ownDataDirectory(${JSON.stringify(path)}); console.log('owned'); setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await assert.rejects(ownDataDirectory(path), code('in_use', child.pid));
    child.kill('SIGKILL');
    await exited;
    await (await ownDataDirectory(path)).release();
  });
  test('is taken over when the process id belongs to another process or another boot by now', async () => {
    for (const change of [{ started: '1' }, { boot: 'an earlier boot' }]) {
      const path = fresh();
      await ownDataDirectory(path);
      const lock = join(path, 'owner.lock');
      const mine = JSON.parse(await readFile(lock, 'utf8'));
      await writeFile(lock, JSON.stringify({ ...mine, ...change }));
      await (await ownDataDirectory(path)).release();
    }
  });
  test('is taken over from a lock that makes no sense', async () => {
    for (const text of ['', '{', '{"pid":"x"}', 'null']) {
      const path = fresh();
      await mkdir(path);
      await writeFile(join(path, 'owner.lock'), text);
      await (await ownDataDirectory(path)).release();
    }
  });
  test('is refused when it is no directory or others may write to it', async () => {
    const file = fresh();
    await writeFile(file, '');
    await assert.rejects(ownDataDirectory(file), code('not_usable'));
    const open = fresh();
    await mkdir(open);
    await chmod(open, 0o777);
    await assert.rejects(ownDataDirectory(open), code('not_usable'));
  });
});
