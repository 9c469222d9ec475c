import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { Endpoints } from '../../../carrier-adapters/http/endpoints.ts';
import { clientAt, createHttpClient, type HttpClient } from '../../../carrier-adapters/http/index.ts';
import { type EmulatorServer, startEmulator } from '../../emulators/http/server.ts';
import { VirtualClock } from '../../scenarios/calls/virtual-clock.ts';

const A = new URL('https://a.example');
const B = new URL('https://b.example');
const KEYS = Array.from({ length: 200 }, (_, index) => `call-${index}`);

describe('the addresses of one API', () => {
  test('are taken in turn by calls, and one call always begins at its own', () => {
    const [one, other] = [new Endpoints([A, B]), new Endpoints([A, B])];
    const firsts = KEYS.map((key) => one.inOrder(key, 0)[0]);
    assert.deepEqual(
      firsts,
      KEYS.map((key) => other.inOrder(key, 5)[0]),
      'the same in every process',
    );
    const toA = firsts.filter((base) => base === A).length;
    assert.ok(toA > 70 && toA < 130, `${toA} of 200`);
  });

  test('without a call are asked in the order of the settings', () => {
    assert.deepEqual(new Endpoints([A, B]).inOrder(undefined, 0), [A, B]);
  });

  test('that cannot be reached come last for a minute, whosever home they are', () => {
    const endpoints = new Endpoints([A, B]);
    assert.equal(endpoints.failed(A, 1_000), true);
    assert.equal(endpoints.failed(A, 1_000), false, 'no news');
    for (const key of [...KEYS, undefined]) assert.deepEqual(endpoints.inOrder(key, 60_999), [B, A]);
    assert.ok(KEYS.some((key) => endpoints.inOrder(key, 61_000)[0] === A));
    assert.equal(endpoints.reached(A), true);
    assert.equal(endpoints.reached(A), false, 'no news');
  });

  test('that can all not be reached are asked all the same', () => {
    const endpoints = new Endpoints([A, B]);
    endpoints.failed(A, 0);
    endpoints.failed(B, 0);
    assert.deepEqual(new Set(endpoints.inOrder('x', 1)), new Set([A, B]));
  });
});

describe('a client with two addresses, one of them dead', () => {
  let alive: EmulatorServer;
  let dead: URL;
  const clock = new VirtualClock();
  const told: string[] = [];
  const log = { warn: (_: unknown, text: string) => void told.push(text), info: () => undefined };
  const client = (): HttpClient => createHttpClient({ base: dead, others: [new URL(`${alive.url}/v2`)], clock, log });

  before(async () => {
    alive = await startEmulator(() => ({ status: 200, json: {} }));
    // A port that was free a moment ago: nobody listens there.
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    dead = new URL(`http://127.0.0.1:${address.port}/v2`);
    server.close();
    await once(server, 'close');
  });
  after(() => alive.close());
  beforeEach(() => {
    alive.requests.length = 0;
    alive.faults.length = 0;
    told.length = 0;
  });

  test('every order arrives, once, at the one that lives', async () => {
    const http = client();
    for (const key of KEYS.slice(0, 20)) {
      const body = { type: 'json', value: { key } } as const;
      const result = await clientAt(http, key).exchange({ method: 'POST', path: '/faxes', body });
      assert.ok(result.ok && result.status === 200);
    }
    assert.equal(alive.requests.length, 20);
    assert.deepEqual(told, ['a carrier is not reached at this address'], 'the dead one is told of once');
  });

  test('an order without an answer is not given to the other one', async () => {
    alive.faults.push({ matching: /faxes/, fault: { type: 'cut_after' } });
    const second = await startEmulator(() => ({ status: 200, json: {} }));
    const http = createHttpClient({ base: new URL(`${alive.url}/v2`), others: [new URL(`${second.url}/v2`)], clock });
    const result = await http.exchange({ method: 'POST', path: '/faxes' });
    assert.deepEqual([result.ok, !result.ok && result.sent], [false, true]);
    assert.deepEqual(second.requests, []);
    await second.close();
  });

  test('an order that is stopped goes nowhere else', async () => {
    const stop = AbortSignal.abort();
    const result = await client().exchange({ method: 'POST', path: '/faxes', signal: stop });
    assert.ok(!result.ok && result.failure === 'stopped');
    assert.deepEqual(alive.requests, []);
  });
});
