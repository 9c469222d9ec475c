/** The loopback network at a real speed: every behaviour of its rules, worked by the fax engine on a clock of packets. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createLoopback } from '../../../carrier-adapters/loopback/adapter.ts';
import { loopbackConfigSchema } from '../../../carrier-adapters/loopback/config.ts';
import type { Paper } from '../../../carrier-adapters/loopback/network/paper.ts';
import type { PageGeometry } from '../../../carrier-adapters/loopback/network/signals.ts';
import type { CallResult } from '../../../gateway/fax/call-result.ts';
import { parseE164 } from '../../../gateway/fax/number.ts';
import { FIRST_LINE_SETTINGS } from '../../../gateway/fax/policy.ts';
import { type Bitmap, decodeT6, encodeT6 } from '../../../gateway/imaging/index.ts';
import type { CallStep, CarrierAdapter, OutgoingCall, OutgoingPage } from '../../../gateway/ports/carrier-adapter.ts';
import { RecordingReception } from '../../conformance/carrier-adapter.ts';
import { PacketClock } from '../../net/world.ts';
import { runsPicture, seeded } from '../../unit/imaging/pictures.ts';

/** Every call of this file is over by then, ms. */
const LONGEST = 600_000;
const ANYONE = '+15550100001';
const OWN = '+15551230000';
const PAGES: readonly Bitmap[] = [runsPicture(1728, 120, 200, seeded(1)), runsPicture(1728, 200, 60, seeded(2))];

interface Sheet {
  readonly reference: string;
  readonly page: PageGeometry;
  readonly t6: Uint8Array;
}

interface Ended {
  readonly result: CallResult;
  readonly steps: readonly CallStep[];
}

/** A loopback network on a virtual clock, with a tray of what its machines have printed. */
class Bench {
  readonly clock = new PacketClock();
  readonly printed: Sheet[] = [];
  readonly reception = new RecordingReception([OWN]);
  readonly adapter: CarrierAdapter;
  #calls = 0;

  constructor(settings: object = {}) {
    const config = loopbackConfigSchema.parse({ kind: 'loopback', ...settings });
    this.adapter = createLoopback(config, this.clock, this.#paper());
  }

  call(to: string, change: Partial<OutgoingCall> = {}): OutgoingCall {
    return {
      reference: `call-${++this.#calls}`,
      from: null,
      to: parseE164(to),
      csid: '+15550001111',
      settings: FIRST_LINE_SETTINGS,
      pages: PAGES.map((page, index) => pageOf(page, index + 1)),
      signal: new AbortController().signal,
      ...change,
    };
  }

  /** Places a call; `at` is told of each step and the time that has gone by. */
  run(call: OutgoingCall, at: (step: CallStep, now: number) => void = () => {}): Promise<Ended> {
    const drive = async () => {
      await this.adapter.start(this.reception);
      const steps: CallStep[] = [];
      const running = this.adapter.place(call);
      for (;;) {
        const next = await running.next();
        if (next.done === true) return { result: next.value, steps };
        steps.push(next.value);
        at(next.value, this.clock.monotonic());
      }
    };
    return this.clock.until(drive(), LONGEST);
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    await this.clock.until(new Promise<void>((resolve) => void this.clock.after(ms, resolve)), LONGEST);
  }

  #paper(): Paper {
    return {
      sheet: (reference, page) => {
        const blocks: Uint8Array[] = [];
        return {
          block: async (data) => void blocks.push(data.slice()),
          whole: async () => void this.printed.push({ reference, page, t6: new Uint8Array(Buffer.concat(blocks)) }),
          spoiled: async () => {},
        };
      },
    };
  }
}

function pageOf(bitmap: Bitmap, number: number, xDpi = 204): OutgoingPage {
  const t6 = encodeT6(bitmap);
  const { width, rows } = bitmap;
  const open = async function* () {
    yield t6.slice();
  };
  return { number, width, rows, xDpi, yDpi: 196, bytes: t6.length, open };
}

function assertPrinted(sheet: Sheet | undefined, bitmap: Bitmap): void {
  assert.ok(sheet !== undefined);
  assert.deepEqual([sheet.page.width, sheet.page.rows], [bitmap.width, bitmap.rows]);
  const { width, rows } = bitmap;
  const decoded = decodeT6(sheet.t6, { width, maxRows: rows + 1 });
  assert.deepEqual([decoded.rows, decoded.bitmap.data], [rows, bitmap.data]);
}

const signals = ({ result }: Ended) => result.ladder?.steps.map(({ signal }) => signal) ?? [];
const known = ({ cause, pagesConfirmed, pageInFlight }: CallResult) => ({ cause, pagesConfirmed, pageInFlight });

describe('a machine behind the fax engine', () => {
  test('prints what was sent, pixel by pixel, under the numbers of the fax', async () => {
    const bench = new Bench();
    const pages = PAGES.map((page, index) => pageOf(page, index + 4));
    const { result } = await bench.run(bench.call(ANYONE, { pages }));
    assert.equal(result.cause, 'ok');
    const { line } = result;
    assert.deepEqual(line, { ...line, rate: 14_400, modulation: 'V.17', compression: 'MMR', ecm: true, t38: true });
    assert.equal(result.remoteId, ANYONE);
    assert.deepEqual(
      bench.printed.map(({ reference, page }) => [reference, page.number]),
      [
        ['call-1', 4],
        ['call-1', 5],
      ],
    );
    for (const [index, page] of PAGES.entries()) assertPrinted(bench.printed[index], page);
  });

  test('has a ladder of T.38 and T.30 signals without a number in it', async () => {
    const bench = new Bench();
    const ended = await bench.run(bench.call(ANYONE));
    const seen = signals(ended);
    for (const signal of ['DIS', 'DCS', 'CFR', 'PPS-MPS', 'MCF', 'PPS-EOP', 'DCN']) {
      assert.ok(seen.includes(signal), signal);
    }
    assert.doesNotMatch(JSON.stringify(ended.result.ladder), /\d{7}/);
  });

  test('answers when its rule says, and is no faster than its rule and the lines', async () => {
    const rules = [{ number: '+4930*', behaviour: 'answer', ringSeconds: 12, rate: 7_200, remoteId: '+49 30 12' }];
    const bench = new Bench({ speed: 9_600, rules });
    const times: Record<string, number> = {};
    const { result } = await bench.run(bench.call('+4930123456'), (step, now) => {
      times[step.type] ??= now;
    });
    assert.deepEqual([result.cause, result.line?.rate, result.remoteId], ['ok', 7_200, '+49 30 12']);
    assert.equal(Math.round(((times.answered ?? 0) - (times.ringing ?? 0)) / 1_000), 12);
    const other = await bench.run(bench.call(ANYONE));
    assert.equal(other.result.line?.rate, 9_600);
  });

  test('takes as long as its rate has it', async () => {
    const bits = 8 * PAGES.reduce((sum, page) => sum + encodeT6(page).length, 0);
    const time = async (speed: number) => {
      const bench = new Bench({ speed });
      const { result } = await bench.run(bench.call(ANYONE));
      assert.equal(result.cause, 'ok');
      return bench.clock.monotonic() / 1_000;
    };
    const ratio = ((await time(2_400)) - (await time(14_400))) / (bits / 2_400 - bits / 14_400);
    // Frames of ECM and their stuffing cost some percent, trainings of the slower modem a second each.
    assert.ok(ratio > 1 && ratio < 1.25, `${ratio}`);
  });

  test('records A4 unless its rule says otherwise, and a wider page is made to fit', async () => {
    const wide = runsPicture(2048, 60, 200, seeded(3));
    const bench = new Bench();
    const narrow = await bench.run(bench.call(ANYONE, { pages: [pageOf(wide, 1)] }));
    assert.equal(narrow.result.cause, 'ok');
    assert.equal(bench.printed[0]?.page.width, 1728);
    const b4 = await bench.run(bench.call('+15550192001', { pages: [pageOf(wide, 1)] }));
    assert.equal(b4.result.cause, 'ok');
    assertPrinted(bench.printed[1], wide);
    const broad = runsPicture(2432, 60, 200, seeded(4));
    const a3 = await bench.run(bench.call('+15550193001', { pages: [pageOf(broad, 1)] }));
    assert.equal(a3.result.cause, 'ok');
    assertPrinted(bench.printed[2], broad);
  });

  test('that refuses a page with RTN prints it once, and has it again at a lower rate', async () => {
    const bench = new Bench();
    const { result, steps } = await bench.run(bench.call('+15550161001'));
    assert.deepEqual(known(result), { cause: 'ok', pagesConfirmed: 2, pageInFlight: false });
    assert.deepEqual([result.line?.ecm, result.line?.retrains], [false, 1]);
    const rates = steps.flatMap((step) => (step.type === 'negotiated' ? [step.line.rate] : []));
    assert.equal(rates.length, 2);
    assert.ok((rates[1] ?? 0) < (rates[0] ?? 0));
    assert.deepEqual(
      bench.printed.map(({ page }) => page.number),
      [1, 2],
    );
    for (const [index, page] of PAGES.entries()) assertPrinted(bench.printed[index], page);
  });

  test('that refuses a page three times has it rejected', async () => {
    const bench = new Bench({ rules: [{ number: '+4930*', behaviour: 'rtn', page: 2, times: 3 }] });
    const { result } = await bench.run(bench.call('+4930123456'));
    assert.deepEqual([result.cause, result.pagesConfirmed], ['page_rejected', 1]);
    assert.equal(bench.printed.length, 1);
  });

  test('that hangs up in a page has printed those before it', async () => {
    const bench = new Bench();
    const { result } = await bench.run(bench.call('+15550152001'));
    assert.deepEqual(known(result), { cause: 'hung_up', pagesConfirmed: 1, pageInFlight: true });
    assert.equal(bench.printed.length, 1);
  });

  test('that vanishes has printed the page that nobody is told of', async () => {
    const bench = new Bench();
    const ended = await bench.run(bench.call('+15550182001'));
    assert.deepEqual(known(ended.result), { cause: 'uncertain', pagesConfirmed: 1, pageInFlight: true });
    assert.equal(bench.printed.length, 2);
    assert.equal(signals(ended).filter((signal) => signal === 'PPS-EOP').length, 3, 'it is asked three times');
  });

  test('that finds no training good hears every rate', async () => {
    const bench = new Bench();
    const ended = await bench.run(bench.call('+15550171001'));
    assert.equal(ended.result.cause, 'training_failed');
    assert.ok(signals(ended).filter((signal) => signal === 'FTT').length >= 3);
    assert.deepEqual(bench.printed, []);
  });

  test('without paper in it refuses the page instead of confirming it', async () => {
    const clock = new PacketClock();
    const paper: Paper = {
      sheet: () => ({
        block: async () => {},
        whole: () => Promise.reject(new Error('the disk is full')),
        spoiled: async () => {},
      }),
    };
    const bench = new Bench();
    const adapter = createLoopback(loopbackConfigSchema.parse({ kind: 'loopback' }), clock, paper);
    const place = async () => {
      await adapter.start(bench.reception);
      const running = adapter.place(bench.call(ANYONE));
      for (;;) {
        const next = await running.next();
        if (next.done === true) return next.value;
      }
    };
    const result = await clock.until(place(), LONGEST);
    assert.notEqual(result.cause, 'ok');
    assert.equal(result.pagesConfirmed, 0);
  });
});

describe('numbers where no machine answers', () => {
  for (const [number, cause, seconds] of [
    ['+15550110001', 'busy', 1],
    ['+15550140001', 'out_of_service', 1],
    ['+15550120001', 'no_answer', 60],
    ['+15550130001', 'no_fax', 42],
  ] as const) {
    test(`${cause} is known after ${seconds} s`, async () => {
      const bench = new Bench();
      const { result } = await bench.run(bench.call(number));
      assert.deepEqual(known(result), { cause, pagesConfirmed: 0, pageInFlight: false });
      const took = bench.clock.monotonic() / 1_000;
      assert.ok(took > seconds - 1.5 && took < seconds + 1.5, `${took} s`);
    });
  }

  test('a network without a free circuit is its own fault, not the busy line of the receiver', async () => {
    const bench = new Bench({ rules: [{ number: '+1*', behaviour: 'no_circuit' }] });
    const { result } = await bench.run(bench.call('+15550100001'));
    assert.deepEqual(known(result), { cause: 'carrier_unavailable', pagesConfirmed: 0, pageInFlight: false });
  });

  test('a rule for the first calls gives way to what is behind it', async () => {
    const bench = new Bench();
    const causes = [];
    for (let call = 0; call < 3; call++) causes.push((await bench.run(bench.call('+15550190001'))).result.cause);
    assert.deepEqual(causes, ['busy', 'busy', 'ok']);
  });
});

describe('numbers of the gateway itself', () => {
  test('a call rings through, and both ends tell of it', async () => {
    const bench = new Bench();
    const { result } = await bench.run(bench.call(OWN));
    assert.equal(result.cause, 'ok');
    await bench.pass(20_000);
    assert.equal(bench.reception.pages.length, 2);
    const [received] = bench.reception.results;
    assert.ok(received !== undefined);
    assert.deepEqual(known(received), { cause: 'ok', pagesConfirmed: 2, pageInFlight: false });
    assert.equal(received.remoteId, '+15550001111');
    assert.ok((received.ladder?.steps.length ?? 0) > 10);
  });

  test('a caller that gives up while it rings ends the call that was accepted, at once', async () => {
    const bench = new Bench();
    const abort = new AbortController();
    const { result } = await bench.run(bench.call(OWN, { signal: abort.signal }), (step) => {
      if (step.type === 'ringing') abort.abort('canceled');
    });
    assert.equal(result.cause, 'canceled');
    await bench.pass(100);
    assert.deepEqual(bench.reception.log, ['offer loopback', 'ended hung_up']);
  });

  test('a refusal reaches the caller with its own cause', async () => {
    const bench = new Bench();
    bench.reception.refuse = 'storage_full';
    const { result, steps } = await bench.run(bench.call(OWN));
    assert.deepEqual([result.cause, steps], ['storage_full', []]);
  });
});

describe('the network between', () => {
  const bad = { seed: 3, loss: 0.1, reorder: 0.05, jitter: 40 };

  test('the same seed makes the same call, another one another', async () => {
    const ladder = async (seed: number) => {
      const bench = new Bench({ network: { ...bad, seed } });
      return JSON.stringify((await bench.run(bench.call(ANYONE))).result);
    };
    const first = await ladder(3);
    assert.equal(await ladder(3), first);
    assert.notEqual(await ladder(4), first);
  });

  test('a bad network costs time, and no page is confirmed that is not on paper', async () => {
    const outcomes = new Set<string>();
    for (let seed = 1; seed <= 8; seed++) {
      const bench = new Bench({ network: { ...bad, seed, loss: seed / 20 } });
      const { result } = await bench.run(bench.call(ANYONE));
      outcomes.add(result.cause);
      assert.ok(bench.printed.length >= result.pagesConfirmed, `seed ${seed}`);
      for (let page = 0; page < result.pagesConfirmed; page++) {
        const bitmap = PAGES[page];
        assert.ok(bitmap !== undefined);
        assertPrinted(bench.printed[page], bitmap);
      }
    }
    assert.ok(outcomes.has('ok'));
  });

  test('a reference that was used before is not connected again', async () => {
    const bench = new Bench();
    const call = bench.call('+15550110001');
    assert.equal((await bench.run(call)).result.cause, 'busy');
    assert.equal((await bench.run(call)).result.cause, 'rejected');
    assert.partialDeepStrictEqual(await bench.adapter.lookup(call.reference), {
      found: 'ended',
      result: { cause: 'busy' },
    });
  });

  test('a call that its driver has left is found with what became of it', async () => {
    const bench = new Bench();
    const call = bench.call(ANYONE);
    const leave = async () => {
      await bench.adapter.start(bench.reception);
      const running = bench.adapter.place(call);
      for (;;) {
        const next = await running.next();
        if (next.done !== true && next.value.type !== 'page_confirmed') continue;
        await running.return({ ...LOST });
        return;
      }
    };
    await bench.clock.until(leave(), LONGEST);
    await bench.pass(1_000);
    const found = await bench.adapter.lookup(call.reference);
    assert.ok(found.found === 'ended');
    assert.deepEqual([found.result.cause, found.result.pagesConfirmed], ['line_lost', 1]);
    assert.deepEqual(await bench.adapter.health(), { ok: true, detail: '0 calls' });
  });
});

const LOST: CallResult = {
  cause: 'gateway_stopped',
  detail: '',
  pagesConfirmed: 0,
  pageInFlight: false,
  remoteId: null,
  line: null,
};
