import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseRedisAddress } from '../../../gateway/redis/index.ts';

describe('the address of Redis', () => {
  test('is a URL of a host or of a socket', () => {
    assert.deepEqual(parseRedisAddress('redis://cache.example'), {
      prefix: '{sealfax}',
      node: { host: 'cache.example', port: 6379 },
      cluster: null,
      clusterOptions: {},
    });
    assert.deepEqual(parseRedisAddress('rediss://fax:p%40ss@[::1]:6380/3').node, {
      host: '::1',
      port: 6380,
      username: 'fax',
      password: 'p@ss',
      db: 3,
      tls: {},
    });
    assert.deepEqual(parseRedisAddress('unix:///run/redis%20a.sock').node, { path: '/run/redis a.sock' });
  });

  test('passes options of the client through, as JSON or as an object', () => {
    const sentinels = [{ host: 'a', port: 26_379 }];
    const text = JSON.stringify({ sentinels, name: 'mymaster', tls: { ca: 'PEM' }, keyPrefix: 'fax-1' });
    const { node, prefix } = parseRedisAddress('rediss://:secret@ignored', text);
    assert.partialDeepStrictEqual(node, { sentinels, name: 'mymaster', password: 'secret', tls: { ca: 'PEM' } });
    assert.equal(prefix, '{fax-1}');
    assert.ok(!('keyPrefix' in node), 'the client would put it before keys that have it already');
  });

  test('names the nodes of a cluster, or takes its own host for one', () => {
    assert.deepEqual(parseRedisAddress('redis://a:7000', { cluster: true }).cluster, [{ host: 'a', port: 7000 }]);
    const nodes = [
      { host: 'b', port: 1 },
      { host: 'c', port: 2 },
    ];
    const parsed = parseRedisAddress('redis://a', { cluster: nodes, clusterOptions: { maxRedirections: 3 } });
    assert.deepEqual(parsed.cluster, nodes);
    assert.deepEqual(parsed.clusterOptions, { maxRedirections: 3 });
  });

  test('that cannot be used is refused, without quoting it', () => {
    const wrong: [string, unknown?][] = [
      [''],
      ['cache:6379'],
      ['http://secret@host'],
      ['redis://'],
      ['redis://host/notanumber'],
      ['unix://'],
      ['redis://:secret%zz@host'],
      ['redis://host', '{'],
      ['redis://host', '[]'],
      ['redis://host', 'null'],
      ['redis://host', { cluster: [] }],
      ['redis://host', { cluster: [{ host: 'a' }] }],
      ['redis://host', { cluster: 'yes' }],
      ['unix:///socket', { cluster: true }],
      ['redis://host', { keyPrefix: 'a{b}' }],
      ['redis://host', { keyPrefix: '' }],
      ['redis://host', { clusterOptions: 1 }],
    ];
    for (const [url, options] of wrong) {
      assert.throws(
        () => parseRedisAddress(url, options),
        (error: unknown) =>
          error instanceof Error && 'code' in error && error.code === 'address' && !error.message.includes('secret'),
        `${url} ${JSON.stringify(options)}`,
      );
    }
  });
});
