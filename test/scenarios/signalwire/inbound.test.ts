import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CarrierCallback } from '../../../gateway/ports/carrier-adapter.ts';
import type { SigningKey } from '../../emulators/signalwire/callbacks.ts';
import { barFile, barPages, keeping } from '../telnyx/world.ts';
import { ORIGIN, SIGNING_KEY, type SignalwireWorld, signalwireWorld } from './world.ts';

const INCOMING = `${ORIGIN.origin}/carriers/signalwire/incoming`;
const RECEIVED = `${ORIGIN.origin}/carriers/signalwire/received`;

async function receiving(
  use: (world: SignalwireWorld, kept: ReturnType<typeof keeping>['kept']) => Promise<void>,
  refuse?: () => boolean,
): Promise<void> {
  const world = await signalwireWorld();
  const { kept, reception, erasing } = keeping(refuse);
  erasing.erase = async (id) => world.adapter.purge?.(id);
  try {
    await world.adapter.start(reception);
    await use(world, kept);
  } finally {
    await world.stop();
  }
}

/** Lets what is under way over real sockets end, without the look for lost callbacks. */
async function settled(done: () => boolean): Promise<void> {
  for (let turn = 0; turn < 20_000 && !done(); turn++) await new Promise(setImmediate);
  assert.ok(done(), 'it never happened');
}

describe('a fax that SignalWire received', () => {
  test('is asked for as TIFF, fetched after its callback, and then erased at the carrier, file and record', () =>
    receiving(async ({ carrier }, kept) => {
      await carrier.receive(barFile(3));
      await settled(() => carrier.faxes.size === 0);
      assert.match(
        carrier.answers[0]?.body ?? '',
        /<Receive action="https:\/\/fax\.example\.org\/carriers\/signalwire\/received"/,
      );
      assert.match(carrier.answers[0]?.contentType ?? '', /^text\/xml/);
      assert.deepEqual([kept[0]?.to, kept[0]?.from], ['+15551230000', '+15550001111']);
      assert.deepEqual(
        kept[0]?.pages,
        barPages(3).map(({ t6 }) => t6),
      );
      assert.equal(carrier.media.size, 0);
    }));

  test('is found by polling when its callback was lost', () =>
    receiving(async ({ carrier, clock }, kept) => {
      carrier.silent = true;
      await carrier.receive(barFile(1));
      await clock.pass(130_000);
      await settled(() => carrier.faxes.size === 0);
      assert.equal(kept.length, 1);
    }));

  test('is taken and fetched once, however often it is called in and although it is still there', () =>
    receiving(async ({ carrier, adapter, clock }, kept) => {
      carrier.clinging = true;
      const id = await carrier.receive(barFile(1));
      for (let again = 0; again < 5; again++) {
        assert.equal((await adapter.callback?.(carrier.callback(RECEIVED, id)))?.status, 200);
      }
      await settled(() => carrier.requests.some((request) => request.startsWith('DELETE')));
      await clock.pass(300_000);
      assert.deepEqual([kept.length, carrier.faxes.size], [1, 1]);
      assert.equal(carrier.requests.filter((request) => request.startsWith('GET /files/')).length, 1);
    }));

  for (const mediaUrl of ['https://10.0.0.1/fax.tif', 'http://127.0.0.1:1/fax.tif', 'https://evil.example/fax.tif']) {
    test(`is not fetched from ${mediaUrl}, and stays with the carrier`, () =>
      receiving(async ({ carrier, warnings }, kept) => {
        await carrier.receive(barFile(1), { mediaUrl });
        await settled(() => warnings.length === 1);
        assert.match(warnings[0] ?? '', /cannot be fetched/);
        assert.deepEqual([kept.length, carrier.faxes.size], [0, 1]);
      }));
  }

  test('that cannot be read stays with the carrier, and the carrier’s state says so', () =>
    receiving(async ({ carrier, adapter, warnings }, kept) => {
      await carrier.receive(new TextEncoder().encode('GIF89a'));
      await settled(() => warnings.length === 1);
      assert.deepEqual([kept.length, carrier.faxes.size], [0, 1]);
      assert.equal((await adapter.health()).ok, false);
    }));

  test('that cannot be taken now is taken by a later look', async () => {
    let full = true;
    await receiving(
      async ({ carrier, clock }, kept) => {
        await carrier.receive(barFile(1));
        await clock.pass(1_000);
        assert.equal(kept.length, 0);
        full = false;
        await clock.pass(130_000);
        await settled(() => carrier.faxes.size === 0);
        assert.equal(kept.length, 1);
      },
      () => full,
    );
  });

  test('is refused on the line after drain', () =>
    receiving(async ({ carrier, adapter }) => {
      await adapter.drain();
      await carrier.receive(barFile(1));
      assert.match(carrier.answers[0]?.body ?? '', /<Reject\/>/);
      assert.equal(carrier.faxes.size, 0);
    }));
});

describe('a callback in the name of SignalWire', () => {
  const ask = (
    { adapter, carrier }: SignalwireWorld,
    change: Partial<CarrierCallback> = {},
    key: SigningKey = { key: SIGNING_KEY },
    url = INCOMING,
  ) => adapter.callback?.({ ...carrier.callback(url, 'sid-1', key), ...change });

  test('is believed under either name of its header, and with the port that a URL leaves out', () =>
    receiving(async (world) => {
      assert.equal((await ask(world))?.status, 200);
      assert.equal((await ask(world, {}, { key: SIGNING_KEY, header: 'x-twilio-signature' }))?.status, 200);
      assert.equal((await ask(world, {}, undefined, INCOMING.replace('.org/', '.org:443/')))?.status, 200);
    }));

  for (const [what, change, status] of [
    ['with another body', { body: new TextEncoder().encode('FaxSid=other') }, 401],
    ['for another path', { path: '/carriers/signalwire/received' }, 401],
    ['with a query that was not signed', { path: '/carriers/signalwire/incoming?a=b' }, 401],
    ['without a signature', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 401],
    ['by GET', { method: 'GET' }, 405],
  ] as const) {
    test(`${what} is refused`, () =>
      receiving(async (world) => {
        assert.equal((await ask(world, change))?.status, status);
      }));
  }

  test('signed by another key, for another host or of another project is refused', () =>
    receiving(async (world) => {
      assert.equal((await ask(world, {}, { key: 'PSK_other' }))?.status, 401);
      assert.equal((await ask(world, {}, undefined, INCOMING.replace('example.org', 'example.com')))?.status, 401);
      const { carrier, adapter } = world;
      const foreign = carrier.callback(INCOMING, 'sid-1');
      const body = Buffer.from(foreign.body)
        .toString()
        .replace(/AccountSid=[^&]+/, 'AccountSid=other');
      assert.equal((await adapter.callback?.({ ...foreign, body: new Uint8Array(Buffer.from(body)) }))?.status, 401);
    }));
});
