import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fromUtf8, jsonObject, u64 } from '../../../crypto/bytes.ts';
import { base64url, fromBase64url, fromHex, hex, randomBytes, randomId } from '../../../crypto/index.ts';
import { base32 } from '../../../crypto/random.ts';
import { throwsWith } from './material.ts';

describe('base64url (RFC 4648 §5 without padding)', () => {
  test('the test vectors of RFC 4648 §10 are written and read', () => {
    const vectors = { '': '', f: 'Zg', fo: 'Zm8', foo: 'Zm9v', foob: 'Zm9vYg', fooba: 'Zm9vYmE', foobar: 'Zm9vYmFy' };
    for (const [plain, text] of Object.entries(vectors)) {
      assert.equal(base64url(Buffer.from(plain)), text);
      assert.deepEqual(fromBase64url(text), new Uint8Array(Buffer.from(plain)));
    }
  });

  test('every length agrees with Node', () => {
    for (let length = 0; length < 100; length++) {
      const bytes = randomBytes(length);
      assert.equal(base64url(bytes), Buffer.from(bytes).toString('base64url'));
      assert.deepEqual(fromBase64url(base64url(bytes), length), bytes);
    }
  });

  test('padding, white space, the other alphabet, impossible lengths and loose bits are refused', () => {
    for (const text of ['Zg==', 'Zg=', ' Zg', 'Zg\n', 'Z+8A', 'Z/8A', 'Z', 'Zm9vY', 'Zh', 'Zm9', 'Zé8A']) {
      throwsWith('encoding', () => fromBase64url(text));
    }
    throwsWith('encoding', () => fromBase64url('Zm9v', 2));
  });
});

describe('hexadecimal', () => {
  test('octets come back', () =>
    assert.deepEqual(fromHex(hex(Uint8Array.of(0, 1, 254, 255))), Uint8Array.of(0, 1, 254, 255)));
  test('odd lengths and foreign characters are refused', () => {
    for (const text of ['0', '0g', '0x', ' 00']) throwsWith('encoding', () => fromHex(text));
  });
});

describe('integers and texts', () => {
  test('integers are big-endian', () => assert.equal(hex(u64(0x0102030405)), '0000000102030405'));
  test('bad UTF-8 is no text', () => assert.equal(fromUtf8(Uint8Array.of(0xc3, 0x28)), null));
  test('arrays, scalars, a byte-order mark and broken JSON are no JSON object', () => {
    for (const text of ['[]', '1', 'null', '"a"', '{', '\ufeff{}', ''])
      assert.equal(jsonObject(Buffer.from(text)), null);
    assert.deepEqual(jsonObject('{"a":1}'), { a: 1 });
  });
});

describe('ids', () => {
  test('an id is its prefix and 26 characters that sort by time', () => {
    const early = randomId('fax', Date.UTC(2026, 0, 1));
    const late = randomId('fax', Date.UTC(2026, 0, 1) + 1);
    assert.match(early, /^fax_[0-7][0-9a-hjkmnp-tv-z]{25}$/);
    assert.ok(early < late);
    assert.notEqual(randomId('fax', 0), randomId('fax', 0));
  });

  test('the time stands in the first ten characters, as in a ULID', () => {
    // Pairs of time and text from the ULID specification and its reference implementation.
    assert.match(randomId('a', 1469922850259), /^a_01arz3ndek/);
    assert.match(randomId('a', 1469918176385), /^a_01aryz6s41/);
  });

  test('a wrong prefix is our fault', () => {
    throwsWith('usage', () => randomId('Fax_'));
  });

  test('base32 is Crockford in lower case, most significant bits first', () => {
    assert.equal(base32(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff)), 'zzzzzzzz');
    assert.equal(base32(Uint8Array.of(0x00, 0x44, 0x32, 0x14, 0xc7)), '01234567');
    assert.equal(base32(Uint8Array.of(0x80)), 'g0');
  });

  test('more octets than one draw gives are random to the end', () => {
    const bytes = randomBytes(200_000);
    assert.equal(bytes.length, 200_000);
    assert.ok(new Set(bytes.subarray(-256)).size > 100);
  });
});
