import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openCallback, signatureOf } from '../../../carrier-adapters/signalwire/webhook.ts';

const KEY = '12345';
const URL_TEXT = 'https://mycompany.com/myapp.php?foo=1&bar=2';
const FIELDS = new URLSearchParams({
  CallSid: 'CA1234567890ABCDE',
  Caller: '+14158675309',
  Digits: '1234',
  From: '+14158675309',
  To: '+18005551212',
});
/** The example of the scheme's own documentation. */
const SIGNATURE = 'RSOYDt4T1cUTdK1PDd93/VVr8B8=';
const ORIGIN = new URL('https://mycompany.com');

const request = (change: { body?: string; type?: string; signature?: string; path?: string } = {}) => ({
  path: change.path ?? '/myapp.php?foo=1&bar=2',
  headers: {
    'content-type': change.type ?? 'application/x-www-form-urlencoded',
    'x-signalwire-signature': change.signature ?? SIGNATURE,
  },
  body: new TextEncoder().encode(change.body ?? FIELDS.toString()),
});

describe('the signature of SignalWire’s callbacks', () => {
  test('is HMAC-SHA-1 over the URL and the fields by name, as its documentation works it out', () => {
    assert.equal(Buffer.from(signatureOf(URL_TEXT, FIELDS, KEY)).toString('base64'), SIGNATURE);
    const opened = openCallback(request(), ORIGIN, KEY);
    assert.ok(typeof opened !== 'string');
    assert.equal(opened.fields.get('Digits'), '1234');
  });

  for (const [what, change, refusal] of [
    ['a field more', { body: `${FIELDS}&Extra=1` }, 'forged'],
    ['a field changed', { body: FIELDS.toString().replace('1234', '1235') }, 'forged'],
    ['a name that comes twice', { body: `${FIELDS}&To=%2B1` }, 'no_form'],
    ['another content type', { type: 'application/json' }, 'no_form'],
    ['more octets than any callback has', { body: `${FIELDS}&X=${'x'.repeat(65_536)}` }, 'no_form'],
    ['another path', { path: '/myapp.php' }, 'forged'],
    ['a signature of another length', { signature: 'RSOYDt4T1cUTdK1PDd93' }, 'unsigned'],
    ['no signature', { signature: '' }, 'unsigned'],
  ] as const) {
    test(`${what} is not believed`, () => {
      assert.equal(openCallback(request(change), ORIGIN, KEY), refusal);
    });
  }

  test('without a public origin nothing is believed', () => {
    assert.equal(openCallback(request(), undefined, KEY), 'no_origin');
  });
});
