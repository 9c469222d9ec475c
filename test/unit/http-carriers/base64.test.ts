import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { base64Octets } from '../../../carrier-adapters/http/index.ts';

const text = new TextDecoder();

describe('base64 in octets (RFC 4648 §4)', () => {
  for (const [plain, coded] of [
    ['', ''],
    ['f', 'Zg=='],
    ['fo', 'Zm8='],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg=='],
    ['fooba', 'Zm9vYmE='],
    ['foobar', 'Zm9vYmFy'],
  ] as const) {
    test(`§10: "${plain}" is "${coded}"`, () => {
      assert.equal(text.decode(base64Octets(new TextEncoder().encode(plain))), coded);
    });
  }

  test('every octet in every place is as Node writes it', () => {
    const bytes = Uint8Array.from({ length: 257 * 3 }, (_, index) => (index * 7) % 256);
    for (let length = bytes.length - 3; length <= bytes.length; length++) {
      const part = bytes.subarray(0, length);
      assert.equal(text.decode(base64Octets(part)), Buffer.from(part).toString('base64'));
    }
  });
});
