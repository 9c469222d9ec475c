import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileMemory } from '../../../api/client/index.ts';

describe('the memory of statement sequences in a file', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sealfax-memory-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('outlives the process, for each set of pins by itself, and never falls', async () => {
    const path = join(folder, 'deep', 'statements.json');
    assert.equal(await fileMemory(path).highest(['a', 'b']), 0);
    await fileMemory(path).saw(['a', 'b'], 7);
    await fileMemory(path).saw(['a', 'b'], 5);
    assert.equal(await fileMemory(path).highest(['b', 'a']), 7);
    assert.equal(await fileMemory(path).highest(['a']), 0);
    assert.deepEqual(await readdir(join(folder, 'deep')), ['statements.json']);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.equal((await readFile(path, 'utf8')).includes('"a"'), false);
  });

  test('takes a damaged file for an empty one', async () => {
    const path = join(folder, 'damaged.json');
    for (const text of ['{', '[]', 'null', '{"x":"7"}']) {
      await writeFile(path, text);
      assert.equal(await fileMemory(path).highest(['a']), 0);
    }
  });

  test('remembers in the process where no file can be written', async () => {
    await writeFile(join(folder, 'file'), '');
    const memory = fileMemory(join(folder, 'file', 'below.json'));
    await memory.saw(['a'], 3);
    assert.equal(await memory.highest(['a']), 3);
  });
});
