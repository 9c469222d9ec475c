import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  identificationFif,
  parseIdentification,
  parseSubaddress,
  subaddressFif,
} from '../../../../../carrier-adapters/sip-t38/t30/frames/station-id.ts';

const octets = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));

describe('identifications (T.30 §5.3.6.2.4)', () => {
  test('the CSI of SpanDSP is read and written as that machine does', () => {
    const fif = octets('0c0c8c0cacacac04040404040404040404040404');
    assert.equal(parseIdentification(fif), '5550100');
    assert.deepEqual(identificationFif('5550100'), fif);
  });

  for (const id of ['+49 30 5550100', '0', '12345678901234567890']) {
    test(`"${id}" is read as it is written`, () => assert.equal(parseIdentification(identificationFif(id)), id));
  }

  test('characters that T.30 does not have are left out, and those over the twentieth', () => {
    assert.equal(parseIdentification(identificationFif('Praxis +49-30/555')), '+4930555');
    assert.equal(parseIdentification(identificationFif('123456789012345678901')), '12345678901234567890');
  });

  test('what is not printable becomes a space, and spaces around it go', () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    for (let at = 0; at + 20 <= all.length; at += 20) {
      const id = parseIdentification(all.subarray(at, at + 20)) ?? '';
      assert.match(id, /^[\x20-\x7e]*$/);
      assert.equal(id, id.trim());
    }
  });

  test('an empty one is none', () => {
    assert.equal(parseIdentification(identificationFif('')), null);
    assert.equal(parseIdentification(new Uint8Array()), null);
    assert.equal(parseIdentification(new Uint8Array(20)), null);
  });

  test('every truncation is what has come of it: the end comes first', () => {
    const fif = identificationFif('12345678901234567890');
    for (let length = 1; length <= 20; length++)
      assert.equal(parseIdentification(fif.subarray(0, length)), '12345678901234567890'.slice(20 - length));
  });

  test('octets over the twentieth are left out', () => {
    const long = new Uint8Array(200).fill(0x8c);
    assert.equal(parseIdentification(long), '1'.repeat(20));
  });

  test('a subaddress is its digits', () => {
    assert.equal(parseSubaddress(subaddressFif('4711')), '4711');
    assert.equal(parseSubaddress(subaddressFif('*47#11')), '4711');
    assert.equal(parseSubaddress(subaddressFif('')), null);
    assert.equal(parseSubaddress(identificationFif('+ +')), null);
  });
});
