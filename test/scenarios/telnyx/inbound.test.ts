import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pdfOfPages } from '../../emulators/sinch/pdf.ts';
import { newCallbackKey } from '../../emulators/telnyx/callbacks.ts';
import { barFile, barPages, keeping, type TelnyxWorld, telnyxWorld } from './world.ts';

async function receiving(
  use: (
    world: TelnyxWorld,
    kept: ReturnType<typeof keeping>['kept'],
    copies: ReturnType<typeof keeping>['copies'],
  ) => Promise<void>,
  refuse?: () => boolean,
): Promise<void> {
  const world = await telnyxWorld();
  const { kept, copies, reception, erasing } = keeping(refuse);
  erasing.erase = async (id) => world.adapter.purge?.(id);
  try {
    await world.adapter.start(reception);
    await use(world, kept, copies);
  } finally {
    await world.stop();
  }
}

/** Lets what is under way over real sockets end, without the look for lost callbacks. */
async function settled(done: () => boolean): Promise<void> {
  for (let turn = 0; turn < 20_000 && !done(); turn++) await new Promise(setImmediate);
  assert.ok(done(), 'it never happened');
}

describe('a fax that Telnyx received', () => {
  test('is fetched after its callback, page by page, and then erased at the carrier', () =>
    receiving(async ({ carrier }, kept) => {
      carrier.receive(barFile(3));
      await settled(() => carrier.faxes.size === 0);
      assert.deepEqual([kept[0]?.to, kept[0]?.from], ['+15551230000', '+15550001111']);
      assert.deepEqual(
        kept[0]?.pages,
        barPages(3).map(({ t6 }) => t6),
      );
      assert.deepEqual([kept[0]?.result.cause, kept[0]?.result.pagesConfirmed], ['ok', 3]);
    }));

  test('is found by polling when its callback was lost', () =>
    receiving(async ({ carrier, clock }, kept) => {
      carrier.silent = true;
      carrier.receive(barFile(1));
      await clock.pass(130_000);
      await settled(() => carrier.faxes.size === 0);
      assert.equal(kept.length, 1);
    }));

  test('is taken and fetched once, however often it is called in and although it is still there', () =>
    receiving(async ({ carrier, adapter, clock }, kept) => {
      carrier.clinging = true;
      const id = carrier.receive(barFile(1));
      for (let again = 0; again < 5; again++) {
        assert.equal((await adapter.callback?.(await carrier.callback('fax.received', id)))?.status, 200);
      }
      await settled(() => carrier.requests.some((request) => request.startsWith('DELETE')));
      const looks = () => carrier.requests.filter((request) => request === 'GET /v2/faxes').length;
      const before = looks();
      await clock.pass(300_000);
      await settled(() => looks() >= before + 2);
      assert.deepEqual([kept.length, carrier.faxes.size], [1, 1]);
      const fetched = carrier.requests.filter((request) => request.startsWith('GET /v2/received/'));
      assert.equal(fetched.length, 1);
    }));

  test('has its address renewed when its time is over', () =>
    receiving(async ({ carrier, adapter }, kept) => {
      carrier.silent = true;
      const id = carrier.receive(barFile(1));
      carrier.expire();
      await adapter.callback?.(await carrier.callback('fax.received', id));
      await settled(() => carrier.faxes.size === 0);
      assert.equal(kept.length, 1);
    }));

  for (const mediaUrl of ['https://10.0.0.1/fax.tif', 'http://127.0.0.1:1/fax.tif', 'https://evil.example/fax.tif']) {
    test(`is not fetched from ${mediaUrl}, and stays with the carrier`, () =>
      receiving(async ({ carrier, warnings }, kept) => {
        carrier.receive(barFile(1), { mediaUrl });
        await settled(() => warnings.length === 1);
        assert.match(warnings[0] ?? '', /cannot be fetched/);
        assert.deepEqual([kept.length, carrier.faxes.size], [0, 1]);
      }));
  }

  test('that is a PDF comes out in the pixels of its pictures', () =>
    receiving(async ({ carrier }, kept) => {
      carrier.receive(pdfOfPages(barPages(2)));
      await settled(() => carrier.faxes.size === 0);
      assert.deepEqual(
        kept[0]?.pages,
        barPages(2).map(({ t6 }) => t6),
      );
    }));

  test('that is a damaged PDF is written off and stays with the carrier', () =>
    receiving(async ({ carrier, adapter }, kept) => {
      carrier.receive(new TextEncoder().encode('%PDF-1.7'));
      await settled(() => kept.length === 1);
      assert.deepEqual([kept[0]?.result.cause, carrier.faxes.size], ['page_rejected', 1]);
      assert.equal((await adapter.health()).ok, false);
    }));

  test('that is neither TIFF nor PDF stays with the carrier, and the carrier’s state says so', () =>
    receiving(async ({ carrier, adapter, warnings }, kept) => {
      carrier.receive(new TextEncoder().encode('<html>'));
      await settled(() => warnings.length === 1);
      assert.deepEqual([kept.length, carrier.faxes.size], [0, 1]);
      assert.equal((await adapter.health()).ok, false);
    }));

  test('that cannot be taken now is taken by a later look', async () => {
    let full = true;
    await receiving(
      async ({ carrier, clock }, kept) => {
        carrier.receive(barFile(1));
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

  test('is not taken after drain', () =>
    receiving(async ({ carrier, adapter, clock }, kept) => {
      await adapter.drain();
      carrier.receive(barFile(1));
      await clock.pass(600_000);
      assert.deepEqual([kept.length, carrier.faxes.size], [0, 1]);
    }));
});

describe('a callback in the name of Telnyx', () => {
  const status = async (world: TelnyxWorld, change: { now?: number; key?: ReturnType<typeof newCallbackKey> }) => {
    world.carrier.silent = true;
    const id = world.carrier.receive(barFile(1));
    const callback = await world.carrier.callback('fax.received', id, change);
    return (await world.adapter.callback?.(callback))?.status;
  };

  test('signed by another key is refused', () =>
    receiving(async (world, kept) => {
      assert.equal(await status(world, { key: newCallbackKey() }), 401);
      assert.equal(kept.length, 0);
    }));

  for (const seconds of [-301, 301]) {
    test(`${seconds} s away is refused`, () =>
      receiving(async (world) => {
        assert.equal(await status(world, { now: world.clock.now() + seconds * 1_000 }), 401);
      }));
  }

  for (const [what, change] of [
    ['with another body', { body: new TextEncoder().encode('{}') }],
    ['without a signature', { headers: {} }],
    ['by GET', { method: 'GET' }],
  ] as const) {
    test(`${what} is refused`, () =>
      receiving(async ({ carrier, adapter }) => {
        const callback = await carrier.callback('fax.delivered', 'x');
        assert.ok([401, 405].includes((await adapter.callback?.({ ...callback, ...change }))?.status ?? 0));
      }));
  }
});
