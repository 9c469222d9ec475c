import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SealedStream } from '../../../gateway/reception/sealed-stream.ts';

async function read(stream: SealedStream): Promise<number[]> {
  const seen: number[] = [];
  for await (const piece of stream) seen.push(...piece);
  return seen;
}

describe('a sealed stream', () => {
  test('gives the pieces in order and ends when it is closed', async () => {
    const stream = new SealedStream();
    const all = read(stream);
    for (const value of [1, 2, 3]) await stream.write(Uint8Array.of(value));
    stream.close();
    assert.deepEqual(await all, [1, 2, 3]);
  });

  test('holds a writer until its piece was taken', async () => {
    const stream = new SealedStream();
    let taken = false;
    const write = stream.write(Uint8Array.of(1)).then(() => {
      taken = true;
    });
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    assert.equal(taken, false);
    const all = read(stream);
    await write;
    stream.close();
    assert.deepEqual(await all, [1]);
  });

  test('a reader that gives up is heard by the waiting writer and by every later one', async () => {
    const stream = new SealedStream();
    const write = stream.write(Uint8Array.of(1));
    stream.fail(new Error('no room'));
    await assert.rejects(write, /no room/);
    await assert.rejects(stream.write(Uint8Array.of(2)), /no room/);
  });

  test('a writer that gives up makes the reader throw', async () => {
    const stream = new SealedStream();
    const all = read(stream);
    stream.fail(new Error('dropped'));
    await assert.rejects(all, /dropped/);
  });
});
