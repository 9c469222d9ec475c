import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeNewFile } from '../../../ops/cli/new-file.ts';

/** As an answer of the gateway gives them: each chunk is zeroed when the next is asked for. */
async function* answered(count: number): AsyncGenerator<Uint8Array> {
  for (let i = 1; i <= count; i++) {
    const chunk = new Uint8Array(1_000).fill(i);
    yield chunk;
    chunk.fill(0);
  }
}

test('a file holds what was answered, is private, and is never written over', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'sealfax-file-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'calls.csv');
  await writeNewFile(path, answered(40));
  const written = await readFile(path);
  assert.equal(written.length, 40_000);
  for (let i = 0; i < 40; i++)
    assert.ok(written.subarray(i * 1_000, (i + 1) * 1_000).every((octet) => octet === i + 1));
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  await assert.rejects(writeNewFile(path, answered(1)), { code: 'EEXIST' });
});
