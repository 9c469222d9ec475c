import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { passkeyChallenge } from '../../../crypto/index.ts';

describe('the challenge of a passkey (SPEC.md §8)', () => {
  const th = Uint8Array.from({ length: 64 }, (_, at) => at);

  test('is SHA-256 over the label "passkey" and the transcript hash, as base64url', async () => {
    const octets = Buffer.concat([Buffer.from('sfx1 passkey\0', 'latin1'), th]);
    const expected = createHash('sha256').update(octets).digest('base64url');
    assert.equal(await passkeyChallenge(th), expected);
    assert.equal(expected.length, 43);
  });

  test('is of one transcript alone, and of nothing that is none', async () => {
    const other = th.slice();
    other[63] = 0;
    assert.notEqual(await passkeyChallenge(th), await passkeyChallenge(other));
    await assert.rejects(passkeyChallenge(th.subarray(1)));
  });
});
