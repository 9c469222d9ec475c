import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readTiff } from '../../../gateway/imaging/index.ts';
import { drive, outgoing } from '../telnyx/world.ts';
import { type PhaxioWorld, phaxioWorld, WEBHOOK } from './world.ts';

const ANSWERS = '+15550100001';
const ORDER = /^POST \/v2\.1\/faxes$/;

async function world(use: (world: PhaxioWorld) => Promise<void>, change: Record<string, unknown> = {}): Promise<void> {
  const made = await phaxioWorld(change);
  try {
    await use(made);
  } finally {
    await made.stop();
  }
}

const ordersIn = (requests: readonly string[]) => requests.filter((request) => ORDER.test(request)).length;

describe('a fax through Phaxio', () => {
  test('goes with its file in one order, under a tag, and is followed to its end', () =>
    world(async ({ clock, carrier, adapter }) => {
      const call = outgoing(ANSWERS);
      const { steps, result } = await clock.until(
        drive(adapter, call, (step) => {
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
      const [order] = carrier.orders;
      assert.deepEqual(Object.fromEntries(order?.fields ?? []), {
        to: ANSWERS,
        caller_id: '+15550001111',
        'tag[sealfax]': call.reference,
        'tag[sealfax_pages]': '2',
        cancel_timeout: '60',
        callback_url: WEBHOOK,
      });
    }));

  test('its file holds the pages as they are', () =>
    world(async ({ clock, carrier, adapter }) => {
      await clock.until(drive(adapter, outgoing(ANSWERS)));
      const [file] = carrier.files.values();
      const { pages } = readTiff(file ?? new Uint8Array(0), { maxPages: 9, maxPixels: 1e7 });
      assert.deepEqual([pages.length, pages[0]?.width, pages[0]?.rows, pages[0]?.yDpi], [2, 1728, 300, 196]);
    }));

  test('needs no calling number', () =>
    world(
      async ({ clock, carrier, adapter }) => {
        assert.equal((await clock.until(drive(adapter, outgoing(ANSWERS)))).result.cause, 'ok');
        assert.equal(carrier.orders[0]?.fields.has('caller_id'), false);
      },
      { from: undefined },
    ));

  for (const [number, cause, inFlight] of [
    ['+15550110001', 'busy', false],
    ['+15550120001', 'no_answer', false],
    ['+15550130001', 'no_fax', false],
    ['+15550140001', 'out_of_service', false],
    ['+15550150001', 'line_lost', true],
    ['+15550160001', 'uncertain', true],
    ['+15550190001', 'uncertain', true],
    ['+15550190002', 'document_rejected', false],
    ['+15550190003', 'uncertain', true],
  ] as const) {
    test(`to ${number} that fails ends as ${cause}`, () =>
      world(async ({ clock, adapter }) => {
        const { result } = await clock.until(drive(adapter, outgoing(number)));
        assert.deepEqual([result.cause, result.pagesConfirmed, result.pageInFlight], [cause, 0, inFlight]);
      }));
  }

  test('that the carrier does not end in its time is given up by the carrier first', () =>
    world(
      async ({ clock, adapter }) => {
        const { result } = await clock.until(drive(adapter, outgoing('+15550170001')));
        assert.deepEqual([result.cause, result.pageInFlight], ['uncertain', true]);
        assert.match(result.detail, /generalError 76/);
      },
      { longest: 180 },
    ));

  test('that comes to a state that nobody knows is followed to its end, too', () =>
    world(
      async ({ clock, adapter }) => {
        const { result } = await clock.until(drive(adapter, outgoing('+15550180001')));
        assert.deepEqual([result.cause, result.pageInFlight], ['uncertain', true]);
      },
      { longest: 180 },
    ));
});

describe('a fax through Phaxio when the carrier fails', () => {
  for (const type of ['cut_after', 'garbage', 'hang_after'] as const) {
    test(`an order that was taken and not answered (${type}) is found by its tag and never given twice`, () =>
      world(async ({ clock, carrier, adapter }) => {
        carrier.faults.push({ matching: ORDER, fault: { type } });
        const { result } = await clock.until(drive(adapter, outgoing(ANSWERS)));
        assert.equal(result.cause, 'ok');
        assert.deepEqual([carrier.orders.length, ordersIn(carrier.requests)], [1, 1]);
      }));
  }

  test('an order is found by its tag although the carrier lists others, too', () =>
    world(async ({ clock, carrier, adapter }) => {
      carrier.careless = true;
      for (const reference of ['b'.repeat(32), 'c'.repeat(32)]) {
        await clock.until(drive(adapter, outgoing('+15550110001', { reference })));
      }
      carrier.faults.push({ matching: ORDER, fault: { type: 'cut_after' } });
      const { result } = await clock.until(drive(adapter, outgoing(ANSWERS)));
      assert.deepEqual([result.cause, result.pagesConfirmed], ['ok', 2]);
    }));

  test('an order that was perhaps taken and is not found is uncertain', () =>
    world(async ({ clock, carrier, adapter }) => {
      carrier.faults.push({ matching: ORDER, fault: { type: 'status', status: 500 } });
      const { result } = await clock.until(drive(adapter, outgoing(ANSWERS)));
      assert.deepEqual([result.cause, result.pageInFlight, ordersIn(carrier.requests)], ['uncertain', true, 1]);
    }));

  for (const [status, cause] of [
    [429, 'carrier_unavailable'],
    [401, 'carrier_refused'],
    [422, 'carrier_refused'],
    [404, 'carrier_refused'],
  ] as const) {
    test(`an order that is answered ${status} ends as ${cause}, and nothing was sent`, () =>
      world(async ({ clock, carrier, adapter }) => {
        carrier.faults.push({ matching: ORDER, fault: { type: 'status', status } });
        const { result } = await clock.until(drive(adapter, outgoing(ANSWERS)));
        assert.deepEqual([result.cause, result.pageInFlight], [cause, false]);
        assert.deepEqual([carrier.orders.length, carrier.requests.length], [0, 1]);
      }));
  }

  test('a carrier that is not there is unavailable', () =>
    world(
      async ({ clock, adapter }) => {
        const { result } = await clock.until(drive(adapter, outgoing(ANSWERS)));
        assert.deepEqual([result.cause, result.pageInFlight], ['carrier_unavailable', false]);
      },
      { baseUrl: 'http://127.0.0.1:1' },
    ));

  test('questions that are not answered are asked again', () =>
    world(async ({ clock, carrier, adapter }) => {
      for (const type of ['cut_before', 'garbage', 'cut_after'] as const) {
        carrier.faults.push({ matching: /^GET \/v2\.1\/faxes\//, fault: { type } });
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
        const again = { ...callback, body: callback.body.slice() };
        assert.equal((await adapter.callback?.(again))?.status, 200);
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

describe('a fax through Phaxio that the gateway ends', () => {
  test('canceled on its way: the carrier is asked to cancel, and its word counts', () =>
    world(async ({ clock, carrier, adapter }) => {
      const abort = new AbortController();
      clock.after(5_000, () => abort.abort('canceled'));
      const { result } = await clock.until(drive(adapter, outgoing(ANSWERS, { signal: abort.signal })));
      assert.equal(result.cause, 'canceled');
      assert.equal(carrier.requests.filter((request) => request.endsWith('/cancel')).length, 1);
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
      const { reference } = outgoing(ANSWERS);
      const [id] = carrier.faxes.keys();
      assert.equal((await restarted().lookup(reference)).found, 'live');
      await clock.pass(60_000);
      for (const known of [undefined, id]) {
        const found = await restarted().lookup(reference, known);
        assert.equal(found.found === 'ended' && found.result.pagesConfirmed, 2);
      }
    }));

  test('a reference that nobody used was never placed, and a carrier that does not answer cannot say', () =>
    world(async ({ carrier, adapter }) => {
      assert.equal((await adapter.lookup('unused')).found, 'never_placed');
      assert.equal((await adapter.lookup('unused', '999')).found, 'unknown');
      carrier.faults.push({ matching: /./, fault: { type: 'status', status: 502 } });
      assert.equal((await adapter.lookup('unused')).found, 'unknown');
    }));
});

describe('the carrier’s copy', () => {
  const { reference } = outgoing(ANSWERS);

  test('is erased and looked for again, by its reference or by its id', () =>
    world(async ({ clock, carrier, adapter, restarted }) => {
      await clock.until(drive(adapter, outgoing(ANSWERS)));
      const report = await restarted().purge?.(reference);
      assert.deepEqual([report?.outcome, carrier.files.size], ['purged', 0]);
      const [id] = carrier.faxes.keys();
      assert.equal((await adapter.purge?.(reference, id))?.outcome, 'none');
      assert.equal((await adapter.purge?.('unused'))?.outcome, 'none');
    }));

  test('that stays although it was deleted is told', () =>
    world(async ({ clock, carrier, adapter }) => {
      carrier.clinging = true;
      await clock.until(drive(adapter, outgoing(ANSWERS)));
      assert.equal((await adapter.purge?.(reference))?.outcome, 'kept');
    }));

  for (const [what, matching] of [
    ['deleting', /^DELETE/],
    ['looking again', /^GET .*\/file$/],
    ['finding it', /^GET \/v2\.1\/faxes$/],
  ] as const) {
    test(`is kept when ${what} is not answered`, () =>
      world(async ({ clock, carrier, adapter }) => {
        await clock.until(drive(adapter, outgoing(ANSWERS)));
        carrier.faults.push({ matching, fault: { type: 'status', status: 503 } });
        assert.equal((await adapter.purge?.(reference))?.outcome, 'kept');
      }));
  }
});

describe('the account', () => {
  test('that is refused is told by the state of the carrier', () =>
    world(async ({ carrier, adapter }) => {
      assert.equal((await adapter.health()).ok, true);
      for (const status of [401, 404, 500]) {
        carrier.faults.push({ matching: /account/, fault: { type: 'status', status } });
        assert.equal((await adapter.health()).ok, false);
      }
    }));

  test('tells its numbers, page by page', () =>
    world(async ({ carrier, adapter }) => {
      for (let at = 0; at < 150; at++) {
        carrier.numbers.push({ phone_number: `+1248621${5000 + at}`, city: 'Duluth, Ely', state: 'Minnesota' });
      }
      carrier.numbers.push({ phone_number: 'none', city: '', state: '' });
      const told = await adapter.numbers?.();
      assert.ok(told?.ok);
      assert.equal(told.numbers.length, 150);
      assert.deepEqual(told.numbers[149], { number: '+12486215149', label: 'Duluth, Ely, Minnesota' });
    }));

  test('whose list of numbers breaks off tells none', () =>
    world(async ({ carrier, adapter }) => {
      carrier.faults.push({ matching: /phone_numbers/, fault: { type: 'status', status: 429 } });
      assert.deepEqual(await adapter.numbers?.(), { ok: false, detail: 'Phaxio: HTTP 429' });
    }));
});
