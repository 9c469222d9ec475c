import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readTiff } from '../../../gateway/imaging/index.ts';
import { barPages, drive, outgoing } from '../telnyx/world.ts';
import { CALLBACK_URL, type Change, PROJECT, type SinchWorld, sinchWorld } from './world.ts';

const ANSWERS = '+15550100001';
const FAXES = `POST /v3/projects/${PROJECT}/faxes`;

async function world(use: (world: SinchWorld) => Promise<void>, change: Change = {}): Promise<void> {
  const made = await sinchWorld(change);
  try {
    await use(made);
  } finally {
    await made.stop();
  }
}

describe('a fax through Sinch', () => {
  test('goes in the order for it, once, and is followed to its end', () =>
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
      assert.deepEqual(carrier.orders, [ANSWERS]);
      assert.equal(carrier.files.size, 0);
    }));

  test('asks for one attempt, with nothing added to its pages', () =>
    world(async ({ clock, carrier, adapter }) => {
      await clock.until(drive(adapter, outgoing(ANSWERS)));
      const [fax] = carrier.faxes.values();
      assert.partialDeepStrictEqual(fax, {
        maxRetries: 0,
        headerText: '',
        headerPageNumbers: false,
        imageConversionMethod: 'MONOCHROME',
        resolution: 'FINE',
        labels: { sealfax: outgoing(ANSWERS).reference, pages: '2' },
        callbackUrl: CALLBACK_URL,
        callbackUrlContentType: 'multipart/form-data',
      });
    }));

  test('its file holds the pages as they are', () =>
    world(async ({ clock, carrier, adapter }) => {
      carrier.service.saveOutboundFaxDocuments = true;
      await clock.until(drive(adapter, outgoing(ANSWERS)));
      const [stored = new Uint8Array(0)] = carrier.files.values();
      const { pages } = readTiff(stored, { maxPages: 9, maxPixels: 1e7 });
      assert.deepEqual([pages.length, pages[0]?.width, pages[0]?.rows, pages[0]?.yDpi], [2, 1728, 300, 196]);
      const [first] = barPages(1);
      assert.ok(Buffer.from(stored).indexOf(Buffer.from(first?.t6 ?? [])) > 0);
    }));

  for (const [number, cause, inFlight] of [
    ['+15550110001', 'busy', false],
    ['+15550120001', 'no_answer', false],
    ['+15550130001', 'no_fax', false],
    ['+15550140001', 'out_of_service', false],
    ['+15550150001', 'line_lost', true],
    ['+15550160001', 'uncertain', true],
    ['+15550190001', 'carrier_refused', false],
  ] as const) {
    test(`that fails ends as ${cause}`, () =>
      world(async ({ clock, adapter }) => {
        const { result } = await clock.until(drive(adapter, outgoing(number)));
        assert.deepEqual([result.cause, result.pagesConfirmed, result.pageInFlight], [cause, 0, inFlight]);
        if (cause === 'uncertain') assert.match(result.detail, /not known: FAX_ERROR 9999/);
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

describe('a fax through Sinch when the carrier fails', () => {
  for (const type of ['cut_after', 'garbage'] as const) {
    test(`an order that was taken and not answered (${type}) is found by its label and never given twice`, () =>
      world(async ({ clock, carrier, adapter }) => {
        carrier.faults.push({ matching: /^POST .*\/faxes$/, fault: { type } });
        const { result } = await clock.until(drive(adapter, outgoing(ANSWERS)));
        assert.equal(result.cause, 'ok');
        assert.deepEqual(carrier.orders, [ANSWERS]);
        assert.equal(carrier.requests.filter((request) => request === FAXES).length, 1);
      }));
  }

  test('an order without an answer is looked for again when the list cannot be read', () =>
    world(async ({ clock, carrier, adapter }) => {
      carrier.faults.push({ matching: /^GET .*\/faxes$/, fault: { type: 'status', status: 502 } });
      carrier.faults.push({ matching: /^POST .*\/faxes$/, fault: { type: 'cut_after' } });
      const { result } = await clock.until(drive(adapter, outgoing(ANSWERS)));
      assert.equal(result.cause, 'ok');
      assert.equal(carrier.orders.length, 1);
    }));

  test('an order that was perhaps taken and is not found is uncertain', () =>
    world(async ({ clock, carrier, adapter }) => {
      carrier.faults.push({ matching: /^POST .*\/faxes$/, fault: { type: 'status', status: 500 } });
      const { result } = await clock.until(drive(adapter, outgoing(ANSWERS)));
      assert.deepEqual([result.cause, result.pageInFlight], ['uncertain', true]);
      assert.equal(carrier.requests.filter((request) => request === FAXES).length, 1);
    }));

  for (const [status, cause] of [
    [402, 'carrier_refused'],
    [403, 'carrier_refused'],
    [429, 'carrier_unavailable'],
  ] as const) {
    test(`an order that is answered ${status} ends as ${cause}`, () =>
      world(async ({ clock, carrier, adapter }) => {
        carrier.faults.push({ matching: /^POST .*\/faxes$/, fault: { type: 'status', status } });
        const { result } = await clock.until(drive(adapter, outgoing(ANSWERS)));
        assert.deepEqual([result.cause, result.pageInFlight, carrier.orders.length], [cause, false, 0]);
      }));
  }

  test('an address at which nobody is reached gives way to the next one, and each fax is ordered once', () =>
    world(
      async ({ clock, carrier, adapter }) => {
        for (const digit of 'abcdef') {
          const { result } = await clock.until(drive(adapter, outgoing(ANSWERS, { reference: digit.repeat(32) })));
          assert.equal(result.cause, 'ok');
        }
        assert.equal(carrier.orders.length, 6);
      },
      (url) => ({ baseUrl: 'http://127.0.0.1:9/v3', otherUrls: [`${url}/v3`] }),
    ));

  test('questions that are not answered are asked again', () =>
    world(async ({ clock, carrier, adapter }) => {
      for (const type of ['cut_before', 'garbage', 'cut_after'] as const) {
        carrier.faults.push({ matching: /^GET .*\/faxes\//, fault: { type } });
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

  test('doubled and late callbacks change nothing', () =>
    world(async ({ clock, carrier, adapter }) => {
      const first = await clock.until(drive(adapter, outgoing(ANSWERS)));
      for (const callback of [...carrier.sent, ...carrier.sent]) {
        const body = callback.body.slice();
        assert.equal((await adapter.callback?.({ ...callback, body }))?.status, 200);
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

  test('a fax that is gone from the records of the carrier is uncertain', () =>
    world(async ({ clock, carrier, adapter }) => {
      clock.after(5_000, () => carrier.faxes.clear());
      const { result } = await clock.until(drive(adapter, outgoing(ANSWERS)));
      assert.deepEqual([result.cause, result.pageInFlight], ['uncertain', true]);
    }));
});

describe('the key of the project', () => {
  test('buys one token for many requests, and another when the carrier takes it no more', () =>
    world(async ({ clock, carrier, adapter }) => {
      const bought = () => carrier.requests.filter((request) => request === 'POST /oauth2/token').length;
      await clock.until(drive(adapter, outgoing(ANSWERS)));
      assert.equal(bought(), 1);
      carrier.forgetTokens();
      const { result } = await clock.until(drive(adapter, outgoing(ANSWERS)));
      assert.deepEqual([result.cause, bought(), carrier.orders.length], ['ok', 2, 2]);
    }));

  test('buys another token before the last one is too old', () =>
    world(async ({ clock, carrier, adapter }) => {
      await adapter.health();
      await clock.pass(3_540_000);
      await adapter.health();
      assert.equal(carrier.requests.filter((request) => request === 'POST /oauth2/token').length, 2);
    }));

  test('that buys nothing ends a fax as carrier_refused, and a shop that is closed as carrier_unavailable', () =>
    world(async ({ clock, carrier, adapter }) => {
      for (const [status, cause] of [
        [401, 'carrier_refused'],
        [503, 'carrier_unavailable'],
      ] as const) {
        carrier.faults.push({ matching: /token/, fault: { type: 'status', status } });
        const { result } = await clock.until(drive(adapter, outgoing(ANSWERS)));
        assert.deepEqual([result.cause, result.pageInFlight, carrier.orders.length], [cause, false, 0]);
      }
    }));

  test('goes with each request where the settings say so', () =>
    world(
      async ({ clock, carrier, adapter }) => {
        const { result } = await clock.until(drive(adapter, outgoing(ANSWERS)));
        assert.equal(result.cause, 'ok');
        assert.ok(!carrier.requests.includes('POST /oauth2/token'));
      },
      { auth: 'basic' },
    ));
});

describe('a fax through Sinch that the gateway ends', () => {
  test('canceled on its way: it ends as the carrier says, and is not sent again for a busy line', () =>
    world(async ({ clock, adapter }) => {
      for (const [number, cause] of [
        [ANSWERS, 'ok'],
        ['+15550110001', 'canceled'],
      ] as const) {
        const abort = new AbortController();
        clock.after(5_000, () => abort.abort('canceled'));
        const { result } = await clock.until(drive(adapter, outgoing(number, { signal: abort.signal })));
        assert.equal(result.cause, cause);
      }
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
      carrier.faults.push({ matching: /faxes/, fault: { type: 'status', status: 502 } });
      assert.equal((await adapter.lookup('unused')).found, 'unknown');
    }));
});

describe('the carrier’s copies', () => {
  const keepingWorld = (use: (world: SinchWorld) => Promise<void>) =>
    world(async (made) => {
      made.carrier.service.saveOutboundFaxDocuments = true;
      await made.clock.until(drive(made.adapter, outgoing(ANSWERS)));
      assert.equal(made.carrier.files.size, 1);
      await use(made);
    });

  test('are erased and looked for again, also by a process that did not send them', () =>
    keepingWorld(async ({ carrier, restarted }) => {
      const report = await restarted().purge?.(outgoing(ANSWERS).reference);
      assert.equal(report?.outcome, 'purged');
      assert.equal(carrier.files.size, 0);
      assert.equal((await restarted().purge?.(outgoing(ANSWERS).reference))?.outcome, 'none');
    }));

  test('that stay although they were deleted are told', () =>
    keepingWorld(async ({ carrier, adapter }) => {
      carrier.clinging = true;
      assert.equal((await adapter.purge?.(outgoing(ANSWERS).reference))?.outcome, 'kept');
    }));

  test('of which the carrier says nothing are kept', () =>
    keepingWorld(async ({ carrier, adapter }) => {
      for (const fault of [
        { type: 'status', status: 503 },
        { type: 'cut_after' },
        { type: 'status', status: 403 },
      ] as const) {
        carrier.faults.push({ matching: /^DELETE/, fault });
        assert.equal((await adapter.purge?.(outgoing(ANSWERS).reference))?.outcome, 'kept');
        const [id = ''] = carrier.faxes.keys();
        if (fault.type === 'cut_after') carrier.files.set(id, new Uint8Array([0x49, 0x49, 42, 0]));
      }
    }));

  test('are none where the service keeps nothing', () =>
    world(async ({ clock, adapter }) => {
      await clock.until(drive(adapter, outgoing(ANSWERS)));
      assert.equal((await adapter.purge?.(outgoing(ANSWERS).reference))?.outcome, 'none');
    }));
});

describe('the state of the carrier', () => {
  test('tells a key that is refused and a service that is not there', () =>
    world(async ({ carrier, adapter }) => {
      assert.deepEqual(await adapter.health(), { ok: true, detail: 'the fax service is there' });
      carrier.faults.push({ matching: /services/, fault: { type: 'status', status: 403 } });
      assert.equal((await adapter.health()).ok, false);
      carrier.faults.push({ matching: /services/, fault: { type: 'status', status: 404 } });
      assert.match((await adapter.health()).detail, /no such fax service/);
      carrier.faults.push({ matching: /services/, fault: { type: 'cut_before' } });
      assert.match((await adapter.health()).detail, /no answer/);
    }));

  test('tells a service that keeps sent faxes, at the start as well', () =>
    world(async ({ carrier, adapter, warnings, clock }) => {
      carrier.service.saveOutboundFaxDocuments = true;
      const { ok, detail } = await adapter.health();
      assert.ok(ok);
      assert.match(detail, /saveOutboundFaxDocuments/);
      await adapter.start({ offer: async () => ({ refused: 'rejected' }) });
      await clock.turns(() => warnings.length > 0);
      assert.match(warnings[0] ?? '', /saveOutboundFaxDocuments/);
    }));

  test('tells that received faxes are lost where nobody keeps them and no callback is heard', () =>
    world(
      async ({ carrier, adapter }) => {
        carrier.service.saveInboundFaxDocuments = false;
        const { ok, detail } = await adapter.health();
        assert.ok(!ok);
        assert.match(detail, /are lost/);
      },
      { callback: undefined },
    ));

  test('lists the numbers of the service, those that are none left out', () =>
    world(async ({ carrier, adapter }) => {
      carrier.numbers.push('anonymous');
      assert.deepEqual(await adapter.numbers?.(), {
        ok: true,
        numbers: [
          { number: '+15551230000', label: '' },
          { number: '+15551230001', label: '' },
        ],
      });
      carrier.faults.push({ matching: /numbers/, fault: { type: 'status', status: 500 } });
      assert.equal((await adapter.numbers?.())?.ok, false);
    }));
});
