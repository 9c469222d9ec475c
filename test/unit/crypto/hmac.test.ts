import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import { hex } from '../../../crypto/index.ts';
import { hmac } from '../../../crypto/node-hmac.ts';

const octets = (text: string) => new TextEncoder().encode(text);
const counted = (length: number) => Uint8Array.from({ length }, (_, at) => (at * 7 + 3) % 256);

describe('HMAC', () => {
  test('the test cases 1, 2 and 6 of RFC 4231 §4', () => {
    const [first, long] = [new Uint8Array(20).fill(0x0b), new Uint8Array(131).fill(0xaa)];
    assert.equal(
      hex(hmac('sha256', first, octets('Hi There'))),
      'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
    );
    assert.equal(
      hex(hmac('sha256', octets('Jefe'), octets('what do ya want for nothing?'))),
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
    assert.equal(
      hex(hmac('sha256', long, octets('Test Using Larger Than Block-Size Key - Hash Key First'))),
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    );
    assert.equal(
      hex(hmac('sha512', octets('Jefe'), octets('what do ya want for nothing?'))),
      '164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737',
    );
  });

  test('as OpenSSL makes it, where blocks and pieces end', () => {
    for (const name of ['sha256', 'sha512'] as const) {
      for (const key of [0, 1, 63, 64, 65, 127, 128, 129, 300].map(counted)) {
        for (const message of [0, 1, 64, 4_095, 4_096, 4_097, 9_000].map(counted)) {
          assert.deepEqual(hmac(name, key, message), new Uint8Array(createHmac(name, key).update(message).digest()));
        }
      }
    }
  });
});
