import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Redis } from 'ioredis';
import { createJobQueue } from '../../../gateway/queue/index.ts';
import { connectTo, parseRedisAddress } from '../../../gateway/redis/address.ts';
import { connectRedis } from '../../../gateway/redis/index.ts';
import { systemClock } from '../../../ops/system-clock.ts';
import { selfSigned } from '../../../ops/tls/certificate.ts';
import { ear } from '../../conformance/job-queue.ts';
import { freePort } from '../../crash/free-port.ts';
import { silentLog } from '../../postgres.ts';
import { redisMissing, startTestRedis, type TestRedis } from '../../servers/redis.ts';

describe('a Redis over TLS', { skip: (await redisMissing({ own: true })) ?? false, timeout: 30_000 }, () => {
  let directory: string;
  let server: TestRedis;
  let url: string;
  let ca: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sealfax-redis-tls-'));
    const port = await freePort();
    const { cert, key } = await selfSigned(['127.0.0.1'], systemClock.now());
    const files = { cert: join(directory, 'cert.pem'), key: join(directory, 'key.pem') };
    await writeFile(files.cert, cert);
    await writeFile(files.key, key, { mode: 0o600 });
    const tls = ['--tls-port', `${port}`, '--tls-cert-file', files.cert, '--tls-key-file', files.key];
    const settings = [...tls, '--tls-ca-cert-file', files.cert, '--tls-auth-clients', 'no', '--bind', '127.0.0.1'];
    server = await startTestRedis(settings, { own: true });
    url = `rediss://127.0.0.1:${port}`;
    ca = cert;
  });
  after(async () => {
    await server?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const connect = (tls: Record<string, unknown>, of = url) =>
    connectRedis({ url: of, options: { tls }, log: silentLog });

  test('carries commands, messages and the bell when its certificate is of our authority', async (t) => {
    const redis = connect({ ca });
    t.after(() => redis.close());
    await redis.check();
    assert.equal(String(await redis.ask('SET', redis.key('a'), 'b')), 'OK');
    const listening = Promise.withResolvers<void>();
    const told = Promise.withResolvers<string>();
    redis.listen('news', told.resolve, listening.resolve);
    await listening.promise;
    await redis.ask('PUBLISH', `${redis.prefix}:news`, 'here');
    assert.equal(await told.promise, 'here');
    const queue = createJobQueue({ connection: { kind: 'redis', url, options: { tls: { ca } } }, log: silentLog });
    t.after(() => queue.stop().then(() => queue.close()));
    const heard = ear();
    await queue.ring('dial', 'one');
    await queue.hear('dial', 1, heard.hear);
    await heard.until(1);
  });

  test('is refused when nobody vouches for its certificate, or it is of another name', async (t) => {
    const stranger = await selfSigned(['127.0.0.1'], systemClock.now());
    for (const redis of [
      connect({}),
      connect({ ca: stranger.cert }),
      connect({ ca }, url.replace('127.0.0.1', 'localhost')),
    ]) {
      t.after(() => redis.close());
      await assert.rejects(redis.check(), { code: 'unavailable' });
    }
  });

  test('outlives an alert that comes in after the certificate was refused', async () => {
    const address = parseRedisAddress(url, { retryStrategy: null });
    for (const duplicate of [false, true]) {
      const first = connectTo(address, { maxRetriesPerRequest: null });
      assert.ok(first instanceof Redis);
      const client = duplicate ? first.duplicate() : first;
      const [error] = await once(client, 'error');
      assert.equal(error.code, 'DEPTH_ZERO_SELF_SIGNED_CERT');
      assert.doesNotThrow(() => client.stream.emit('error', new Error('tlsv1 alert decode error')));
      first.disconnect();
      client.disconnect();
    }
  });

  test('does not answer without TLS', async (t) => {
    const redis = connectRedis({ url: url.replace('rediss:', 'redis:'), log: silentLog });
    t.after(() => redis.close());
    await assert.rejects(redis.check(), { code: 'unavailable' });
  });
});
