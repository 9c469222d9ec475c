import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { verifyWebhook } from '../../../api/client/index.ts';
import { generateEd25519, signEd25519 } from '../../../crypto/index.ts';

const NOW = Date.UTC(2026, 0, 15, 12);
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const BODY = JSON.stringify({ type: 'fax.received', timestamp: '2026-01-15T12:00:00.000Z', data: { fax: 'fax_ä' } });
const signer = await generateEd25519();
const PUBLIC_KEY = `whpk_${Buffer.from(signer.publicKey).toString('base64')}`;

/** Signed by the reference package, which is not ours. */
function headers(at = NOW, body = BODY): Record<string, string> {
  return {
    'webhook-id': 'evt_1',
    'webhook-timestamp': String(at / 1_000),
    'webhook-signature': new Webhook(SECRET).sign('evt_1', new Date(at), body),
  };
}

const refused = (reason: string) => ({ name: 'ClientError', code: 'webhook_rejected', reason });

describe('the verification of a webhook', () => {
  test('takes what the reference package signed', async () => {
    const message = await verifyWebhook(BODY, headers(), { secret: SECRET, now: NOW });
    assert.equal(message.type, 'fax.received');
    const raw = await verifyWebhook(Buffer.from(BODY), new Headers(headers()), { secret: SECRET, now: NOW });
    assert.deepEqual(raw, message);
  });

  test('takes header names in any case, and any of several signatures', async () => {
    const { 'webhook-signature': signature, ...rest } = headers();
    const several = { ...rest, 'Webhook-Signature': `v1,AAAA v2,x ${signature}` };
    assert.ok(await verifyWebhook(BODY, several, { secret: SECRET, now: NOW }));
  });

  test('takes an Ed25519 signature by the public key', async () => {
    const content = Buffer.from(`evt_1.${NOW / 1_000}.${BODY}`);
    const signature = Buffer.from(await signEd25519(signer.privateKey, content)).toString('base64');
    const signed = { ...headers(), 'webhook-signature': `v1a,${signature}` };
    assert.ok(await verifyWebhook(BODY, signed, { publicKey: PUBLIC_KEY, now: NOW }));
    await assert.rejects(verifyWebhook(`${BODY} `, signed, { publicKey: PUBLIC_KEY, now: NOW }), refused('no_match'));
    await assert.rejects(verifyWebhook(BODY, signed, { secret: SECRET, now: NOW }), refused('no_match'));
  });

  test('refuses another body, id, time or secret', async () => {
    const keys = { secret: SECRET, now: NOW };
    await assert.rejects(verifyWebhook(`${BODY} `, headers(), keys), refused('no_match'));
    await assert.rejects(verifyWebhook(BODY, { ...headers(), 'webhook-id': 'evt_2' }, keys), refused('no_match'));
    const later = { ...headers(), 'webhook-timestamp': String(NOW / 1_000 + 1) };
    await assert.rejects(verifyWebhook(BODY, later, keys), refused('no_match'));
    const other = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
    await assert.rejects(verifyWebhook(BODY, headers(), { secret: other, now: NOW }), refused('no_match'));
  });

  test('refuses what is older or newer than five minutes', async () => {
    const keys = { secret: SECRET, now: NOW };
    assert.ok(await verifyWebhook(BODY, headers(NOW - 300_000), keys));
    assert.ok(await verifyWebhook(BODY, headers(NOW + 300_000), keys));
    await assert.rejects(verifyWebhook(BODY, headers(NOW - 301_000), keys), refused('too_old'));
    await assert.rejects(verifyWebhook(BODY, headers(NOW + 301_000), keys), refused('too_new'));
  });

  for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature']) {
    test(`needs ${name}`, async () => {
      const some = { ...headers(), [name]: undefined };
      await assert.rejects(verifyWebhook(BODY, some, { secret: SECRET, now: NOW }), refused('headers_missing'));
    });
  }

  test('names a time that is none, a key that is none, and a body that is not JSON', async () => {
    const keys = { secret: SECRET, now: NOW };
    const odd = { ...headers(), 'webhook-timestamp': '1e9' };
    await assert.rejects(verifyWebhook(BODY, odd, keys), refused('timestamp_invalid'));
    await assert.rejects(verifyWebhook(BODY, headers(), { secret: 'whsec_short', now: NOW }), refused('key_invalid'));
    await assert.rejects(verifyWebhook('no', headers(NOW, 'no'), keys), refused('body_invalid'));
  });
});
