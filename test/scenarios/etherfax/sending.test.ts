import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createEtherfax } from '../../../carrier-adapters/etherfax/adapter.ts';
import { etherfaxConfigSchema } from '../../../carrier-adapters/etherfax/config.ts';
import { FAX_RESULTS } from '../../../carrier-adapters/etherfax/wire.ts';
import type { HttpClient } from '../../../carrier-adapters/http/index.ts';
import { encodeT6, readTiff } from '../../../gateway/imaging/index.ts';
import type { OutgoingPage } from '../../../gateway/ports/carrier-adapter.ts';
import { LINE_PAPER } from '../../conformance/line-paper.ts';
import type { Fate } from '../../emulators/etherfax/emulator.ts';
import { VirtualClock } from '../calls/virtual-clock.ts';
import { callTo, drive, type EtherfaxBench, pagesOf, startBench } from './bench.ts';

const NUMBER = '+15550100001';
const DELIVERED = [
  'answered',
  'page_started 1',
  'taken',
  'page_confirmed 1',
  'page_started 2',
  'page_confirmed 2',
  'page_started 3',
  'page_confirmed 3',
];

async function bench(use: (bench: EtherfaxBench) => Promise<void>, fate?: Fate, names = false): Promise<void> {
  const made = await startBench({ names, ...(fate === undefined ? {} : { fates: { [NUMBER]: fate } }) });
  try {
    await use(made);
  } finally {
    await made.stop();
  }
}

const posts = ({ emulator }: EtherfaxBench) =>
  emulator.server.requests.filter((line) => line === 'POST /outbox').length;

describe('etherFAX: a fax that is sent', () => {
  for (const names of [false, true]) {
    test(`every page is confirmed when the carrier says Success ${names ? 'by name' : 'by number'}`, () =>
      bench(
        async ({ adapter, clock }) => {
          const { steps, result } = await clock.until(drive(adapter, callTo(NUMBER)));
          assert.deepEqual(steps, DELIVERED);
          assert.deepEqual(
            [result.cause, result.pagesConfirmed, result.pageInFlight, result.remoteId, result.line?.rate],
            ['ok', 3, false, 'FAR MACHINE', 14_400],
          );
        },
        undefined,
        names,
      ));
  }

  test('the carrier gets one TIFF-F with these pages, our reference as Tag and the CSID as LocalId', () =>
    bench(async ({ adapter, clock, emulator }) => {
      await clock.until(drive(adapter, callTo(NUMBER, { reference: 'ref-x', pages: pagesOf(2, 4) })));
      const [fax] = emulator.sent;
      assert.ok(fax !== undefined && emulator.sent.length === 1);
      const { FaxImage, ...fields } = fax.fields;
      assert.equal(typeof FaxImage, 'string');
      assert.deepEqual(fields, {
        DialNumber: NUMBER,
        LocalId: '+15550001111',
        CallerId: '+15550009999',
        Tag: 'ref-x',
        TotalPages: 2,
      });
      const { pages } = readTiff(fax.image, { maxPages: 10, maxPixels: 10_000_000 });
      const seen = pages.map((page) => {
        const picture = page.decode();
        assert.ok(picture.kind === 'bilevel');
        return encodeT6(picture.bitmap);
      });
      assert.deepEqual(seen, [LINE_PAPER.bytes(4), LINE_PAPER.bytes(5)]);
    }));

  test('no page is opened and nothing is sent before gate 2 and the start of the first page', () =>
    bench(async ({ adapter, clock, emulator }) => {
      const opened: number[] = [];
      await clock.until(
        drive(adapter, callTo(NUMBER, { pages: pagesOf(2, 1, opened) }), (step) => {
          if (step.type !== 'answered' && (step.type !== 'page_started' || step.page !== 1)) return;
          assert.deepEqual([opened.length, emulator.server.requests.length], [0, 0]);
        }),
      );
      assert.deepEqual(opened, [1, 2]);
    }));

  test('the image is wiped when the request is over, whatever came of it', async () => {
    for (const sent of [true, false]) {
      const bodies: Uint8Array[] = [];
      const client: HttpClient = {
        async exchange({ body }) {
          if (body?.type === 'octets') bodies.push(...body.pieces.filter(({ length }) => length > 1_000));
          assert.ok(bodies.every((piece) => piece.some((octet) => octet !== 0)));
          return { ok: false, sent, failure: 'timeout', detail: '' };
        },
      };
      const clock = new VirtualClock();
      const log = { debug() {}, info() {}, warn() {}, error() {} };
      const config = etherfaxConfigSchema.parse({ kind: 'etherfax', token: 'key' });
      await clock.until(drive(createEtherfax(config, { clock, log }, client), callTo(NUMBER)));
      assert.equal(bodies.length, 1);
      assert.ok(bodies.every((piece) => piece.every((octet) => octet === 0)));
    }
  });

  test('a page that is wider than the carrier asks for is not sent', () =>
    bench(async ({ adapter, clock, emulator }) => {
      const pages = pagesOf(2).map((page) => (page.number === 2 ? { ...page, width: 2_048 } : page));
      const { steps, result } = await clock.until(drive(adapter, callTo(NUMBER, { pages })));
      assert.deepEqual([steps, result.cause], [[], 'paper_too_narrow']);
      assert.equal(emulator.server.requests.length, 0);
    }));

  test('a page that cannot be read ends the call as image_lost, and nothing was sent', () =>
    bench(async ({ adapter, clock, emulator }) => {
      const [page] = pagesOf(1);
      const broken: OutgoingPage = {
        ...(page as OutgoingPage),
        open: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('does not open')) }) }),
      };
      const { result } = await clock.until(drive(adapter, callTo(NUMBER, { pages: [broken] })));
      assert.deepEqual([result.cause, result.pageInFlight], ['image_lost', false]);
      assert.equal(emulator.server.requests.length, 0);
    }));
});

describe('etherFAX: a fax that fails', () => {
  test('a busy line has no page in doubt', () =>
    bench(
      async ({ adapter, clock }) => {
        const { steps, result } = await clock.until(drive(adapter, callTo(NUMBER)));
        assert.deepEqual(steps, ['answered', 'page_started 1', 'taken']);
        assert.deepEqual([result.cause, result.pagesConfirmed, result.pageInFlight], ['busy', 0, false]);
      },
      { result: FAX_RESULTS.LineBusy },
    ));

  test('a disconnect after page 1 leaves page 1 confirmed and page 2 started and in doubt', () =>
    bench(
      async ({ adapter, clock }) => {
        const { steps, result } = await clock.until(drive(adapter, callTo(NUMBER)));
        assert.deepEqual(steps, ['answered', 'page_started 1', 'taken', 'page_confirmed 1', 'page_started 2']);
        assert.deepEqual([result.cause, result.pagesConfirmed, result.pageInFlight], ['line_lost', 1, true]);
      },
      { result: FAX_RESULTS.UnexpectedDisconnect, delivered: 1 },
    ));

  test('a disconnect before any connection is no doubt', () =>
    bench(
      async ({ adapter, clock }) => {
        const { result } = await clock.until(drive(adapter, callTo(NUMBER)));
        assert.deepEqual([result.cause, result.pageInFlight], ['rejected', false]);
      },
      { result: FAX_RESULTS.UnexpectedDisconnect, connectTime: 0 },
    ));

  test('a result that is not known is uncertain, and the raw code is kept', () =>
    bench(
      async ({ adapter, clock }) => {
        const { result } = await clock.until(drive(adapter, callTo(NUMBER)));
        assert.deepEqual([result.cause, result.pageInFlight], ['uncertain', true]);
        assert.match(result.detail, /not known here: 77$/);
      },
      { result: 77, connectTime: 12 },
    ));

  test('Success with fewer pages than were sent is uncertain', () =>
    bench(
      async ({ adapter, clock }) => {
        const { result } = await clock.until(drive(adapter, callTo(NUMBER)));
        assert.deepEqual([result.cause, result.pagesConfirmed, result.pageInFlight], ['uncertain', 2, true]);
      },
      { result: FAX_RESULTS.Success, delivered: 2 },
    ));

  test('a fax that is refused at once was not taken', () =>
    bench(
      async (made) => {
        const { result } = await made.clock.until(drive(made.adapter, callTo(NUMBER)));
        assert.deepEqual([result.cause, result.pageInFlight], ['carrier_unavailable', false]);
        assert.match(result.detail, /NoChannelsAvailable/);
        assert.deepEqual(made.emulator.server.requests, ['POST /outbox']);
      },
      { result: FAX_RESULTS.NoChannelsAvailable, atOnce: true },
    ));
});

describe('etherFAX: requests that go wrong', () => {
  for (const [type, name] of [
    ['cut_after', 'an answer that was cut off'],
    ['hang_after', 'an answer that never comes'],
    ['garbage', 'an answer that is no JSON'],
  ] as const) {
    test(`${name} leaves the fax uncertain, and it is not handed over twice`, () =>
      bench(async (made) => {
        made.emulator.server.faults.push({ matching: /POST \/outbox/, fault: { type } });
        const { result } = await made.clock.until(drive(made.adapter, callTo(NUMBER)));
        assert.deepEqual([result.cause, result.pageInFlight], ['uncertain', true]);
        assert.deepEqual([made.emulator.sent.length, posts(made)], [1, 1]);
      }));
  }

  for (const [status, cause, inFlight] of [
    [500, 'uncertain', true],
    [503, 'carrier_unavailable', false],
    [429, 'carrier_unavailable', false],
    [401, 'carrier_refused', false],
    [302, 'carrier_refused', false],
  ] as const) {
    test(`HTTP ${status} to a fax is ${cause}, once`, () =>
      bench(async (made) => {
        made.emulator.server.faults.push({ matching: /POST \/outbox/, fault: { type: 'status', status } });
        const { result } = await made.clock.until(drive(made.adapter, callTo(NUMBER)));
        assert.deepEqual([result.cause, result.pageInFlight], [cause, inFlight]);
        assert.equal(posts(made), 1);
      }));
  }

  test('a carrier that cannot be reached has taken nothing', () =>
    bench(async ({ adapter, clock, emulator }) => {
      await emulator.server.close();
      const { result } = await clock.until(drive(adapter, callTo(NUMBER)));
      assert.deepEqual([result.cause, result.pageInFlight], ['carrier_unavailable', false]);
      emulator.server.close = async () => {};
    }));

  test('looks at the status that fail do no harm', () =>
    bench(async ({ adapter, clock, emulator }) => {
      for (const fault of [
        { type: 'status', status: 500 },
        { type: 'cut_before' },
        { type: 'garbage' },
        { type: 'hang_after' },
      ] as const) {
        emulator.server.faults.push({ matching: /GET \/status/, fault });
      }
      const { steps, result } = await clock.until(drive(adapter, callTo(NUMBER)));
      assert.deepEqual([steps, result.cause], [DELIVERED, 'ok']);
    }));

  test('an id that the carrier no longer knows is uncertain', () =>
    bench(async ({ adapter, clock, emulator }) => {
      clock.after(5_000, () => emulator.sent.splice(0));
      const from = clock.now();
      const { result } = await clock.until(drive(adapter, callTo(NUMBER)));
      assert.deepEqual([result.cause, result.pageInFlight], ['uncertain', true]);
      assert.ok(clock.now() - from < 60_000, 'it is believed when it says so three times');
    }));

  test('a fax that never ends is followed for four hours', () =>
    bench(
      async ({ adapter, clock }) => {
        const from = clock.now();
        const { result } = await clock.until(drive(adapter, callTo(NUMBER)));
        assert.equal(result.cause, 'uncertain');
        assert.ok(clock.now() - from >= 4 * 3_600_000);
      },
      { result: FAX_RESULTS.Success, looks: Number.POSITIVE_INFINITY },
    ));
});

describe('etherFAX: faxes that the gateway ends', () => {
  for (const [reason, cause] of [
    ['canceled', 'canceled'],
    ['fenced', 'gateway_stopped'],
  ] as const) {
    for (const at of ['answered', 'page_started'] as const) {
      test(`${reason} at ${at}: nothing is sent`, () =>
        bench(async ({ adapter, clock, emulator }) => {
          const abort = new AbortController();
          const { result } = await clock.until(
            drive(adapter, callTo(NUMBER, { signal: abort.signal }), (step) => {
              if (step.type === at) abort.abort(reason);
            }),
          );
          assert.deepEqual([result.cause, result.pageInFlight], [cause, false]);
          assert.equal(emulator.server.requests.length, 0);
        }));
    }
  }

  const abortLater = async (made: EtherfaxBench, reason: string) => {
    const abort = new AbortController();
    made.clock.after(5_000, () => abort.abort(reason));
    return made.clock.until(drive(made.adapter, callTo(NUMBER, { signal: abort.signal })));
  };

  test('a cancel that comes too late is told what the carrier says: delivered', () =>
    bench(async (made) => {
      const { steps, result } = await abortLater(made, 'canceled');
      assert.deepEqual([steps, result.cause], [DELIVERED, 'ok']);
    }));

  test('a cancel that comes too late and a fax that fails is canceled, and not sent again', () =>
    bench(
      async (made) => {
        const { result } = await abortLater(made, 'canceled');
        assert.deepEqual([result.cause, result.detail], ['canceled', 'etherFAX: LineBusy']);
      },
      { result: FAX_RESULTS.LineBusy },
    ));

  test('a fenced call is left alone at once: no further request', () =>
    bench(async (made) => {
      const { result } = await abortLater(made, 'fenced');
      assert.deepEqual([result.cause, result.pageInFlight], ['gateway_stopped', true]);
      assert.deepEqual(made.emulator.server.requests, ['POST /outbox']);
    }));

  test('stop ends the following of a fax, which is in doubt', () =>
    bench(async ({ adapter, clock }) => {
      clock.after(5_000, () => void adapter.stop());
      const { result } = await clock.until(drive(adapter, callTo(NUMBER)));
      assert.deepEqual([result.cause, result.pageInFlight], ['line_lost', true]);
    }));
});

describe('etherFAX: look-up', () => {
  test('a fax that this process handed over is found: live, then with its result', () =>
    bench(async ({ adapter, clock }) => {
      const call = callTo(NUMBER);
      const abort = new AbortController();
      clock.after(5_000, () => abort.abort('fenced'));
      await clock.until(drive(adapter, { ...call, signal: abort.signal }));
      assert.deepEqual(await clock.until(adapter.lookup(call.reference)), { found: 'live' });
      assert.deepEqual(await clock.until(adapter.lookup(call.reference)), { found: 'live' });
      const found = await clock.until(adapter.lookup(call.reference));
      assert.ok(found.found === 'ended');
      assert.deepEqual([found.result.cause, found.result.pagesConfirmed], ['ok', 3]);
    }));

  test('after a restart nobody can say what became of it', () =>
    bench(async ({ adapter, again, clock }) => {
      const call = callTo(NUMBER);
      await clock.until(drive(adapter, call));
      assert.deepEqual(await clock.until(again().lookup(call.reference)), { found: 'unknown' });
    }));

  test('a carrier that does not answer leaves the fax live', () =>
    bench(async ({ adapter, clock, emulator }) => {
      const call = callTo(NUMBER);
      const abort = new AbortController();
      clock.after(5_000, () => abort.abort('fenced'));
      await clock.until(drive(adapter, { ...call, signal: abort.signal }));
      emulator.server.faults.push({ matching: /GET \/status/, fault: { type: 'status', status: 502 } });
      assert.deepEqual(await clock.until(adapter.lookup(call.reference)), { found: 'live' });
    }));
});

describe('etherFAX: the account', () => {
  test('health says whether the credentials open it', () =>
    bench(async ({ adapter, clock, emulator }) => {
      assert.deepEqual(await clock.until(adapter.health()), { ok: true, detail: 'the account is open' });
      emulator.server.faults.push({ matching: /accounts/, fault: { type: 'status', status: 401 } });
      assert.deepEqual(await clock.until(adapter.health()), {
        ok: false,
        detail: 'the API refuses the credentials',
      });
    }));

  test('what the carrier keeps is not said to be purged', async () => {
    const unsaid = await startBench();
    const contract = await startBench({}, { retention: 'none' });
    try {
      assert.equal((await unsaid.adapter.purge?.('x'))?.outcome, 'kept');
      assert.equal((await contract.adapter.purge?.('x'))?.outcome, 'none');
    } finally {
      await unsaid.stop();
      await contract.stop();
    }
  });
});
