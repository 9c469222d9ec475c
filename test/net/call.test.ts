import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Modulation } from '../../carrier-adapters/sip-t38/t30/line.ts';
import { OUTCOMES } from '../../carrier-adapters/sip-t38/t30/outcome.ts';
import type { Recovery } from '../../carrier-adapters/sip-t38/udptl/options.ts';
import { type Bitmap, blankBitmap, decodeT6, encodeT6 } from '../../gateway/imaging/index.ts';
import type { Random } from '../crash/random.ts';
import { runsPicture, seeded } from '../unit/imaging/pictures.ts';
import { type CallSetup, type CallStory, type NetPage, runCall } from './call.ts';
import { FAIR, randomOf, type Weather } from './link.ts';

/** Calls of each kind, over a thousand in all; SEALFAX_NET_SEEDS asks for more or fewer. One call again: SEALFAX_NET_SEED=number. */
const SEEDS = Number(process.env.SEALFAX_NET_SEEDS ?? 120);
const ONE = process.env.SEALFAX_NET_SEED;

const MODULATIONS: readonly (readonly Modulation[])[] = [['V.17', 'V.29', 'V.27ter'], ['V.29', 'V.27ter'], ['V.27ter']];

const RECOVERIES: readonly Recovery[] = [
  { kind: 'redundancy', depth: 3 },
  { kind: 'fec', entries: 3, span: 3 },
  { kind: 'none' },
];

/** Small pages of every texture, so that a thousand calls take seconds. */
const PAGES: readonly NetPage[] = [
  pageOf(runsPicture(1728, 40, 60, seeded(1))),
  pageOf(runsPicture(1728, 90, 200, seeded(2))),
  pageOf(blankBitmap(1728, 60)),
  pageOf(runsPicture(1728, 24, 6, seeded(3))),
];

/** Pages that need another DCS than those before them. */
const OTHERS: readonly NetPage[] = [
  pageOf(runsPicture(1728, 30, 90, seeded(4)), 98),
  pageOf(runsPicture(1728, 80, 300, seeded(5)), 391),
  pageOf(runsPicture(2048, 40, 100, seeded(6))),
  pageOf(runsPicture(2432, 40, 100, seeded(7))),
];

/** A page of noise: more than one partial page of error correction. */
const DENSE = pageOf(noise(1728, 160));

function pageOf(bitmap: Bitmap, yDpi = 196): NetPage {
  return { width: bitmap.width, rows: bitmap.rows, xDpi: 204, yDpi, t6: encodeT6(bitmap) };
}

function noise(width: number, rows: number): Bitmap {
  const bitmap = blankBitmap(width, rows);
  const random = seeded(8);
  for (let i = 0; i < bitmap.data.length; i++) bitmap.data[i] = random();
  return bitmap;
}

const pick = <T>(random: Random, list: readonly T[]): T => list[random.below(list.length)] as T;

/** The call of a seed in some weather: everything else is drawn. */
function setupOf(seed: number, weather: (random: Random) => Weather, more: Partial<CallSetup> = {}): CallSetup {
  const random = randomOf(seed);
  const kinds = random.next() < 0.3 ? [...PAGES, ...OTHERS] : PAGES;
  const pages = Array.from({ length: 1 + random.below(3) }, () => pick(random, kinds));
  return {
    seed,
    weather: weather(random),
    recovery: pick(random, RECOVERIES),
    version: pick(random, [0, 2]),
    pages,
    ecm: random.next() < 0.6,
    maxRate: pick(random, [14_400, 9600, 4800]),
    modulations: pick(random, MODULATIONS),
    keepTime: pick(random, [0, 500, 5000]),
    ...more,
  };
}

/** Everything that a call may never do, whatever the network does. */
function faultsOf(setup: CallSetup, story: CallStory): string[] {
  const faults: string[] = [];
  const { caller, answerer, confirmed, kept } = story;
  if (caller === null) faults.push('the caller never ended');
  else if (!(caller in OUTCOMES)) faults.push(`the caller ended as ${caller}`);
  if (answerer === null) faults.push('the answerer never ended');
  if (confirmed.some((index, i) => index !== i)) faults.push(`pages confirmed out of order: ${confirmed}`);
  if (confirmed.length > kept.length) faults.push(`${confirmed.length} pages confirmed and ${kept.length} kept`);
  if (kept.length > confirmed.length + 1) faults.push(`${kept.length} pages kept and ${confirmed.length} confirmed`);
  if ((caller === 'ok') !== (confirmed.length === setup.pages.length)) {
    faults.push(`${confirmed.length} of ${setup.pages.length} pages confirmed, yet ${caller}`);
  }
  kept.forEach(({ t6, terms, report }, i) => {
    const same = isSame(setup.pages[i], t6);
    if (terms.ecm && !same) faults.push(`page ${i + 1} is not what was sent, in spite of error correction`);
    if (!terms.ecm && !same && report.badRows === 0) faults.push(`page ${i + 1} is damaged, and nobody noticed`);
  });
  return faults;
}

function isSame(page: NetPage | undefined, t6: Uint8Array): boolean {
  if (page === undefined) return false;
  const limits = { width: page.width, maxRows: 4000 };
  const [sent, kept] = [decodeT6(page.t6, limits), decodeT6(t6, limits)];
  return kept.complete && Buffer.compare(sent.bitmap.data, kept.bitmap.data) === 0;
}

/** Runs the calls of many seeds and fails with the ladder of the first faulty one. Returns how they ended. */
async function runAll(from: number, setup: (seed: number) => CallSetup, calls = SEEDS): Promise<Map<string, number>> {
  const ends = new Map<string, number>();
  const seeds = ONE === undefined ? Array.from({ length: calls }, (_, i) => from + i) : [Number(ONE)];
  for (const seed of seeds) {
    const made = setup(seed);
    const story = await runCall(made);
    const faults = faultsOf(made, story);
    const told = () => [`seed ${seed}: ${faults.join('; ')}`, describeSetup(made), ...story.ladder].join('\n');
    assert.deepEqual(faults, [], faults.length > 0 ? told() : '');
    ends.set(story.caller ?? 'none', (ends.get(story.caller ?? 'none') ?? 0) + 1);
  }
  return ends;
}

function describeSetup({ pages, ...setup }: CallSetup): string {
  return JSON.stringify({ ...setup, pages: pages.length });
}

const share = (ends: Map<string, number>, outcome: string) => {
  const all = [...ends.values()].reduce((sum, count) => sum + count, 0);
  return (ends.get(outcome) ?? 0) / all;
};

describe('a call over a network without faults', () => {
  for (const ecm of [true, false]) {
    for (const modulations of MODULATIONS) {
      test(`brings every page, by ${modulations[0]} ${ecm ? 'with' : 'without'} error correction`, async () => {
        const setup = setupOf(1, () => FAIR, { ecm, modulations, pages: PAGES, maxRate: 14_400, keepTime: 500 });
        const story = await runCall(setup);
        assert.deepEqual([story.caller, story.answerer], ['ok', 'ok'], story.ladder.join('\n'));
        assert.deepEqual(faultsOf(setup, story), []);
        assert.deepEqual(
          story.kept.map(({ report }) => report.badRows),
          PAGES.map(() => 0),
        );
        assert.equal(story.line?.modem.modulation, modulations[0]);
      });
    }
  }
});

describe('a call of unlike pages', () => {
  for (const ecm of [true, false]) {
    test(`agrees anew for each that differs, ${ecm ? 'with' : 'without'} error correction`, async () => {
      const pages = [...PAGES.slice(0, 2), ...OTHERS, ...PAGES.slice(2)];
      const setup = setupOf(2, () => FAIR, { ecm, pages, maxRate: 14_400, keepTime: 500 });
      const story = await runCall(setup);
      assert.equal(story.caller, 'ok', story.ladder.join('\n'));
      assert.deepEqual(faultsOf(setup, story), []);
      const ends = story.ladder
        .filter((line) => /answerer heard .*(EOM|MPS|EOP)/.test(line))
        .map((line) => line.slice(-4, -1));
      assert.deepEqual(ends, ['MPS', 'EOM', 'EOM', 'EOM', 'EOM', 'EOM', 'MPS', 'EOP']);
    });
  }
});

describe('a call over a bad network ends as it should, whatever the seed', () => {
  test('delay and jitter to 200 ms, reorder and duplicates', async () => {
    const weather = (random: Random): Weather => ({
      loss: 0,
      burst: 1,
      duplicate: random.next() * 0.05,
      reorder: random.next() * 0.1,
      delay: 10 + random.below(150),
      jitter: random.below(200),
    });
    const ends = await runAll(10_000, (seed) => setupOf(seed, weather));
    assert.equal(share(ends, 'ok'), 1, JSON.stringify([...ends]));
  });

  test('loss to 5 %, one by one, with redundancy or parity', async () => {
    const weather = (random: Random): Weather => ({
      ...FAIR,
      loss: random.next() * 0.05,
      jitter: random.below(60),
    });
    const recovery = (seed: number): Recovery => RECOVERIES[seed % 2] ?? { kind: 'none' };
    const ends = await runAll(20_000, (seed) => setupOf(seed, weather, { recovery: recovery(seed) }));
    assert.ok(share(ends, 'ok') > 0.97, JSON.stringify([...ends]));
  });

  test('loss to 5 % in bursts, without any recovery', async () => {
    const weather = (random: Random): Weather => ({
      ...FAIR,
      loss: random.next() * 0.05,
      burst: 1 + random.below(4),
      jitter: random.below(60),
    });
    const ends = await runAll(30_000, (seed) => setupOf(seed, weather, { recovery: { kind: 'none' } }));
    assert.ok(ends.size > 1, 'some calls cannot succeed');
  });

  test('all of it at once', async () => {
    const weather = (random: Random): Weather => ({
      loss: random.next() * 0.05,
      burst: 1 + random.below(5),
      duplicate: random.next() * 0.05,
      reorder: random.next() * 0.1,
      delay: 10 + random.below(150),
      jitter: random.below(200),
    });
    const ends = await runAll(40_000, (seed) => setupOf(seed, weather));
    assert.ok(share(ends, 'ok') > 0.4, JSON.stringify([...ends]));
  });

  test('a page of several partial pages', async () => {
    assert.ok(DENSE.t6.length > 65_536);
    const weather = (random: Random): Weather => ({ ...FAIR, loss: random.next() * 0.05, burst: 1 + random.below(3) });
    const ends = await runAll(
      45_000,
      (seed) => setupOf(seed, weather, { pages: [DENSE], ecm: true, maxRate: 14_400 }),
      Math.ceil(SEEDS / 25),
    );
    assert.ok(share(ends, 'ok') > 0, JSON.stringify([...ends]));
  });

  test('a line that is out for seconds, again and again', async () => {
    const weather = (random: Random): Weather => {
      let at = 2000;
      const outages = Array.from({ length: 20 }, () => {
        const from = at + random.below(12_000);
        at = from + 300 + random.below(6000);
        return { from, to: at };
      });
      return { ...FAIR, outages };
    };
    const ends = await runAll(60_000, (seed) => setupOf(seed, weather, { pages: [...PAGES, ...PAGES] }));
    assert.ok(ends.size > 3, JSON.stringify([...ends]));
  });

  test('a call that one of them ends', async () => {
    const when = (random: Random) => random.below(40_000);
    const setup = (seed: number) => {
      const random = randomOf(seed + 1);
      const by = pick(random, ['caller', 'answerer'] as const);
      return setupOf(seed, () => FAIR, { pages: PAGES, cancel: { by, at: when(random) } });
    };
    const ends = await runAll(70_000, setup);
    assert.ok(share(ends, 'canceled') > 0.2, JSON.stringify([...ends]));
  });

  test('a call that is cut', async () => {
    const setup = (seed: number) => setupOf(seed, () => FAIR, { pages: PAGES, cut: randomOf(seed + 1).below(40_000) });
    const ends = await runAll(80_000, setup);
    assert.ok(share(ends, 'carrier_lost') > 0.5, JSON.stringify([...ends]));
  });

  test('a line that breaks', async () => {
    const weather = (random: Random): Weather => ({ ...FAIR, loss: 0.3 + random.next() * 0.65, burst: 10 });
    const ends = await runAll(50_000, (seed) => setupOf(seed, weather));
    assert.ok(share(ends, 'ok') < 0.5, JSON.stringify([...ends]));
  });

  test('a far end that sends nonsense among its datagrams', async () => {
    const ends = new Set<string>();
    for (let seed = 90_000; seed < 90_000 + SEEDS; seed++) {
      const weather = (random: Random): Weather => ({ ...FAIR, mangled: random.next() * 0.1 });
      const { caller, answerer, ladder } = await runCall(setupOf(seed, weather));
      // What is told may be anything; that it ends, and how, is all that can be asked for.
      assert.ok(caller !== null && answerer !== null, [`seed ${seed}`, ...ladder].join('\n'));
      ends.add(caller);
    }
    assert.ok(ends.size > 3, [...ends].join());
  });
});
