import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ReplayCache } from '../../../carrier-adapters/http/index.ts';
import { telnyxConfigSchema } from '../../../carrier-adapters/telnyx/config.ts';
import { clientStateOf, readClientState, readEvent } from '../../../carrier-adapters/telnyx/wire.ts';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');

describe('client_state', () => {
  test('brings reference and pages back', () => {
    assert.deepEqual(readClientState(clientStateOf('abc', 3)), { reference: 'abc', pages: 3 });
  });

  for (const text of [
    null,
    undefined,
    '',
    '%%%',
    encode(1),
    encode({ sealfax: '', pages: 1 }),
    encode({ sealfax: 'a' }),
  ]) {
    test(`${text} is somebody else’s`, () => assert.equal(readClientState(text), undefined));
  }
});

describe('a callback’s body', () => {
  const read = (value: unknown) => readEvent(new TextEncoder().encode(JSON.stringify(value)));
  const event = { id: 'e', event_type: 'fax.delivered', payload: { fax_id: 'f', status: 'delivered', new_field: 1 } };

  test('may hold fields that are not known', () => {
    assert.equal(read({ data: { ...event, record_type: 'event' }, meta: {} })?.payload.fax_id, 'f');
  });

  for (const value of [
    null,
    [],
    {},
    { data: null },
    { data: { ...event, payload: {} } },
    { data: { ...event, id: 7 } },
  ]) {
    test(`${JSON.stringify(value)} is no event`, () => assert.equal(read(value), undefined));
  }
});

describe('events that were taken', () => {
  test('are known again until newer ones have filled their place', () => {
    const cache = new ReplayCache(2);
    assert.deepEqual(
      ['a', 'b', 'a', 'c', 'b', 'a'].map((id) => cache.take(id)),
      [true, true, false, true, false, true],
    );
  });
});

describe('the settings of an account', () => {
  const least = { kind: 'telnyx', token: 'KEY', connectionId: '12' };

  test('need a key and a connection only', () => {
    assert.equal(telnyxConfigSchema.parse(least).baseUrl.href, 'https://api.telnyx.com/v2');
  });

  for (const [name, value] of [
    ['publicKey', 'short'],
    ['webhookUrl', 'http://fax.example/x'],
    ['from', '030123'],
    ['mediaHosts', ['https://x.example']],
    ['baseUrl', 'http://api.telnyx.com/v2'],
    ['poll', 0],
    ['token', 'a b'],
    ['unknown', 1],
  ] as const) {
    test(`refuse ${name}: ${JSON.stringify(value)}`, () => {
      assert.equal(telnyxConfigSchema.safeParse({ ...least, [name]: value }).success, false);
    });
  }
});
