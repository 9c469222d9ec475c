import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hex, hmacSha1, sha1 } from '../../../crypto/index.ts';

const octets = (text: string) => new TextEncoder().encode(text);

describe('SHA-1', () => {
  test('of the examples in FIPS 180', () => {
    assert.equal(hex(sha1(octets('abc'))), 'a9993e364706816aba3e25717850c26c9cd0d89d');
    assert.equal(
      hex(sha1(octets('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq'))),
      '84983e441c3bd26ebaae4aa1f95129e5e54670f1',
    );
  });

  test('in HMAC: the test cases 1, 2 and 6 of RFC 2202 §3', () => {
    assert.equal(
      hex(hmacSha1(new Uint8Array(20).fill(0x0b), octets('Hi There'))),
      'b617318655057264e28bc0b6fb378c8ef146be00',
    );
    assert.equal(
      hex(hmacSha1(octets('Jefe'), octets('what do ya want for nothing?'))),
      'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79',
    );
    assert.equal(
      hex(hmacSha1(new Uint8Array(80).fill(0xaa), octets('Test Using Larger Than Block-Size Key - Hash Key First'))),
      'aa4ae5e15272d00e95705637ce8a3b55ed402112',
    );
  });
});
