import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { newKey, openSmall, sealSmall, unwrapKey, wrapKey } from '../../../crypto/index.ts';
import { flipBit, pattern, rejectsWith } from './material.ts';

const kek = newKey();

describe('wrapped keys', () => {
  test('a key comes back under its KEK and context only', async () => {
    const key = newKey();
    const wrapped = await wrapKey(kek, key, 'fax_1');
    assert.equal(wrapped.length, 61);
    assert.deepEqual(await unwrapKey(kek, wrapped, 'fax_1'), key);
    await rejectsWith('wrap', unwrapKey(kek, wrapped, 'fax_2'));
    await rejectsWith('wrap', unwrapKey(newKey(), wrapped, 'fax_1'));
  });

  test('no changed bit, cut or addition is accepted', async () => {
    const wrapped = await wrapKey(kek, newKey(), 'a');
    for (let bit = 0; bit < wrapped.length * 8; bit++)
      await rejectsWith('wrap', unwrapKey(kek, flipBit(wrapped, bit), 'a'));
    for (let at = 0; at < wrapped.length; at++) await rejectsWith('wrap', unwrapKey(kek, wrapped.subarray(0, at), 'a'));
    await rejectsWith('wrap', unwrapKey(kek, new Uint8Array([...wrapped, 0]), 'a'));
  });

  test('one key is never wrapped twice alike', async () => {
    const key = newKey();
    assert.notDeepEqual(await wrapKey(kek, key, 'a'), await wrapKey(kek, key, 'a'));
  });

  test('keys of another length are our fault', async () => {
    await rejectsWith('usage', wrapKey(kek, new Uint8Array(31), 'a'));
    await rejectsWith('usage', wrapKey(new Uint8Array(16), newKey(), 'a'));
  });
});

describe('small records', () => {
  test('come back, and are not wrapped keys', async () => {
    for (const size of [0, 1, 32, 5_000]) {
      const sealed = await sealSmall(kek, 'slot/1', pattern(size));
      assert.equal(sealed.length, size + 29);
      assert.deepEqual(await openSmall(kek, 'slot/1', sealed), pattern(size));
      await rejectsWith('wrap', openSmall(kek, 'slot/2', sealed));
      await rejectsWith('wrap', unwrapKey(kek, sealed, 'slot/1'));
    }
    await rejectsWith('usage', sealSmall(kek, 'a', new Uint8Array(1_048_577)));
    await rejectsWith('wrap', openSmall(kek, 'a', new Uint8Array(28)));
  });
});
