import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { describe, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { verifyWebhook } from '../../../api/client/index.ts';
import { generateEd25519 } from '../../../crypto/index.ts';
import { newEndpointSecret } from '../../../gateway/notify/endpoint-secrets.ts';
import { signDelivery, webhookPublicKey } from '../../../gateway/notify/signature.ts';

const BODY = new TextEncoder().encode('{"type":"fax.delivered","data":{"fax":"fax_ä"}}');
const key = await generateEd25519();

/** An Ed25519 public key as OpenSSL wants it: RFC 8410 §4 in front of the 32 octets. */
function openSslKey(whpk: string) {
  const raw = Buffer.from(whpk.slice('whpk_'.length), 'base64');
  assert.equal(raw.length, 32);
  return createPublicKey({
    key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]),
    format: 'der',
    type: 'spki',
  });
}

describe('the signature of a delivery', () => {
  test('the npm package standardwebhooks verifies v1 beside v1a', async () => {
    const secret = newEndpointSecret();
    const headers = { ...(await signDelivery('evt_1', Date.now(), BODY, [secret], key)) };
    const seen = new Webhook(secret).verify(new TextDecoder().decode(BODY), headers);
    assert.deepEqual(seen, { type: 'fax.delivered', data: { fax: 'fax_ä' } });
  });

  test('while a secret is rotated both verify, and a third does not', async () => {
    const secrets = [newEndpointSecret(), newEndpointSecret()];
    const headers = { ...(await signDelivery('evt_1', Date.now(), BODY, secrets, key)) };
    const text = new TextDecoder().decode(BODY);
    for (const secret of secrets) new Webhook(secret).verify(text, headers);
    assert.throws(() => new Webhook(newEndpointSecret()).verify(text, headers), /No matching signature/);
    assert.throws(() => new Webhook(secrets[0] ?? '').verify(`${text} `, headers), /No matching signature/);
  });

  test('while the key of the gateway is rotated both verify, and a third does not', async () => {
    const [before, third] = [await generateEd25519(), await generateEd25519()];
    const now = Date.now();
    const headers = { ...(await signDelivery('evt_1', now, BODY, [newEndpointSecret()], { ...key, before })) };
    for (const { publicKey } of [key, before])
      await verifyWebhook(BODY, headers, { publicKey: webhookPublicKey(publicKey), now });
    const stranger = { publicKey: webhookPublicKey(third.publicKey), now };
    await assert.rejects(verifyWebhook(BODY, headers, stranger), { reason: 'no_match' });
    const after = { ...(await signDelivery('evt_1', now, BODY, [newEndpointSecret()], { ...key, before: null })) };
    const old = { publicKey: webhookPublicKey(before.publicKey), now };
    await assert.rejects(verifyWebhook(BODY, after, old), { reason: 'no_match' });
  });

  test('v1a is Ed25519 over id.timestamp.body under the whpk_ key', async () => {
    const headers = await signDelivery('evt_1', 1_768_478_400_999, BODY, [newEndpointSecret()], key);
    assert.equal(headers['webhook-timestamp'], '1768478400');
    const token = headers['webhook-signature'].split(' ').find((one) => one.startsWith('v1a,')) ?? '';
    const signature = Buffer.from(token.slice('v1a,'.length), 'base64');
    const content = Buffer.concat([Buffer.from('evt_1.1768478400.'), BODY]);
    assert.equal(verify(null, content, openSslKey(webhookPublicKey(key.publicKey)), signature), true);
    content[0] = 0;
    assert.equal(verify(null, content, openSslKey(webhookPublicKey(key.publicKey)), signature), false);
  });
});
