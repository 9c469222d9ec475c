import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isTimely, openCallback } from '../../../carrier-adapters/phaxio/webhook.ts';
import { signedCallback } from '../../emulators/phaxio/callbacks.ts';

const URL = 'https://fax.example/carriers/phaxio/8f1d2c';
const FIELDS = { success: 'true', event_type: 'fax_completed', fax: '{"id":1}', direction: 'received', äther: '✓' };
const FILE = { name: 'file', content: new Uint8Array([0x25, 0x50, 0x44, 0x46, 0, 255, 13, 10]) };
const genuine = () => signedCallback(URL, 'TOKEN', { fields: FIELDS, file: FILE });

describe('a callback in the name of Phaxio', () => {
  test('is believed when URL, fields and file are those that were signed', () => {
    const opened = openCallback(genuine(), URL, 'TOKEN');
    assert.ok(typeof opened !== 'string');
    assert.equal(Buffer.from(opened.fields.get('fax') ?? []).toString(), '{"id":1}');
    assert.equal(opened.fields.has('file'), false);
    assert.match(opened.signature, /^[0-9a-f]{40}$/);
  });

  test('has a signature that does not depend on the order of its fields', () => {
    const reversed = Object.fromEntries(Object.entries(FIELDS).reverse());
    const other = signedCallback(URL, 'TOKEN', { fields: reversed, file: FILE });
    assert.ok(typeof openCallback(other, URL, 'TOKEN') !== 'string');
  });

  test('is forged when any of it is another', () => {
    const swapped = { ...FIELDS, fax: '{"id":2}' };
    const { headers } = genuine();
    const body = signedCallback(URL, 'TOKEN', { fields: swapped, file: FILE }).body;
    assert.equal(openCallback({ headers, body }, URL, 'TOKEN'), 'forged');
    const file = { ...FILE, content: new Uint8Array([1]) };
    const refiled = signedCallback(URL, 'TOKEN', { fields: FIELDS, file }).body;
    assert.equal(openCallback({ headers, body: refiled }, URL, 'TOKEN'), 'forged');
    assert.equal(openCallback(genuine(), `${URL}/`, 'TOKEN'), 'forged');
    assert.equal(openCallback(genuine(), URL, 'OTHER'), 'forged');
  });

  test('is not believed without signature, form, token or URL', () => {
    const { headers, body } = genuine();
    const unsigned = { 'content-type': headers['content-type'] };
    assert.equal(openCallback({ headers: unsigned, body }, URL, 'TOKEN'), 'unsigned');
    const short = { ...headers, 'x-phaxio-signature': 'abc' };
    assert.equal(openCallback({ headers: short, body }, URL, 'TOKEN'), 'unsigned');
    assert.equal(openCallback({ headers, body: body.subarray(0, -9) }, URL, 'TOKEN'), 'no_form');
    assert.equal(
      openCallback({ headers: { ...headers, 'content-type': 'text/plain' }, body }, URL, 'TOKEN'),
      'no_form',
    );
    assert.equal(openCallback(genuine(), URL, undefined), 'no_token');
    assert.equal(openCallback(genuine(), undefined, 'TOKEN'), 'no_token');
  });
});

describe('the time of a fax in a callback', () => {
  const now = Date.parse('2026-11-20T12:00:00Z');

  for (const [completed_at, timely] of [
    ['2026-11-20T06:00:00.000-06:00', true],
    ['2026-11-14T12:00:00Z', true],
    ['2026-11-13T11:59:59Z', false],
    ['2026-11-20T12:04:59Z', true],
    ['2026-11-20T12:05:01Z', false],
    ['yesterday', false],
    [null, false],
  ] as const) {
    test(`${completed_at} is ${timely ? 'in time' : 'refused'}`, () =>
      assert.equal(isTimely({ completed_at }, now), timely));
  }

  test('is that of its order while it has not ended', () => {
    assert.ok(isTimely({ completed_at: null, created_at: '2026-11-20T11:59:00Z' }, now));
  });
});
