import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readTiff } from '../../../gateway/imaging/index.ts';
import { barPages, drive, outgoing, type TelnyxWorld, telnyxWorld } from './world.ts';

const ANSWERS = '+15550100001';

async function world(use: (world: TelnyxWorld) => Promise<void>, change: Record<string, unknown> = {}): Promise<void> {
  const made = await telnyxWorld(change);
  try {
    await use(made);
  } finally {
    await made.stop();
  }
}

describe('a fax through Telnyx', () => {
  test('goes by the media store, is followed to its end, and its file is deleted', () =>
    world(async ({ clock, carrier, adapter }) => {
      const { steps, result } = await clock.until(
        drive(adapter, outgoing(ANSWERS), (step) => {
          if (step === 'page_started 1') assert.deepEqual(carrier.requests, []);
        }),
      );
      assert.deepEqual(steps, [
        'answered',
        'page_started 1',
        'taken',
        'page_confirmed 1',
        'page_started 2',
        'page_confirmed 2',
      ]);
      assert.deepEqual([result.cause, result.pagesConfirmed, result.pageInFlight], ['ok', 2, false]);
      assert.equal(carrier.media.size, 0);
      assert.deepEqual(carrier.orders, [ANSWERS]);
      const [fax] = carrier.faxes.values();
      assert.equal(fax?.quality, 'high');
    }));

  test('its file holds the pages as they are', () =>
    world(async ({ clock, carrier, adapter }) => {
      carrier.clinging = true;
      await clock.until(drive(adapter, outgoing(ANSWERS)));
      const [stored] = carrier.media.values();
      const { pages } = readTiff(stored?.content ?? new Uint8Array(0), { maxPages: 9, maxPixels: 1e7 });
      assert.deepEqual([pages.length, pages[0]?.width, pages[0]?.rows, pages[0]?.yDpi], [2, 1728, 300, 196]);
      const [first] = barPages(1);
      const at = Buffer.from(stored?.content ?? []).indexOf(Buffer.from(first?.t6 ?? []));
      assert.ok(at > 0);
    }));

  for (const [number, cause, inFlight] of [
    ['+15550110001', 'busy', false],
    ['+15550120001', 'no_answer', false],
    ['+15550130001', 'no_fax', false],
    ['+15550140001', 'out_of_service', false],
    ['+15550150001', 'hung_up', true],
    ['+15550160001', 'uncertain', true],
  ] as const) {
    test(`that fails ends as ${cause}`, () =>
      world(async ({ clock, adapter }) => {
        const { result } = await clock.until(drive(adapter, outgoing(number)));
        assert.deepEqual([result.cause, result.pagesConfirmed, result.pageInFlight], [cause, 0, inFlight]);
        if (cause === 'uncertain') assert.match(result.detail, /not known: a_reason_of_next_year/);
      }));
  }

  for (const number of ['+15550170001', '+15550180001']) {
    test(`that the carrier never ends, or leaves in a state that nobody knows (${number}), is uncertain in the end`, () =>
      world(
        async ({ clock, adapter }) => {
          const { result } = await clock.until(drive(adapter, outgoing(number)));
          assert.deepEqual([result.cause, result.pageInFlight], ['uncertain', true]);
        },
        { longest: 120 },
      ));
  }
});

describe('a fax through Telnyx when the carrier fails', () => {
  for (const type of ['cut_after', 'garbage'] as const) {
    test(`an order that was taken and not answered (${type}) is found by its reference and never given twice`, () =>
      world(async ({ clock, carrier, adapter }) => {
        carrier.faults.push({ matching: /^POST \/v2\/faxes$/, fault: { type } });
        const { result } = await clock.until(drive(adapter, outgoing(ANSWERS)));
        assert.equal(result.cause, 'ok');
        assert.deepEqual(carrier.orders, [ANSWERS]);
        assert.equal(carrier.requests.filter((request) => request === 'POST /v2/faxes').length, 1);
      }));
  }

  test('an order that was perhaps taken and is not found is uncertain', () =>
    world(async ({ clock, carrier, adapter }) => {
      carrier.faults.push({ matching: /^POST \/v2\/faxes$/, fault: { type: 'status', status: 500 } });
      const { result } = await clock.until(drive(adapter, outgoing(ANSWERS)));
      assert.deepEqual([result.cause, result.pageInFlight], ['uncertain', true]);
      assert.equal(carrier.requests.filter((request) => request === 'POST /v2/faxes').length, 1);
    }));

  for (const [fault, cause] of [
    [{ type: 'status', status: 500 }, 'carrier_unavailable'],
    [{ type: 'status', status: 429 }, 'carrier_unavailable'],
    [{ type: 'status', status: 401 }, 'carrier_refused'],
    [{ type: 'cut_before' }, 'carrier_unavailable'],
    [{ type: 'cut_after' }, 'ok'],
  ] as const) {
    test(`an upload that meets ${JSON.stringify(fault)} ends as ${cause}`, () =>
      world(async ({ clock, carrier, adapter }) => {
        carrier.faults.push({ matching: /^POST \/v2\/media$/, fault });
        const { result } = await clock.until(drive(adapter, outgoing(ANSWERS)));
        assert.deepEqual([result.cause, result.pageInFlight], [cause, false]);
        assert.equal(carrier.requests.filter((request) => request === 'POST /v2/media').length, 1);
        assert.equal(carrier.orders.length, cause === 'ok' ? 1 : 0);
      }));
  }

  test('questions that are not answered are asked again', () =>
    world(async ({ clock, carrier, adapter }) => {
      for (const type of ['cut_before', 'garbage', 'cut_after'] as const) {
        carrier.faults.push({ matching: /^GET \/v2\/faxes\//, fault: { type } });
      }
      const { result } = await clock.until(drive(adapter, outgoing(ANSWERS)));
      assert.equal(result.cause, 'ok');
    }));

  test('lost callbacks change nothing', () =>
    world(async ({ clock, carrier, adapter }) => {
      carrier.silent = true;
      const { result } = await clock.until(drive(adapter, outgoing(ANSWERS)));
      assert.equal(result.cause, 'ok');
    }));

  test('doubled, reordered and late callbacks change nothing', () =>
    world(async ({ clock, carrier, adapter }) => {
      const first = await clock.until(drive(adapter, outgoing(ANSWERS)));
      for (const callback of [...carrier.sent, ...carrier.sent].reverse()) {
        assert.equal((await adapter.callback?.(callback))?.status, 200);
      }
      assert.equal(first.result.cause, 'ok');
      assert.equal((await adapter.lookup(outgoing(ANSWERS).reference)).found, 'ended');
    }));

  test('a callback ends the wait at once', () =>
    world(
      async ({ clock, adapter }) => {
        const began = clock.now();
        await clock.until(drive(adapter, outgoing(ANSWERS)));
        assert.equal(clock.now() - began, 30_000);
      },
      { poll: 300 },
    ));
});

describe('a fax through Telnyx that the gateway ends', () => {
  for (const [reason, cause] of [
    ['canceled', 'canceled'],
    ['fenced', 'gateway_stopped'],
  ] as const) {
    for (const at of ['answered', 'page_started 1']) {
      test(`${reason} at ${at}: nothing reaches the carrier`, () =>
        world(async ({ clock, carrier, adapter }) => {
          const abort = new AbortController();
          const call = outgoing(ANSWERS, { signal: abort.signal });
          const { result } = await clock.until(drive(adapter, call, (step) => step === at && abort.abort(reason)));
          assert.deepEqual([result.cause, result.pageInFlight], [cause, false]);
          assert.deepEqual(carrier.requests, []);
        }));
    }
  }

  test('canceled on its way: the carrier is asked to cancel, and its word counts', () =>
    world(async ({ clock, carrier, adapter }) => {
      const abort = new AbortController();
      clock.after(5_000, () => abort.abort('canceled'));
      const { result } = await clock.until(drive(adapter, outgoing(ANSWERS, { signal: abort.signal })));
      assert.equal(result.cause, 'canceled');
      assert.equal(carrier.requests.filter((request) => request.endsWith('/cancel')).length, 1);
      assert.equal(carrier.media.size, 0);
    }));

  test('fenced on its way: the carrier is asked nothing more, and a look-up of another process finds the end', () =>
    world(async ({ clock, carrier, adapter, restarted }) => {
      const abort = new AbortController();
      clock.after(5_000, () => {
        carrier.requests.length = 0;
        abort.abort('fenced');
      });
      const { result } = await clock.until(drive(adapter, outgoing(ANSWERS, { signal: abort.signal })));
      assert.deepEqual([result.cause, result.pageInFlight], ['gateway_stopped', true]);
      assert.deepEqual(carrier.requests, []);
      const other = restarted();
      assert.equal((await other.lookup(outgoing(ANSWERS).reference)).found, 'live');
      await clock.pass(60_000);
      const found = await other.lookup(outgoing(ANSWERS).reference);
      assert.equal(found.found === 'ended' && found.result.pagesConfirmed, 2);
    }));

  test('a reference that nobody used was never placed, and a carrier that does not answer cannot say', () =>
    world(async ({ carrier, adapter }) => {
      assert.equal((await adapter.lookup('unused')).found, 'never_placed');
      carrier.faults.push({ matching: /./, fault: { type: 'status', status: 502 } });
      assert.equal((await adapter.lookup('unused')).found, 'unknown');
    }));
});

describe('the account', () => {
  test('tells the numbers of its fax application, page by page', () =>
    world(async ({ carrier, adapter }) => {
      for (let at = 0; at < 150; at++) {
        carrier.numbers.push({ phone_number: `+1970555${5000 + at}`, customer_reference: at === 0 ? 'desk' : null });
      }
      carrier.numbers.push({ phone_number: 'none', customer_reference: null });
      const told = await adapter.numbers?.();
      assert.ok(told?.ok);
      assert.deepEqual([told.numbers.length, told.numbers[0]], [150, { number: '+19705555000', label: 'desk' }]);
    }));

  test('whose list of numbers breaks off tells none', () =>
    world(async ({ carrier, adapter }) => {
      carrier.faults.push({ matching: /phone_numbers/, fault: { type: 'status', status: 401 } });
      assert.deepEqual(await adapter.numbers?.(), { ok: false, detail: 'Telnyx: HTTP 401' });
    }));
});

describe('the carrier’s copies', () => {
  test('are erased and looked for again', () =>
    world(async ({ clock, carrier, adapter, restarted }) => {
      await clock.until(drive(adapter, outgoing(ANSWERS)));
      const { reference } = outgoing(ANSWERS);
      const report = await restarted().purge?.(reference);
      assert.equal(report?.outcome, 'purged');
      assert.equal(carrier.faxes.size, 0);
      assert.equal((await adapter.purge?.(reference))?.outcome, 'none');
    }));

  test('that stay although they were deleted are told', () =>
    world(async ({ clock, carrier, adapter }) => {
      carrier.clinging = true;
      await clock.until(drive(adapter, outgoing(ANSWERS)));
      assert.equal((await adapter.purge?.(outgoing(ANSWERS).reference))?.outcome, 'kept');
    }));

  test('of which the carrier says nothing are kept', () =>
    world(async ({ clock, carrier, adapter }) => {
      await clock.until(drive(adapter, outgoing(ANSWERS)));
      carrier.faults.push({ matching: /^DELETE \/v2\/faxes/, fault: { type: 'status', status: 503 } });
      assert.equal((await adapter.purge?.(outgoing(ANSWERS).reference))?.outcome, 'kept');
    }));

  test('a key that is refused is told by the state of the carrier', () =>
    world(async ({ carrier, adapter }) => {
      assert.equal((await adapter.health()).ok, true);
      carrier.faults.push({ matching: /fax_applications/, fault: { type: 'status', status: 401 } });
      assert.equal((await adapter.health()).ok, false);
    }));
});
