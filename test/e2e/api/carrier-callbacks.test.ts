import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { CallbackAnswer, CarrierCallback } from '../../../gateway/ports/carrier-adapter.ts';
import { extraServer, type Rig, startRig } from './rig.ts';

describe('callbacks of carriers', () => {
  let rig: Rig;
  let server: Awaited<ReturnType<typeof extraServer>>;
  const heard: { name: string; request: CarrierCallback }[] = [];
  let answer: (name: string) => Promise<CallbackAnswer | undefined>;

  before(async () => {
    rig = await startRig();
    const callback = (name: string, request: CarrierCallback) => {
      heard.push({ name, request });
      return answer(name);
    };
    const callbackLimit = (name: string, head: Omit<CarrierCallback, 'body'>) =>
      head.headers.authorization === 'Basic known' ? 1024 * 1024 : rig.gateway.carriers.callbackLimit(name, head);
    server = await extraServer(rig, { gateway: { carriers: { ...rig.gateway.carriers, callback, callbackLimit } } });
  });
  after(async () => {
    await server.stop();
    await rig.stop();
  });
  beforeEach(() => {
    heard.length = 0;
    answer = async () => ({ status: 204 });
  });

  test('reach the carrier octet by octet, whatever they say they are', async () => {
    answer = async () => ({ status: 200, contentType: 'text/xml', body: '<Response/>' });
    const body = '{ "data" :\t{"id":1}}\n';
    const response = await fetch(`${server.origin}/carriers/acme/events?try=2`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'X-Signature': 'abc' },
      body,
    });
    assert.deepEqual([response.status, await response.text()], [200, '<Response/>']);
    assert.equal(response.headers.get('content-type'), 'text/xml');
    const [one] = heard;
    assert.equal(one?.name, 'acme');
    assert.equal(Buffer.from(one?.request.body ?? []).toString(), body);
    assert.partialDeepStrictEqual(one?.request, {
      method: 'POST',
      path: '/carriers/acme/events?try=2',
      source: '127.0.0.1',
    });
    assert.equal(one?.request.headers['x-signature'], 'abc');
  });

  test('of a carrier that there is not are answered like any path that there is not', async () => {
    answer = async () => undefined;
    const response = await fetch(`${server.origin}/carriers/nobody/events`, { method: 'POST', body: 'x' });
    assert.equal(response.status, 404);
    assert.equal(((await response.json()) as { code: string }).code, 'route_not_found');
  });

  test('larger than any carrier sends are refused before they are kept', async () => {
    const body = 'x'.repeat(300 * 1024);
    const response = await fetch(`${server.origin}/carriers/acme/events`, { method: 'POST', body });
    assert.equal(response.status, 413);
    assert.equal(heard.length, 0);
  });

  test('may be longer from who shows the carrier who they are, and are refused where they end too late', async () => {
    const send = (length: number) =>
      fetch(`${server.origin}/carriers/acme/events`, {
        method: 'POST',
        headers: { authorization: 'Basic known' },
        body: ReadableStream.from([new Uint8Array(length).fill(7)]),
        duplex: 'half',
      });
    assert.equal((await send(300 * 1024)).status, 204);
    assert.deepEqual(
      [heard[0]?.request.body.length, heard[0]?.request.body.every((octet) => octet === 7)],
      [307_200, true],
    );
    assert.equal((await send(1024 * 1024 + 1)).status, 413);
    assert.equal(heard.length, 1);
  });

  test('are worked on a few at a time, and the rest are told to come again', async () => {
    const held = Promise.withResolvers<void>();
    answer = async () => {
      await held.promise;
      return { status: 204 };
    };
    const send = () => fetch(`${server.origin}/carriers/acme/events`, { method: 'POST', body: 'x' });
    const running = Array.from({ length: 16 }, send);
    while (heard.length < 16) await new Promise((resolve) => setImmediate(resolve));
    assert.equal((await send()).status, 503);
    held.resolve();
    for (const one of await Promise.all(running)) assert.equal(one.status, 204);
  });
});
