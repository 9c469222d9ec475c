import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createMediaFetcher } from '../../../carrier-adapters/http/index.ts';
import { type EmulatorServer, startEmulator } from '../../emulators/http/server.ts';
import { VirtualClock } from '../../scenarios/calls/virtual-clock.ts';

describe('media that a callback points to', () => {
  let server: EmulatorServer;
  const clock = new VirtualClock();
  const asked: string[] = [];
  const fetcher = (addresses: readonly string[] = []) =>
    createMediaFetcher({
      hosts: ['media.example'],
      origin: new URL(server.url).origin,
      clock,
      limit: 100,
      resolve: async (host) => {
        asked.push(host);
        return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
      },
    });

  before(async () => {
    server = await startEmulator(({ path }) =>
      path === '/gone' ? { status: 403 } : { status: 200, bytes: new Uint8Array(path === '/long' ? 101 : 3).fill(7) },
    );
  });
  after(() => server.close());

  test('comes from the origin of the API as it is configured', async () => {
    const media = await fetcher().fetch(`${server.url}/fax.tif`);
    assert.deepEqual(media, { ok: true, bytes: new Uint8Array([7, 7, 7]), contentType: '' });
  });

  for (const [path, reason] of [
    ['/gone', 'expired'],
    ['/long', 'too_large'],
  ] as const) {
    test(`is ${reason} at ${path}`, async () => {
      const media = await fetcher().fetch(`${server.url}${path}`);
      assert.equal(!media.ok && media.reason, reason);
    });
  }

  for (const url of [
    'https://10.0.0.1/fax.tif',
    'https://evilmedia.example/',
    'https://media.example.evil.example/',
    'http://media.example/',
    'https://media.example:8443/',
    'https://user@media.example/',
    'file:///etc/passwd',
    'nonsense',
  ]) {
    test(`is not fetched from ${url}`, async () => {
      asked.length = 0;
      const media = await fetcher(['93.184.216.34']).fetch(url);
      assert.equal(!media.ok && media.reason, 'host_refused');
      assert.deepEqual(asked, []);
    });
  }

  for (const addresses of [['10.0.0.1'], ['127.0.0.1'], ['93.184.216.34', '169.254.169.254'], ['::1']]) {
    test(`is not fetched when its host is at ${addresses.join(' and ')}`, async () => {
      const media = await fetcher(addresses).fetch('https://s3.media.example/fax.tif');
      assert.equal(!media.ok && media.reason, 'address_refused');
    });
  }

  test('is unreachable when its host has no address', async () => {
    const media = await fetcher([]).fetch('https://media.example/fax.tif');
    assert.equal(!media.ok && media.reason, 'unreachable');
  });
});
