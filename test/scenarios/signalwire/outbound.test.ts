import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readTiff } from '../../../gateway/imaging/index.ts';
import { drive, outgoing } from '../telnyx/world.ts';
import { ORIGIN, type SignalwireWorld, signalwireWorld } from './world.ts';

const ANSWERS = '+15550100001';
const ORDER = /^POST \/.*\/Faxes$/;

async function world(
  use: (world: SignalwireWorld) => Promise<void>,
  change: Record<string, unknown> = {},
): Promise<void> {
  const made = await signalwireWorld(change);
  try {
    await use(made);
  } finally {
    await made.stop();
  }
}

const ordersIn = ({ carrier }: SignalwireWorld) => carrier.requests.filter((request) => ORDER.test(request)).length;

describe('a fax through SignalWire', () => {
  test('is ordered with a link, fetched once, followed to its end, and kept by nobody', () =>
    world(async ({ clock, carrier, adapter, links }) => {
      const { steps, result } = await clock.until(
        drive(adapter, outgoing(ANSWERS), (step) => {
          if (step === 'page_started 1') assert.deepEqual([carrier.requests, links.wanted], [[], []]);
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
      assert.deepEqual(
        [result.cause, result.pagesConfirmed, result.pageInFlight, result.lineSeconds],
        ['ok', 2, false, 22],
      );
      assert.deepEqual(links.wanted, [{ format: 'tiff', ttl: 600, sources: [] }]);
      const { pages } = readTiff(carrier.fetched[0] ?? new Uint8Array(0), { maxPages: 9, maxPixels: 1e7 });
      assert.deepEqual([pages.length, pages[0]?.width, pages[0]?.rows, pages[0]?.yDpi], [2, 1728, 300, 196]);
      const [fax] = carrier.faxes.values();
      assert.deepEqual([fax?.quality, fax?.stores, carrier.media.size], ['fine', false, 0]);
    }));

  test('tells the carrier what the settings say of links', () =>
    world(
      async ({ clock, adapter, links }) => {
        await clock.until(drive(adapter, outgoing(ANSWERS)));
        assert.deepEqual(links.wanted, [{ format: 'pdf', ttl: 120, sources: ['192.0.2.0/24'] }]);
      },
      { mediaFormat: 'pdf', mediaSeconds: 120, mediaSources: ['192.0.2.0/24'] },
    ));

  for (const [number, cause, inFlight] of [
    ['+15550110001', 'busy', false],
    ['+15550120001', 'no_answer', false],
    ['+15550150001', 'uncertain', true],
    ['+15550190001', 'carrier_unavailable', false],
  ] as const) {
    test(`that fails ends as ${cause}`, () =>
      world(async ({ clock, adapter }) => {
        const { result } = await clock.until(drive(adapter, outgoing(number)));
        assert.deepEqual([result.cause, result.pagesConfirmed, result.pageInFlight], [cause, 0, inFlight]);
        if (cause === 'uncertain') assert.match(result.detail, /failed with code 31999/);
        if (cause === 'carrier_unavailable') assert.match(result.detail, /code 11200.*never fetched/);
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

  for (const [what, state, cause] of [
    ['of an account that allows no links', 'forbidden', 'carrier_unsuited'],
    ['whose link cannot be made', 'broken', 'gateway_stopped'],
  ] as const) {
    test(`${what} is not ordered`, () =>
      world(async (made) => {
        made.links[state] = true;
        const { result } = await made.clock.until(drive(made.adapter, outgoing(ANSWERS)));
        assert.deepEqual([result.cause, result.pageInFlight, made.carrier.requests], [cause, false, []]);
      }));
  }

  test('is not sent by a carrier that is set up for receiving', () =>
    world(
      async ({ clock, adapter, carrier }) => {
        assert.equal(adapter.capabilities.outbound, false);
        const { steps, result } = await clock.until(drive(adapter, outgoing(ANSWERS)));
        assert.deepEqual([steps, result.cause, carrier.requests], [[], 'carrier_unsuited', []]);
      },
      { mediaLinks: false },
    ));
});

describe('a fax through SignalWire when the carrier fails', () => {
  for (const type of ['cut_after', 'hang_after', 'garbage'] as const) {
    test(`an order that was taken and not answered (${type}) is found by its link and never given twice`, () =>
      world(async (made) => {
        made.carrier.faults.push({ matching: ORDER, fault: { type } });
        // Time passes while an answer is waited for that never comes.
        if (type === 'hang_after') made.clock.holding = (work) => work;
        const { result } = await made.clock.until(drive(made.adapter, outgoing(ANSWERS)));
        assert.equal(result.cause, 'ok');
        assert.deepEqual([made.carrier.orders, ordersIn(made)], [[ANSWERS], 1]);
      }));
  }

  test('an order that no list shows is found by the callback that names it', () =>
    world(async (made) => {
      made.carrier.discreet = true;
      made.carrier.faults.push({ matching: ORDER, fault: { type: 'cut_after' } });
      const { result } = await made.clock.until(drive(made.adapter, outgoing(ANSWERS)));
      assert.deepEqual([result.cause, ordersIn(made)], ['ok', 1]);
    }));

  test('an order that was fetched, and of which nothing is heard, is uncertain', () =>
    world(async (made) => {
      made.carrier.discreet = true;
      made.carrier.silent = true;
      made.carrier.faults.push({ matching: ORDER, fault: { type: 'cut_after' } });
      const { result } = await made.clock.until(drive(made.adapter, outgoing(ANSWERS)));
      assert.deepEqual([result.cause, result.pageInFlight, ordersIn(made)], ['uncertain', true, 1]);
    }));

  test('an order that was perhaps taken and never fetched is the carrier’s fault: its link is gone, no page can leave', () =>
    world(async (made) => {
      made.carrier.faults.push({ matching: ORDER, fault: { type: 'status', status: 500 } });
      const { result } = await made.clock.until(drive(made.adapter, outgoing(ANSWERS)));
      assert.deepEqual([result.cause, result.pageInFlight, ordersIn(made)], ['carrier_unavailable', false, 1]);
    }));

  for (const [fault, cause] of [
    [{ type: 'status', status: 429 }, 'carrier_unavailable'],
    [{ type: 'status', status: 401 }, 'carrier_refused'],
  ] as const) {
    test(`an order that meets ${JSON.stringify(fault)} ends as ${cause}`, () =>
      world(async (made) => {
        made.carrier.faults.push({ matching: ORDER, fault });
        const { result } = await made.clock.until(drive(made.adapter, outgoing(ANSWERS)));
        assert.deepEqual([result.cause, result.pageInFlight, made.carrier.orders], [cause, false, []]);
      }));
  }

  test('questions that are not answered are asked again', () =>
    world(async ({ clock, carrier, adapter }) => {
      for (const type of ['cut_before', 'garbage', 'cut_after'] as const) {
        carrier.faults.push({ matching: /^GET \/.*\/Faxes\//, fault: { type } });
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

describe('a fax through SignalWire that the gateway ends', () => {
  test('canceled before it is fetched: the carrier cancels it', () =>
    world(async ({ clock, carrier, adapter }) => {
      const abort = new AbortController();
      clock.after(500, () => abort.abort('canceled'));
      const { result } = await clock.until(drive(adapter, outgoing(ANSWERS, { signal: abort.signal })));
      assert.deepEqual([result.cause, result.pageInFlight], ['canceled', false]);
      assert.equal([...carrier.faxes.values()][0]?.status, 'canceled');
      assert.equal(carrier.received, 0);
    }));

  test('canceled too late: the carrier’s word counts', () =>
    world(async ({ clock, adapter }) => {
      const abort = new AbortController();
      clock.after(12_000, () => abort.abort('canceled'));
      const { result } = await clock.until(drive(adapter, outgoing(ANSWERS, { signal: abort.signal })));
      assert.deepEqual([result.cause, result.pagesConfirmed], ['ok', 2]);
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

  test('a fax is found in a listing of many parts, and what is in none is not called never placed', () =>
    world(async ({ clock, carrier, adapter, restarted }) => {
      await clock.until(drive(adapter, outgoing(ANSWERS)));
      const [fax] = carrier.faxes.values();
      assert.ok(fax !== undefined);
      for (let other = 0; other < 250; other++)
        carrier.faxes.set(`x${other}`, { ...fax, sid: `x${other}`, mediaUrl: '' });
      const fresh = restarted();
      assert.equal((await fresh.lookup(outgoing(ANSWERS).reference)).found, 'ended');
      assert.equal(carrier.requests.filter((request) => /^GET .*\/Faxes$/.test(request)).length, 3);
      assert.equal((await fresh.lookup('0'.repeat(32))).found, 'unknown');
    }));
});

describe('the carrier’s copies', () => {
  const { reference } = outgoing(ANSWERS);

  test('are erased, files first, and looked for again', () =>
    world(async ({ clock, carrier, adapter, restarted }) => {
      await clock.until(drive(adapter, outgoing(ANSWERS)));
      const [sid = ''] = carrier.faxes.keys();
      carrier.media.set('kept', { fax: sid, content: new Uint8Array(1), type: 'application/pdf' });
      const report = await restarted().purge?.(reference);
      assert.equal(report?.outcome, 'purged');
      assert.match(report?.detail ?? '', /file: deleted.*record: deleted/);
      assert.deepEqual([carrier.faxes.size, carrier.media.size], [0, 0]);
      assert.equal((await adapter.purge?.(reference))?.outcome, 'none');
    }));

  test('that stay although they were deleted are told', () =>
    world(async ({ clock, carrier, adapter }) => {
      carrier.clinging = true;
      await clock.until(drive(adapter, outgoing(ANSWERS)));
      assert.equal((await adapter.purge?.(reference))?.outcome, 'kept');
    }));

  test('a file that the carrier does not delete keeps its record, by which it is found again', () =>
    world(async ({ clock, carrier, adapter }) => {
      await clock.until(drive(adapter, outgoing(ANSWERS)));
      const [sid = ''] = carrier.faxes.keys();
      carrier.media.set('kept', { fax: sid, content: new Uint8Array(1), type: 'application/pdf' });
      carrier.faults.push({ matching: /^DELETE .*\/Media\//, fault: { type: 'status', status: 503 } });
      assert.equal((await adapter.purge?.(reference))?.outcome, 'kept');
      assert.equal(carrier.faxes.size, 1);
    }));

  test('a project that is refused is told by the state of the carrier', () =>
    world(async ({ carrier, adapter }) => {
      assert.equal((await adapter.health()).ok, true);
      carrier.faults.push({ matching: /Accounts\/[^/]+$/, fault: { type: 'status', status: 401 } });
      assert.equal((await adapter.health()).ok, false);
    }));

  test('its numbers are listed, as far as they are numbers', () =>
    world(async ({ adapter }) => {
      assert.deepEqual(await adapter.numbers?.(), {
        ok: true,
        numbers: [{ number: '+15551230000', label: 'fax line' }],
      });
    }));
});

test('links and callbacks begin with the public origin', () =>
  world(async ({ clock, carrier, adapter }) => {
    await clock.until(drive(adapter, outgoing(ANSWERS)));
    const [fax] = carrier.faxes.values();
    assert.equal(fax?.statusCallback, `${ORIGIN.href}carriers/signalwire/status/${outgoing(ANSWERS).reference}`);
    assert.ok(fax?.mediaUrl?.startsWith(`${ORIGIN.href}media/`));
  }));
