import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CarrierAdapter, CarrierCapabilities } from '../../../gateway/ports/carrier-adapter.ts';
import type {
  Breaker,
  CarrierEvidence,
  CarrierFigures,
  CarrierHealthRecords,
  NewBreaker,
} from '../../../gateway/ports/carrier-health.ts';
import { BREAKER_SETTINGS } from '../../../gateway/routing/breaker.ts';
import { createHealth } from '../../../gateway/routing/health.ts';

const FIGURES: CarrierFigures = {
  ...{ calls: 9, delivered: 4, answered: 4, unfit: 0, overT38: 4, overAudio: 0, faults: 5 },
  ...{ answerMedian: 3_000, answerP95: 9_000, lastDeliveredAt: 1, causes: { ok: 4, carrier_unavailable: 5 } },
};
const CAPABILITIES: CarrierCapabilities = {
  ...{ idempotencyKey: false, lookupByRef: true, perPageStatus: true, cancellable: true, leaseBound: true },
  ...{ inbound: 'push', mediaDelivery: 'stream' },
};

/** A watch over one carrier, `alpha`, with records that say what a test wants them to. */
function bench(options: { carrier?: Partial<CarrierAdapter>; lost?: boolean } = {}) {
  const seen: { evidence: Partial<CarrierEvidence>; breaker: Breaker } = {
    evidence: {},
    breaker: { carrier: 'alpha', phase: 'closed', since: 0, until: null, rest: 0, reason: '', version: 0 },
  };
  const done = {
    looks: 0,
    changes: [] as NewBreaker[],
    rings: [] as string[],
    logged: [] as Record<string, unknown>[],
    counts: [] as string[],
  };
  const gate = { open: Promise.resolve(), broken: false };
  const time = { now: 1_000_000_000, monotonic: 0 };
  const records: CarrierHealthRecords = {
    figures: async () => [FIGURES],
    async evidence() {
      done.looks += 1;
      await gate.open;
      if (gate.broken) throw new Error('the database does not answer');
      const none = { good: 0, faults: 0, inRow: 0, accounts: 1, failing: 1, lastGoodAt: null, lastFault: null };
      return [{ ...none, ...seen.evidence, carrier: 'alpha', breaker: seen.breaker }];
    },
    breakers: async () => [seen.breaker],
    async changeBreaker(from, { figures: _, ...change }, _actor, now) {
      if (options.lost === true) return false;
      done.changes.push({ ...change, figures: FIGURES });
      seen.breaker = { ...from, ...change, since: now, version: from.version + 1 };
      return true;
    },
    breaks: async () => [],
  };
  const carrier = {
    name: 'alpha',
    capabilities: CAPABILITIES,
    health: async () => ({ ok: true, detail: '' }),
    ...options.carrier,
  };
  const note = (fields: Record<string, unknown>) => void done.logged.push(fields);
  const watch = createHealth({
    records,
    carriers: [carrier],
    queue: { ring: async (bell) => void done.rings.push(bell) },
    clock: { now: () => time.now, monotonic: () => time.monotonic },
    log: { debug: note, info: note, warn: note, error: note },
    metrics: { count: (name) => void done.counts.push(name), observe: () => {}, gauge: () => {} },
    settings: BREAKER_SETTINGS,
  });
  return { watch, seen, done, gate, time };
}

const REFUSED: Partial<CarrierEvidence> = {
  faults: 5,
  inRow: 5,
  lastFault: { cause: 'carrier_refused', detail: 'HTTP 401' },
};

describe('the watch over carriers', () => {
  test('looks when a carrier fails a call, and not when a call goes through', async () => {
    const { watch, done } = bench();
    for (const cause of ['ok', 'busy', 'canceled', 'gateway_stopped'] as const) await watch.ended('alpha', cause);
    assert.equal(done.looks, 0);
    await watch.ended('alpha', 'carrier_unavailable');
    assert.equal(done.looks, 1);
  });

  test('tells of a breaker that opens: an alert, a count, and a ring for whoever waits in line', async () => {
    const { watch, seen, done } = bench();
    seen.evidence = REFUSED;
    await watch.ended('alpha', 'carrier_refused');
    assert.deepEqual(
      done.changes.map(({ phase, rest }) => [phase, rest]),
      [['open', BREAKER_SETTINGS.rest]],
    );
    const [alert] = done.logged.filter((fields) => fields.alert === 'carrier_open');
    assert.match(String(alert?.reason), /carrier_refused, HTTP 401$/);
    assert.deepEqual([done.counts, done.rings], [['carrier_breaks_total'], ['dial']]);
  });

  test('keeps silent about a change that another process made first', async () => {
    const { watch, seen, done } = bench({ lost: true });
    seen.evidence = REFUSED;
    await watch.look();
    assert.deepEqual([done.logged, done.counts, done.rings], [[], [], []]);
  });

  test('looks at the end of a call over a carrier that is not closed, and closes it', async () => {
    const { watch, seen, done, time } = bench();
    seen.evidence = REFUSED;
    await watch.look();
    time.now += BREAKER_SETTINGS.rest;
    seen.evidence = { good: 1 };
    await watch.ended('alpha', 'busy');
    assert.equal(seen.breaker.phase, 'closed');
    assert.equal(done.rings.length, 2);
  });

  test('takes looks that are asked for during a look as one more', async () => {
    const { watch, done, gate } = bench();
    const { promise, resolve } = Promise.withResolvers<void>();
    gate.open = promise;
    const all = Array.from({ length: 20 }, () => watch.ended('alpha', 'carrier_unavailable'));
    resolve();
    await Promise.all(all);
    assert.equal(done.looks, 2);
    await watch.look();
    assert.equal(done.looks, 3);
  });

  test('does not throw while the records do not answer, and looks again afterwards', async () => {
    const { watch, seen, done, gate } = bench();
    gate.broken = true;
    await watch.look();
    await watch.ended('alpha', 'carrier_unavailable');
    assert.equal(done.logged.length, 2);
    gate.broken = false;
    seen.evidence = REFUSED;
    await watch.look();
    assert.equal(seen.breaker.phase, 'open');
  });

  test('shows no answer times of a carrier that takes whole files', async () => {
    const times = async (mediaDelivery: CarrierCapabilities['mediaDelivery']) => {
      const { watch } = bench({ carrier: { capabilities: { ...CAPABILITIES, mediaDelivery } } });
      const [one] = await watch.list();
      return [one?.figures.answerMedian, one?.figures.answerP95, one?.figures.answered];
    };
    assert.deepEqual(await times('stream'), [3_000, 9_000, 4]);
    assert.deepEqual(await times('push'), [null, null, 4]);
  });
});

describe('what a carrier says of itself', () => {
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
  /** Looks every ten seconds for `seconds`. */
  async function lookFor({ watch, time }: ReturnType<typeof bench>, seconds: number): Promise<void> {
    for (let passed = 0; passed < seconds; passed += 10) {
      await watch.look();
      await settled();
      time.monotonic += 10_000;
      time.now += 10_000;
    }
  }

  test('opens its breaker when it has not worked for two minutes, and not before', async () => {
    const world = bench({ carrier: { health: async () => ({ ok: false, detail: 'not registered' }) } });
    await lookFor(world, 120);
    assert.equal(world.seen.breaker.phase, 'closed');
    await lookFor(world, 20);
    assert.match(world.seen.breaker.reason, /^it has said for 12\d s that it does not work: not registered$/);
  });

  test('is forgotten when it works again in between', async () => {
    let ok = false;
    const world = bench({ carrier: { health: async () => ({ ok, detail: '' }) } });
    await lookFor(world, 110);
    ok = true;
    await lookFor(world, 30);
    ok = false;
    await lookFor(world, 110);
    assert.equal(world.seen.breaker.phase, 'closed');
  });

  test('is asked for every half a minute, and never twice at once', async () => {
    let asked = 0;
    const health = () => {
      asked += 1;
      return Promise.resolve({ ok: true, detail: '' });
    };
    await lookFor(bench({ carrier: { health } }), 120);
    assert.equal(asked, 4);
    asked = 0;
    const silent = () => {
      asked += 1;
      return new Promise<never>(() => {});
    };
    await lookFor(bench({ carrier: { health: silent } }), 120);
    assert.equal(asked, 1);
  });
});
