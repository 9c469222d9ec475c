import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, describe, test } from 'node:test';
import { generate } from 'selfsigned';
import { fetchTransport } from '../../../api/client/fetch-transport.ts';
import { nodeTransport } from '../../../api/client/node-transport.ts';
import type { Transport } from '../../../api/client/transport.ts';

const pem = await generate([{ name: 'commonName', value: 'localhost' }]);
const closing: (() => Promise<void>)[] = [];
after(async () => {
  for (const close of closing) await close();
});

/** A server with `listener` and its origin. */
async function serve(listener: RequestListener, secure: boolean): Promise<string> {
  const server = secure ? createTlsServer({ key: pem.private, cert: pem.cert }, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http${secure ? 's' : ''}://localhost:${(server.address() as AddressInfo).port}`;
}

async function* chunks(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const chunk of body) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts).toString();
}

const echo: RequestListener = (request, response) => {
  response.writeHead(request.url === '/sfx1/m' ? 200 : 404, {
    'content-type': request.headers['content-type'] ?? 'none',
    'retry-after': '3',
  });
  request.pipe(response);
};

const doors: readonly (readonly [string, boolean, (origin: string) => Transport])[] = [
  ['over node:https', true, (origin) => nodeTransport(origin)],
  ['over fetch', false, fetchTransport],
];

for (const [name, secure, open] of doors) {
  describe(`a transport ${name}`, () => {
    test('carries bytes both ways with status, type and Retry-After', async () => {
      const transport = open(await serve(echo, secure));
      const post = { path: '/sfx1/m', contentType: 'application/octet-stream', body: chunks('one', 'two') };
      const answer = await transport.post(post);
      assert.deepEqual([answer.status, answer.contentType, answer.retryAfter], [200, 'application/octet-stream', '3']);
      assert.equal(await textOf(answer.body), 'onetwo');
      assert.equal(answer.tlsLeaf === null, !secure);
      transport.close();
    });

    test('says unreachable for a closed port and aborted for a caller who gave up', async () => {
      const transport = open(secure ? 'https://127.0.0.1:9' : 'http://127.0.0.1:9');
      const post = { path: '/sfx1/m', contentType: 'text/plain', body: chunks('x') };
      await assert.rejects(transport.post(post), { name: 'ClientError', code: 'unreachable' });
      const silent = open(await serve(() => giveUp.abort(), secure));
      const giveUp = new AbortController();
      const waiting = silent.post({ ...post, body: chunks('x'), signal: giveUp.signal });
      await assert.rejects(waiting, { name: 'ClientError', code: 'aborted' });
      transport.close();
      silent.close();
    });
  });
}

describe('the transport over node:https', () => {
  test('takes an answer that comes before the upload has ended', async () => {
    const early: RequestListener = (_request, response) => {
      response.writeHead(413, { 'content-type': 'text/plain', connection: 'close' }).end('too large');
    };
    const transport = nodeTransport(await serve(early, true));
    let open = true;
    async function* endless(): AsyncGenerator<Uint8Array> {
      while (open) yield new Uint8Array(65_536);
    }
    const answer = await transport.post({ path: '/sfx1/m', contentType: 'text/plain', body: endless() });
    assert.equal(answer.status, 413);
    open = false;
    transport.close();
  });

  test('asks for no more of an upload than the gateway takes', async () => {
    let arrived: () => void = () => undefined;
    const started = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const transport = nodeTransport(await serve(() => arrived(), true));
    let pulled = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        pulled += 65_536;
        yield new Uint8Array(65_536);
      }
    }
    const giveUp = new AbortController();
    const body = endless();
    const waiting = transport.post({ path: '/sfx1/m', contentType: 'text/plain', body, signal: giveUp.signal });
    await started;
    for (let still = 0, last = 0; still < 1_000 && pulled < 256 * 1_048_576; still = pulled === last ? still + 1 : 0) {
      last = pulled;
      await new Promise(setImmediate);
    }
    assert.ok(pulled < 64 * 1_048_576, `${pulled} bytes were asked for`);
    giveUp.abort();
    await assert.rejects(waiting, { code: 'aborted' });
    transport.close();
  });

  test('verifies the certificate when told to', async () => {
    const origin = await serve(echo, true);
    const post = () => ({ path: '/sfx1/m', contentType: 'text/plain', body: chunks('x') });
    const strict = nodeTransport(origin, { verifyTls: true });
    await assert.rejects(strict.post(post()), { code: 'unreachable', reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    const trusting = nodeTransport(origin, { verifyTls: true, ca: [pem.cert] });
    assert.equal((await trusting.post(post())).status, 200);
    strict.close();
    trusting.close();
  });
});
