import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ConnectionString, formatConnectionString, parseConnectionString } from '../../../crypto/index.ts';
import { throwsWith } from './material.ts';

const pin = 'Rf7qdWlrI88bmOGcpMICFIQgm9c_meGp1edoVho0MMQ';
const plain: ConnectionString = { account: '1001', user: 'app', host: 'fax.example.org', port: 8443, pins: [pin] };

describe('connection string', () => {
  test('has the form that customers are given', () => {
    const text = `sealfax://1001:app@fax.example.org:8443?pin=${pin}`;
    assert.equal(formatConnectionString(plain), text);
    assert.deepEqual(parseConnectionString(text), plain);
    assert.deepEqual(parseConnectionString(` ${text}\n`), plain);
    assert.deepEqual(parseConnectionString(`sealfax://1001:app@FAX.example.org:8443/?pin=${pin}`), plain);
  });

  test('every part comes back', () => {
    const cases: Partial<ConnectionString>[] = [
      { port: 443 },
      { user: 'a@b:c/d?e%f' },
      { account: 'Ä 1' },
      { host: '[::1]' },
      { host: '127.0.0.1' },
      { host: 'localhost' },
      { pins: [pin, pin.replace('R', 'Q')] },
    ];
    for (const change of cases) {
      const parts = { ...plain, ...change };
      assert.deepEqual(parseConnectionString(formatConnectionString(parts)), parts);
    }
  });

  const wrong: Record<string, RegExp> = {
    'https://1001:app@h?pin=x': /form/,
    'sealfax://fax.example.org': /form/,
    [`sealfax://:app@h?pin=${pin}`]: /account/,
    [`sealfax://1001@h?pin=${pin}`]: /user/,
    [`sealfax://1001:@h?pin=${pin}`]: /user/,
    [`sealfax://1001:app:pw@h?pin=${pin}`]: /password does not belong/,
    [`sealfax://1001:%ff@h?pin=${pin}`]: /percent/,
    [`sealfax://1001:app@?pin=${pin}`]: /host/,
    [`sealfax://1001:app@a_b?pin=${pin}`]: /host/,
    [`sealfax://1001:app@::1?pin=${pin}`]: /host/,
    [`sealfax://1001:app@h:0?pin=${pin}`]: /port/,
    [`sealfax://1001:app@h:65536?pin=${pin}`]: /port/,
    [`sealfax://1001:app@h:?pin=${pin}`]: /port/,
    'sealfax://1001:app@h': /pin of the server is missing/,
    'sealfax://1001:app@h?pin=abc': /43 characters/,
    [`sealfax://1001:app@h?pin=${pin}&x=1`]: /unknown parameter/,
    [`sealfax://1001:app@h/path?pin=${pin}`]: /form/,
    [`sealfax://1001:app@h?pin=${pin}#f`]: /form/,
    ['a'.repeat(5_000)]: /form/,
  };
  for (const [text, reason] of Object.entries(wrong)) {
    test(`${text.slice(0, 50)} is refused with the reason ${reason}`, () => {
      const failure = throwsWith('connection_string', () => parseConnectionString(text));
      assert.match(failure.message, reason);
      assert.ok(!failure.message.includes('pw'), 'the text itself is not repeated');
    });
  }

  test('parts that cannot be written are refused', () => {
    throwsWith('connection_string', () => formatConnectionString({ ...plain, host: 'a b' }));
    throwsWith('connection_string', () => formatConnectionString({ ...plain, pins: [] }));
  });
});
