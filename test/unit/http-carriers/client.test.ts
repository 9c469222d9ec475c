import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { z } from 'zod';
import { baseUrlSchema, createHttpClient, readAnswer } from '../../../carrier-adapters/http/index.ts';
import { partsOf, type ReceivedPart } from '../../emulators/http/multipart.ts';
import { type Asked, type EmulatorServer, startEmulator } from '../../emulators/http/server.ts';
import { VirtualClock } from '../../scenarios/calls/virtual-clock.ts';

describe('the client of a carrier’s API', () => {
  let server: EmulatorServer;
  let asked: Asked | undefined;
  const clock = new VirtualClock();
  const client = (limit = 1_000) =>
    createHttpClient({ base: new URL(`${server.url}/v2`), clock, headers: { authorization: 'Bearer k' }, limit });

  before(async () => {
    server = await startEmulator((request) => {
      asked = request;
      if (request.path === '/v2/far') return { status: 302, headers: { location: `${server.url}/v2/near` } };
      if (request.path === '/v2/long') return { status: 200, text: 'x'.repeat(1_001) };
      return { status: 200, json: { name: 'x' } };
    });
  });
  after(() => server.close());
  beforeEach(() => {
    server.requests.length = 0;
    server.faults.length = 0;
  });

  test('paths stand below the base, and every request has the headers of the client', async () => {
    const result = await client().exchange({ method: 'GET', path: '/faxes', query: [['filter[to]', '+1 5']] });
    assert.deepEqual(server.requests, ['GET /v2/faxes']);
    assert.equal(asked?.query.get('filter[to]'), '+1 5');
    assert.equal(asked?.headers.authorization, 'Bearer k');
    assert.ok(result.ok && result.status === 200);
    assert.deepEqual(readAnswer(z.object({ name: z.string() }), result), { name: 'x' });
    assert.equal(readAnswer(z.object({ name: z.number() }), result), undefined);
  });

  test('forms and multipart bodies are read by a parser of their standards', async () => {
    await client().exchange({
      method: 'POST',
      path: '/',
      body: {
        type: 'form',
        fields: [
          ['a', 'ä&='],
          ['a', '2'],
        ],
      },
    });
    assert.deepEqual(new URLSearchParams(Buffer.from(asked?.body ?? []).toString()).getAll('a'), ['ä&=', '2']);
    const content = Uint8Array.from({ length: 70_000 }, (_, index) => index);
    const parts = [
      { name: 'ttl', content: '600' },
      { name: 'media', filename: 'fax.tif', contentType: 'image/tiff', content },
    ];
    await client().exchange({ method: 'POST', path: '/', body: { type: 'multipart', parts } });
    const [ttl, media] = await partsOf(asked as Asked);
    assert.equal(Buffer.from(ttl?.content ?? []).toString(), '600');
    assert.deepEqual(media, { ...parts[1], content } as ReceivedPart);
  });

  test('a name that would break out of its header is refused before anything is sent', () => {
    const parts = [{ name: 'a"\r\nX: 1', content: '' }];
    assert.throws(
      () => client().exchange({ method: 'POST', path: '/', body: { type: 'multipart', parts } }),
      RangeError,
    );
    assert.deepEqual(server.requests, []);
  });

  test('a redirect is an answer and is not followed', async () => {
    const result = await client().exchange({ method: 'GET', path: '/far' });
    assert.ok(result.ok && result.status === 302);
    assert.deepEqual(server.requests, ['GET /v2/far']);
  });

  test('an answer beyond the limit is dropped', async () => {
    const result = await client().exchange({ method: 'GET', path: '/long' });
    assert.deepEqual(result, { ok: false, sent: true, failure: 'too_large', detail: '' });
  });

  test('a connection that breaks after the request may have been accepted', async () => {
    server.faults.push({ matching: /faxes/, fault: { type: 'cut_after' } });
    const result = await client().exchange({ method: 'POST', path: '/faxes' });
    assert.ok(!result.ok && result.sent && result.failure === 'answer_broken');
    assert.equal(server.requests.length, 1);
  });

  test('an answer that does not come ends at its time, as sent', async () => {
    server.faults.push({ matching: /faxes/, fault: { type: 'hang_after' } });
    const running = client().exchange({ method: 'POST', path: '/faxes', timeout: 5_000 });
    while (server.requests.length === 0) await new Promise(setImmediate);
    const result = await clock.until(running);
    assert.ok(!result.ok && result.sent && result.failure === 'timeout');
  });

  test('a refused connection has sent nothing', async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const address = probe.address();
    const port = typeof address === 'object' ? address?.port : 0;
    probe.close();
    await once(probe, 'close');
    const deaf = createHttpClient({ base: new URL(`http://127.0.0.1:${port}`), clock });
    const result = await deaf.exchange({ method: 'POST', path: '/' });
    assert.deepEqual(result, { ok: false, sent: false, failure: 'connect_failed', detail: 'ECONNREFUSED' });
  });

  test('a stop ends the exchange', async () => {
    const result = await client().exchange({ method: 'GET', path: '/', signal: AbortSignal.abort('canceled') });
    assert.ok(!result.ok && result.failure === 'stopped' && !result.sent);
  });
});

describe('the address of an API in the settings', () => {
  const schema = baseUrlSchema('https://api.example.com/v2');
  for (const url of ['https://a.example', 'http://127.0.0.1:8080/v2', 'http://[::1]:1', 'http://localhost:1']) {
    test(`${url} may be one`, () => assert.equal(schema.safeParse(url).success, true));
  }
  for (const url of [
    'http://a.example',
    'http://127.0.0.1.example',
    'https://u:p@a.example',
    'ftp://a',
    'x',
    'https://a/?q',
  ]) {
    test(`${url} may not`, () => assert.equal(schema.safeParse(url).success, false));
  }
});
