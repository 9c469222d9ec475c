import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { createHttpClient } from '../../../carrier-adapters/http/index.ts';
import { createTelnyx } from '../../../carrier-adapters/telnyx/adapter.ts';
import { telnyxConfigSchema } from '../../../carrier-adapters/telnyx/config.ts';
import { authorization } from '../../../carrier-adapters/telnyx/wire.ts';
import type { CarrierAdapter } from '../../../gateway/ports/carrier-adapter.ts';
import { type EmulatorServer, startEmulator } from '../../emulators/http/server.ts';
import { drive, holding, outgoing, type TelnyxWorld, telnyxWorld } from './world.ts';

const TO = '+15552220001';

/** A port that was free a moment ago: nobody listens there. */
async function deadUrl(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${address.port}/v2`;
}

describe('an account with two addresses', () => {
  let world: TelnyxWorld;
  /** Another way to the same carrier. */
  let second: EmulatorServer;
  before(async () => {
    world = await telnyxWorld();
    second = await startEmulator(async ({ method, path, query, headers, body }) => {
      const { 'content-length': _length, connection: _connection, host: _host, ...rest } = headers;
      const search = query.size === 0 ? '' : `?${query}`;
      const init = { method, headers: rest, ...(body.length === 0 ? {} : { body: new Uint8Array(body) }) };
      const answer = await fetch(`${world.carrier.url}${path}${search}`, init);
      const type = answer.headers.get('content-type');
      const bytes = new Uint8Array(await answer.arrayBuffer());
      return { status: answer.status, headers: type === null ? {} : { 'content-type': type }, bytes };
    });
  });
  after(async () => {
    await world.stop();
    await second.close();
  });

  function adapterAt(baseUrl: string, ...otherUrls: readonly string[]): CarrierAdapter {
    const config = telnyxConfigSchema.parse({
      ...{ kind: 'telnyx', token: 'KEY0123', connectionId: '1234567890', from: '+15550001111' },
      ...{ baseUrl, otherUrls },
    });
    const http = createHttpClient({
      ...{ base: config.baseUrl, others: config.otherUrls, clock: world.clock },
      headers: authorization(config.token),
    });
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    return createTelnyx(config, { clock: world.clock, log }, holding(http, world.clock));
  }
  const references = Array.from({ length: 8 }, (_, index) => `${index}`.repeat(32));
  const deliverAll = async (adapter: CarrierAdapter, prefix: string): Promise<void> => {
    for (const reference of references) {
      const call = outgoing(TO, { reference: prefix + reference.slice(1) }, 1);
      const { result } = await world.clock.until(drive(adapter, call));
      assert.equal(result.cause, 'ok', result.detail);
    }
  };
  const ordersAt = (requests: readonly string[]) => requests.filter((line) => line === 'POST /v2/faxes').length;

  test('takes them in turn, and what belongs to one fax goes to one of them', async () => {
    world.carrier.requests.length = 0;
    second.requests.length = 0;
    await deliverAll(adapterAt(`${world.carrier.url}/v2`, `${second.url}/v2`), 'a');
    const through = ordersAt(second.requests);
    assert.ok(through > 0 && through < references.length, `${through} of ${references.length}`);
    assert.equal(ordersAt(world.carrier.requests), references.length, 'each fax was ordered once');
    for (const requests of [second.requests]) {
      const uploads = requests.filter((line) => line === 'POST /v2/media').length;
      assert.equal(uploads, through, 'a file goes where its order goes');
    }
  });

  for (const [about, urls] of [
    ['the first', async () => [await deadUrl(), `${world.carrier.url}/v2`]],
    ['the second', async () => [`${world.carrier.url}/v2`, await deadUrl()]],
  ] as const) {
    test(`delivers every fax, once, while ${about} of them is dead`, async () => {
      const [base = '', other = ''] = await urls();
      world.carrier.requests.length = 0;
      await deliverAll(adapterAt(base, other), about === 'the first' ? 'b' : 'c');
      assert.equal(ordersAt(world.carrier.requests), references.length);
    });
  }

  test('finds a fax after a restart, though the address that it was ordered at is dead now', async () => {
    const before = adapterAt(`${world.carrier.url}/v2`, `${second.url}/v2`);
    const call = outgoing(TO, { reference: 'd'.repeat(32) }, 1);
    assert.equal((await world.clock.until(drive(before, call))).result.cause, 'ok');
    const after = adapterAt(await deadUrl(), `${second.url}/v2`);
    const found = await world.clock.until(after.lookup(call.reference));
    assert.equal(found.found === 'ended' && found.result.cause, 'ok');
  });

  test('with all of them dead ends as carrier_unavailable, and nothing was ordered', async () => {
    const deaf = adapterAt(await deadUrl(), await deadUrl());
    const { result } = await world.clock.until(drive(deaf, outgoing(TO, { reference: 'e'.repeat(32) }, 1)));
    assert.deepEqual([result.cause, result.pageInFlight], ['carrier_unavailable', false]);
  });
});
