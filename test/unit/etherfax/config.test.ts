import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { etherfaxConfigSchema } from '../../../carrier-adapters/etherfax/config.ts';

const ok = (settings: object) => etherfaxConfigSchema.safeParse({ kind: 'etherfax', ...settings }).success;

describe('settings of etherFAX', () => {
  test('a token is enough', () => {
    const config = etherfaxConfigSchema.parse({ kind: 'etherfax', token: 't' });
    assert.equal(config.baseUrl.href, 'https://na.connect.etherfax.net/rest/3.0/api');
    assert.deepEqual(
      [config.name, config.inbound, config.inboxInterval, config.retention],
      ['etherfax', true, 30, 'unknown'],
    );
  });

  test('it is either a token, or account, user and password', () => {
    const account = { account: 'a', user: 'u', password: 'p' };
    assert.ok(ok(account));
    assert.ok(!ok({}));
    assert.ok(!ok({ token: 't', ...account }));
    assert.ok(!ok({ account: 'a', user: 'u' }));
  });

  test('credentials that would end or split a header are refused', () => {
    for (const token of ['', 'a\r\nX: y', 'ä', 'x'.repeat(1_025)]) assert.ok(!ok({ token }), token.slice(0, 9));
    assert.ok(!ok({ account: 'a', user: 'u:v', password: 'p' }));
  });

  test('the API is asked over https, or on this machine', () => {
    assert.ok(ok({ token: 't', baseUrl: 'https://eu.connect.etherfax.net/rest/3.0/api' }));
    assert.ok(ok({ token: 't', baseUrl: 'http://127.0.0.1:8080' }));
    assert.ok(!ok({ token: 't', baseUrl: 'http://na.connect.etherfax.net/rest/3.0/api' }));
  });

  test('settings that nobody knows are refused', () => {
    assert.ok(!ok({ token: 't', tokn: 'x' }));
    assert.ok(!ok({ token: 't', countryCode: '1' }));
    assert.ok(!ok({ token: 't', inboxInterval: 1 }));
  });
});
