import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CarrierCallback } from '../../../gateway/ports/carrier-adapter.ts';
import { CARRIER_ADDRESS, callbackTo } from '../../emulators/sinch/callbacks.ts';
import { pdfOfPages } from '../../emulators/sinch/pdf.ts';
import { barPages, keeping } from '../telnyx/world.ts';
import { CALLBACK, CALLBACK_URL, type SinchWorld, sinchWorld } from './world.ts';

type Kept = ReturnType<typeof keeping>['kept'];

async function receiving(
  use: (world: SinchWorld, kept: Kept) => Promise<void>,
  change: { readonly refuse?: () => boolean; readonly config?: Record<string, unknown> } = {},
): Promise<void> {
  const world = await sinchWorld(change.config);
  const { kept, reception, erasing } = keeping(change.refuse);
  erasing.erase = async (id) => world.adapter.purge?.(id);
  try {
    await world.adapter.start(reception);
    await use(world, kept);
  } finally {
    await world.stop();
  }
}

const fax = (pages: number) => pdfOfPages(barPages(pages));

/** Lets what is under way over real sockets end, without the look for lost callbacks. */
async function settled(done: () => boolean): Promise<void> {
  for (let turn = 0; turn < 20_000 && !done(); turn++) await new Promise(setImmediate);
  assert.ok(done(), 'it never happened');
}

/** The receiver zeroes what it is given. */
const again = (callback: CarrierCallback, change: Partial<CarrierCallback> = {}): CarrierCallback => ({
  ...callback,
  body: callback.body.slice(),
  ...change,
});

describe('a fax that Sinch received', () => {
  for (const type of ['multipart/form-data', 'application/json']) {
    test(`comes with its callback (${type}) where the carrier keeps nothing, page by page`, () =>
      receiving(async ({ carrier }, kept) => {
        carrier.service.saveInboundFaxDocuments = false;
        carrier.service.webhookContentType = type;
        carrier.receive(fax(3));
        await settled(() => kept.length === 1);
        assert.deepEqual([kept[0]?.to, kept[0]?.from], ['+15551230000', '+15550001111']);
        assert.deepEqual(
          kept[0]?.pages,
          barPages(3).map(({ t6 }) => t6),
        );
        assert.deepEqual([kept[0]?.result.cause, kept[0]?.result.pagesConfirmed], ['ok', 3]);
      }));
  }

  test('is fetched from the carrier where it keeps it, whatever the callback brought, and then erased there', () =>
    receiving(async ({ carrier, adapter }, kept) => {
      carrier.silent = true;
      const id = carrier.receive(fax(2));
      const other = { event: 'INCOMING_FAX', eventTime: '', fax: { id }, file: fax(1) };
      assert.equal((await adapter.callback?.(callbackTo(CALLBACK_URL, other, 'application/json')))?.status, 200);
      assert.deepEqual([kept[0]?.pages.length, carrier.files.size], [2, 0]);
      assert.ok(carrier.requests.some((request) => request.endsWith(`/faxes/${id}/file.pdf`)));
    }));

  test('is found by polling when its callback was lost', () =>
    receiving(async ({ carrier, clock }, kept) => {
      carrier.silent = true;
      carrier.receive(fax(1));
      await clock.pass(130_000);
      await settled(() => carrier.files.size === 0);
      assert.equal(kept.length, 1);
    }));

  test('is taken once, however often it is called in and looked for', () =>
    receiving(async ({ carrier, adapter, clock }, kept) => {
      carrier.clinging = true;
      const id = carrier.receive(fax(1));
      const calls = Array.from({ length: 5 }, () => adapter.callback?.(carrier.callback('INCOMING_FAX', id)));
      assert.deepEqual(
        (await Promise.all(calls)).map((answer) => answer?.status),
        Array(5).fill(200),
      );
      await clock.pass(300_000);
      assert.equal(kept.length, 1);
      assert.equal(carrier.requests.filter((request) => request.endsWith('file.pdf')).length, 2); // and once by the purge
    }));

  test('comes again by itself when it cannot be taken now and the carrier keeps nothing', async () => {
    let full = true;
    await receiving(
      async ({ carrier, clock }, kept) => {
        carrier.service.saveInboundFaxDocuments = false;
        carrier.receive(fax(1));
        await clock.pass(1_000);
        assert.equal(kept.length, 0);
        full = false;
        await clock.pass(400_000);
        assert.equal(kept.length, 1);
      },
      { refuse: () => full },
    );
  });

  test('of a call that broke is delivered as far as it came, with the cause', () =>
    receiving(async ({ carrier }, kept) => {
      carrier.receive(fax(1), { error: ['FAX_ERROR', 10] });
      await settled(() => carrier.files.size === 0 && kept.length === 1);
      assert.deepEqual([kept[0]?.result.cause, kept[0]?.pages.length], ['line_lost', 1]);
    }));

  test('that is no fax stays with the carrier, and the carrier’s state says so', () =>
    receiving(async ({ carrier, adapter, clock, warnings }, kept) => {
      carrier.receive(new TextEncoder().encode('<html>'));
      await settled(() => warnings.length === 1);
      await clock.pass(300_000);
      assert.deepEqual([kept.length, carrier.files.size, warnings.length], [0, 1, 1]);
      assert.equal((await adapter.health()).ok, false);
    }));

  test('that is a damaged PDF is written off and stays with the carrier', () =>
    receiving(async ({ carrier, clock }, kept) => {
      carrier.receive(new TextEncoder().encode('%PDF-1.7 and nothing more'));
      await settled(() => kept.length === 1);
      await clock.pass(300_000);
      assert.deepEqual([kept[0]?.result.cause, kept.length, carrier.files.size], ['page_rejected', 1, 1]);
    }));

  for (const [what, change] of [
    ['for no number', { to: 'anonymous' }],
    ['whose record nobody has', null],
  ] as const) {
    test(`${what} is not taken`, () =>
      receiving(async ({ carrier, adapter }, kept) => {
        carrier.silent = true;
        const id = change === null ? '01NOBODYHASTHISFAX0000000000' : carrier.receive(fax(1), change);
        assert.equal((await adapter.callback?.(carrier.callback('INCOMING_FAX', id)))?.status, 503);
        assert.equal(kept.length, 0);
      }));
  }

  test('of which there is no document anywhere is called in once: it was erased, or the call had no page', () =>
    receiving(async ({ carrier, adapter }, kept) => {
      carrier.silent = true;
      const id = carrier.receive(fax(1));
      await adapter.purge?.(id);
      assert.equal((await adapter.callback?.(carrier.callback('INCOMING_FAX', id)))?.status, 200);
      assert.equal(kept.length, 0);
    }));

  test('whose document the carrier has and does not give is called in again', () =>
    receiving(async ({ carrier, adapter }, kept) => {
      carrier.silent = true;
      const id = carrier.receive(fax(1));
      carrier.faults.push({ matching: /file\.pdf$/, fault: { type: 'status', status: 500 } });
      assert.equal((await adapter.callback?.(carrier.callback('INCOMING_FAX', id)))?.status, 503);
      assert.equal((await adapter.callback?.(carrier.callback('INCOMING_FAX', id)))?.status, 200);
      assert.deepEqual([kept.length, kept[0]?.result.cause], [1, 'ok']);
    }));

  test('is not one that we sent, whatever a callback says', () =>
    receiving(async ({ carrier, adapter }, kept) => {
      carrier.silent = true;
      const id = carrier.receive(fax(1));
      const sent = carrier.faxes.get(id);
      assert.ok(sent !== undefined);
      carrier.faxes.set(id, { ...sent, direction: 'OUTBOUND' });
      assert.equal((await adapter.callback?.(carrier.callback('INCOMING_FAX', id)))?.status, 503);
      assert.equal(kept.length, 0);
    }));

  test('is not taken after drain, and the carrier is told to come again', () =>
    receiving(async ({ carrier, adapter, clock }, kept) => {
      await adapter.drain();
      carrier.silent = true;
      const id = carrier.receive(fax(1));
      assert.equal((await adapter.callback?.(carrier.callback('INCOMING_FAX', id)))?.status, 503);
      await clock.pass(600_000);
      assert.deepEqual([kept.length, carrier.files.size], [0, 1]);
    }));

  test('is wiped from the callback that brought it', () =>
    receiving(async ({ carrier, adapter }, kept) => {
      carrier.silent = true;
      carrier.service.saveInboundFaxDocuments = false;
      carrier.receive(fax(1));
      const [callback] = carrier.sent;
      assert.ok(callback !== undefined);
      assert.equal((await adapter.callback?.(callback))?.status, 200);
      assert.equal(kept.length, 1);
      assert.ok(callback.body.every((octet) => octet === 0));
    }));
});

describe('a callback in the name of Sinch', () => {
  const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;
  const known = basic(`${CALLBACK.user}:${CALLBACK.password}`);

  for (const [what, change, status] of [
    ['without credentials', { headers: { 'content-type': 'application/json' } }, 401],
    ['with another password', { headers: { authorization: basic('sinch:guess') } }, 401],
    ['with another user', { headers: { authorization: basic(`other:${CALLBACK.password}`) } }, 401],
    ['on another path', { path: '/carriers/sinch/callback' }, 401],
    ['by GET', { method: 'GET' }, 405],
    ['that is neither form nor JSON', { body: new TextEncoder().encode('fax=1') }, 400],
    ['of another shape', { headers: { authorization: known }, body: new TextEncoder().encode('{"fax":{}}') }, 400],
    ['cut in its middle', { body: new Uint8Array(40) }, 400],
  ] as const) {
    test(`${what} is refused`, () =>
      receiving(async ({ carrier, adapter }, kept) => {
        carrier.silent = true;
        carrier.receive(fax(1));
        const [callback] = carrier.sent;
        assert.ok(callback !== undefined);
        assert.equal((await adapter.callback?.(again(callback, change)))?.status, status);
        assert.deepEqual([kept.length, carrier.files.size], [0, 1]);
      }));
  }

  for (const [days, status] of [
    [-5, 401],
    [-3, 200],
    [1, 401],
  ] as const) {
    test(`of an event ${days} days from now is answered ${status}`, () =>
      receiving(async ({ carrier, adapter, clock }) => {
        carrier.silent = true;
        const id = carrier.receive(fax(1));
        const callback = carrier.callback('INCOMING_FAX', id, { at: clock.now() + days * 86_400_000 });
        assert.equal((await adapter.callback?.(callback))?.status, status);
      }));
  }

  test('from an address that is not listed is refused', () =>
    receiving(
      async ({ carrier, adapter }) => {
        carrier.silent = true;
        const id = carrier.receive(fax(1));
        const from = (source: string) => adapter.callback?.({ ...carrier.callback('INCOMING_FAX', id), source });
        for (const source of ['203.0.113.7', '::1', 'nowhere', '']) {
          assert.equal((await from(source))?.status, 401, source);
        }
        assert.equal((await from(`::ffff:${CARRIER_ADDRESS}`))?.status, 200);
      },
      { config: { callback: { ...CALLBACK, sources: ['198.51.100.0/24', '2001:db8::/32'] } } },
    ));

  test('may be long from whoever shows who they are, and from nobody else', () =>
    receiving(async ({ carrier, adapter }) => {
      const { body: _body, ...head } = carrier.callback('INCOMING_FAX', carrier.receive(fax(1)));
      assert.ok((adapter.callbackLimit?.(head) ?? 0) > 50_000_000);
      assert.ok((adapter.callbackLimit?.({ ...head, headers: {} }) ?? 0) <= 65_536);
    }));

  test('is refused where no callbacks are expected', () =>
    receiving(
      async ({ carrier, adapter }) => {
        const callback = carrier.callback('FAX_COMPLETED', carrier.receive(fax(1)));
        assert.equal((await adapter.callback?.(callback))?.status, 401);
      },
      { config: { callback: undefined } },
    ));
});
