import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createObjectSealer, newKey, openObject, sealObject, storedObjectLength } from '../../../crypto/index.ts';
import { OBJECT_HEADER_SIZE } from '../../../crypto/stream/object.ts';
import { RECORD_SIZE, SEALED_RECORD_SIZE } from '../../../crypto/stream/records.ts';
import { chunked, collect, flipBit, pattern, rejectsWith } from './material.ts';

const context = { fax: 'fax_1', object: 'page/3' };
const dek = newKey();
const sealed = (plain: Uint8Array) => collect(sealObject(dek, context, [plain]));
const open = (bytes: Uint8Array, key = dek, where = context) => collect(openObject(key, where, [bytes]));

describe('stored object', () => {
  const sizes = [0, 1, 15, 16, RECORD_SIZE - 1, RECORD_SIZE, RECORD_SIZE + 1, 2 * RECORD_SIZE, 3 * RECORD_SIZE + 5];
  for (const size of sizes) {
    test(`${size} octets come back whatever the chunks, and have the foretold length`, async () => {
      const plain = pattern(size);
      for (const step of [1000, RECORD_SIZE, 100_000, 1 << 20]) {
        const bytes = await collect(sealObject(dek, context, chunked(plain, step)));
        assert.equal(bytes.length, storedObjectLength(size));
        for (const wire of [777, SEALED_RECORD_SIZE, 1 << 20]) {
          assert.deepEqual(await collect(openObject(dek, context, chunked(bytes, wire))), plain);
        }
      }
    });
  }

  test('the push form gives what the pull form opens', async () => {
    const plain = pattern(150_000);
    const sealer = await createObjectSealer(dek, context);
    const parts = [sealer.header];
    for (const chunk of chunked(plain, 7_001)) parts.push(...(await sealer.write(chunk)));
    parts.push(await sealer.end());
    assert.deepEqual(await collect(openObject(dek, context, parts)), plain);
    await rejectsWith('usage', sealer.write(plain));
    await rejectsWith('usage', sealer.end());
  });

  test('two writes at once are refused instead of mixing records', async () => {
    const sealer = await createObjectSealer(dek, context);
    const first = sealer.write(pattern(200_000));
    await rejectsWith('usage', sealer.write(pattern(10)));
    assert.equal((await first).length, 3);
    sealer.discard();
    await rejectsWith('usage', sealer.end());
  });

  test('two objects of one plaintext share nothing', async () => {
    const [a, b] = await Promise.all([sealed(pattern(100)), sealed(pattern(100))]);
    assert.notDeepEqual(a.subarray(8, 72), b.subarray(8, 72));
    assert.notDeepEqual(a.subarray(72), b.subarray(72));
  });

  test('chunks lent by the opener are at most 64 KiB and zeroed when the next one is asked for', async () => {
    const lent: Uint8Array[] = [];
    for await (const chunk of openObject(dek, context, [await sealed(pattern(200_000).map((octet) => octet | 1))])) {
      assert.ok(chunk.length <= RECORD_SIZE && chunk.every((octet) => octet !== 0));
      lent.push(chunk);
    }
    assert.equal(lent.length, 4);
    assert.ok(lent.every((chunk) => chunk.every((octet) => octet === 0)));
  });

  test('a reader that stops early zeroes its chunk and closes the source', async () => {
    const bytes = await sealed(pattern(200_000));
    let closed = false;
    async function* source() {
      try {
        yield* chunked(bytes, 10_000);
      } finally {
        closed = true;
      }
    }
    let lent: Uint8Array = Uint8Array.of(1);
    for await (const chunk of openObject(dek, context, source())) {
      lent = new Uint8Array(chunk.buffer);
      break;
    }
    assert.ok(closed && lent.length === RECORD_SIZE && lent.every((octet) => octet === 0));
  });

  test('source chunks stay as they are unless they are given away', async () => {
    const kept = pattern(100_000);
    await collect(sealObject(dek, context, [kept]));
    assert.deepEqual(kept, pattern(100_000));
    await collect(sealObject(dek, context, [kept], { wipeSource: true }));
    assert.ok(kept.every((octet) => octet === 0));
    const pushed = pattern(10);
    const sealer = await createObjectSealer(dek, context, { wipeSource: true });
    await sealer.write(pushed);
    assert.ok(pushed.every((octet) => octet === 0));
  });

  test('a source that fails is passed on, not taken for the end', async () => {
    const bytes = await sealed(pattern(10));
    async function* source() {
      yield bytes;
      throw new Error('connection lost');
    }
    await assert.rejects(collect(openObject(dek, context, source())), /connection lost/);
    await assert.rejects(collect(sealObject(dek, context, source())), /connection lost/);
  });
});

describe('a stored object does not open', () => {
  test('under another key, fax or object', async () => {
    const bytes = await sealed(pattern(10));
    await rejectsWith('commit', open(bytes, newKey()));
    await rejectsWith('commit', open(bytes, dek, { fax: 'fax_2', object: 'page/3' }));
    await rejectsWith('commit', open(bytes, dek, { fax: 'fax_1', object: 'page/4' }));
    // The names are length-prefixed: moving the border between them is another place.
    await rejectsWith('commit', open(bytes, dek, { fax: 'fax_1p', object: 'age/3' }));
  });

  test('with any bit of a small one turned over', async () => {
    const bytes = await sealed(pattern(5));
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      await rejectsWith(['header', 'commit', 'record'], open(flipBit(bytes, bit)));
    }
  });

  test('cut at any octet of a small one', async () => {
    const bytes = await sealed(pattern(5));
    for (let length = 0; length < bytes.length; length++) {
      await rejectsWith(['truncated', 'record'], open(bytes.subarray(0, length)));
    }
  });

  test('with records cut, swapped, repeated, appended or moved in from another object', async () => {
    const bytes = await sealed(pattern(3 * RECORD_SIZE));
    const other = await sealed(pattern(3 * RECORD_SIZE, 2));
    const header = bytes.subarray(0, OBJECT_HEADER_SIZE);
    const record = (of: Uint8Array, at: number) =>
      of.subarray(OBJECT_HEADER_SIZE + at * SEALED_RECORD_SIZE, OBJECT_HEADER_SIZE + (at + 1) * SEALED_RECORD_SIZE);
    const [a, b, c] = [record(bytes, 0), record(bytes, 1), record(bytes, 2)];
    const wrong = [
      [a, b],
      [a],
      [b, c],
      [b, a, c],
      [a, c, b],
      [a, a, b, c],
      [a, b, c, c],
      [a, b, record(other, 2)],
      [record(other, 0), b, c],
      [a, b, c, new Uint8Array(16)],
      [a, b, c.subarray(0, -1)],
      [a, b, c, new Uint8Array(1)],
    ];
    for (const records of wrong) await rejectsWith('record', collect(openObject(dek, context, [header, ...records])));
    await rejectsWith('truncated', collect(openObject(dek, context, [header])));
    await rejectsWith('truncated', collect(openObject(dek, context, [header, a, b, c.subarray(0, 15)])));
    assert.equal((await collect(openObject(dek, context, [header, a, b, c]))).length, 3 * RECORD_SIZE);
  });

  test('with an empty last record, which would be a second form of one plaintext', async () => {
    const { deriveStreamSecrets } = await import('../../../crypto/stream/secrets.ts');
    const { openRecords } = await import('../../../crypto/stream/records.ts');
    const { aesGcmSeal } = await import('../../../crypto/aead.ts');
    const secrets = await deriveStreamSecrets(newKey(), new Uint8Array(1));
    const none = new Uint8Array(0);
    const nonce = (index: number, final: number) => {
      const bytes = secrets.iv.slice();
      bytes[7] = (bytes[7] ?? 0) ^ final;
      bytes[11] = (bytes[11] ?? 0) ^ index;
      return bytes;
    };
    const full = await aesGcmSeal(secrets.key, nonce(0, 0), none, pattern(RECORD_SIZE));
    const empty = await aesGcmSeal(secrets.key, nonce(1, 1), none, none);
    const one = await aesGcmSeal(secrets.key, nonce(1, 1), none, pattern(1));
    await rejectsWith('record', collect(openRecords(secrets, none, [full, empty])));
    assert.equal((await collect(openRecords(secrets, none, [full, one]))).length, RECORD_SIZE + 1);
  });

  test('names of no or too many octets and keys of another length are our fault', async () => {
    await rejectsWith('usage', collect(sealObject(dek, { fax: '', object: 'a' }, [])));
    await rejectsWith('usage', collect(sealObject(dek, { fax: 'a', object: 'a'.repeat(256) }, [])));
    await rejectsWith('usage', collect(sealObject(dek.subarray(1), context, [])));
  });
});
