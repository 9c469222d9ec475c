import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { DataDirectoryError, ownDataDirectory } from '../../../ops/data-directory.ts';

function place(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'sealfax-owner-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return join(dir, 'data');
}

describe('data directory', () => {
  test('is made for its owner alone', async (t) => {
    const path = place(t);
    const owned = await ownDataDirectory(path);
    assert.equal(statSync(path).mode & 0o777, 0o700);
    await owned.release();
    await owned.release();
    await (await ownDataDirectory(path)).release();
  });

  test('a second owner is refused with the process id of the first', async (t) => {
    const path = place(t);
    const owned = await ownDataDirectory(path);
    await assert.rejects(ownDataDirectory(path), (error: unknown) => {
      assert.ok(error instanceof DataDirectoryError);
      assert.match(error.message, new RegExp(`process id ${process.pid}$`));
      return true;
    });
    await owned.release();
  });

  test('of twenty that try at once over a dead lock, one becomes the owner', async (t) => {
    const path = place(t);
    await (await ownDataDirectory(path)).release();
    writeFileSync(join(path, 'gateway.lock'), JSON.stringify({ pid: 1, boot: 'an earlier boot', started: '1' }));
    const tries = await Promise.allSettled(Array.from({ length: 20 }, () => ownDataDirectory(path)));
    assert.equal(tries.filter((one) => one.status === 'fulfilled').length, 1);
  });

  test('the lock of a killed process is taken over, also when its id lives again', async (t) => {
    const path = place(t);
    const code = `import { ownDataDirectory } from ${JSON.stringify(new URL('../../../ops/data-directory.ts', import.meta.url).href)}; await ownDataDirectory(${JSON.stringify(path)}); console.log('owned'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    await assert.rejects(ownDataDirectory(path), new RegExp(`process id ${child.pid}`));
    child.kill('SIGKILL');
    await once(child, 'exit');
    const owned = await ownDataDirectory(path);
    assert.equal(JSON.parse(readFileSync(join(path, 'gateway.lock'), 'utf8')).pid, process.pid);
    await owned.release();
    writeFileSync(
      join(path, 'gateway.lock'),
      JSON.stringify({ pid: process.pid, boot: 'same id, another boot', started: '5' }),
    );
    await (await ownDataDirectory(path)).release();
  });

  test('a file in its place is a clear error', async (t) => {
    const path = place(t);
    writeFileSync(path, '');
    await assert.rejects(ownDataDirectory(path), /cannot be made|is not a directory/);
  });
});
