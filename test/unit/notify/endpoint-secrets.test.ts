import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { newKey, SealError } from '../../../crypto/index.ts';
import { newId } from '../../../gateway/fax/ids.ts';
import type { EndpointSecret } from '../../../gateway/notify/endpoint-secrets.ts';
import {
  liveSecrets,
  newEndpointSecret,
  openSecrets,
  ROTATION_OVERLAP,
  rotated,
  sealSecrets,
  secretKey,
} from '../../../gateway/notify/endpoint-secrets.ts';

const endpoint = newId('whe', (prefix) => `${prefix}_01hzzzzzzzzzzzzzzzzzzzzzzz`);
const other = newId('whe', (prefix) => `${prefix}_01hyyyyyyyyyyyyyyyyyyyyyyy`);

describe('the secrets of an endpoint', () => {
  test('are whsec_ and 32 random bytes in base64', () => {
    assert.match(newEndpointSecret(), /^whsec_[A-Za-z0-9+/]{43}=$/);
    assert.equal(secretKey(newEndpointSecret()).length, 32);
    assert.notEqual(newEndpointSecret(), newEndpointSecret());
  });

  test('the old one signs for 24 hours beside the new one; never more than two', () => {
    const first: EndpointSecret[] = [{ secret: 'whsec_a', until: null }];
    const second = rotated(first, 1_000);
    assert.deepEqual(liveSecrets(second, 1_000 + ROTATION_OVERLAP - 1).slice(1), ['whsec_a']);
    assert.equal(liveSecrets(second, 1_000 + ROTATION_OVERLAP).length, 1);
    const third = rotated(second, 2_000);
    assert.equal(third.length, 2);
    assert.equal(third[1]?.secret, second[0]?.secret);
  });

  test('are sealed to their endpoint and key', async () => {
    const key = newKey();
    const secrets = rotated([{ secret: newEndpointSecret(), until: null }], 5);
    const sealed = await sealSecrets(key, endpoint, secrets);
    assert.deepEqual(await openSecrets(key, endpoint, sealed), secrets);
    await assert.rejects(openSecrets(key, other, sealed), SealError);
    await assert.rejects(openSecrets(newKey(), endpoint, sealed), SealError);
    assert.equal(Buffer.from(sealed).includes('whsec_'), false);
  });
});
