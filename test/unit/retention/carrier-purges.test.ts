import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { randomId } from '../../../crypto/index.ts';
import { newId } from '../../../gateway/fax/ids.ts';
import type { CarrierPurgeReceipt } from '../../../gateway/fax/receipt.ts';
import type { PurgeReport } from '../../../gateway/ports/carrier-adapter.ts';
import type { CarrierPurge, PurgeOrder, PurgeRecords } from '../../../gateway/ports/purge-records.ts';
import { createCarrierPurges, nextPurgeAt } from '../../../gateway/retention/index.ts';
import { ACCOUNT, HandClock, Notes, newFax } from '../vault/setting.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const PURGED: PurgeReport = { outcome: 'purged', detail: 'deleted' };
const KEPT: PurgeReport = { outcome: 'kept', detail: 'HTTP 500' };

/** Orders as the records keep them, without a database. */
class Orders {
  readonly rows: (PurgeOrder & CarrierPurge)[] = [];
  readonly attested: string[] = [];
  broken = false;

  add(carrier: string, now: number, change: Partial<PurgeOrder> = {}): PurgeOrder {
    const call = newId('call', randomId);
    const row = {
      ...{ call, fax: newFax(), account: ACCOUNT, carrier, reference: `ref-${call}`, carrierId: null, tries: 0 },
      ...{ giveUpAt: now + 7 * DAY, outcome: 'pending' as const, detail: null, since: now, answeredAt: null },
      ...{ nextAt: now, ...change },
    };
    this.rows.push(row);
    return row;
  }

  readonly port: PurgeRecords = {
    claimPurges: async (carriers, lease, limit, now) => {
      if (this.broken) throw new Error('away');
      const due = this.rows.filter(({ carrier, nextAt }) => carriers.includes(carrier) && (nextAt ?? now + 1) <= now);
      return due.slice(0, limit).map((row) => this.#change(row, { tries: row.tries + 1, nextAt: now + lease }));
    },
    purgeAnswered: async ({ call, tries }, { outcome, detail }, nextAt, now) => {
      const row = this.rows.find((one) => one.call === call && one.tries === tries);
      if (row === undefined) return false;
      this.#change(row, { outcome, detail, nextAt, answeredAt: now });
      return true;
    },
    postponePurge: async ({ call, tries }, at) => {
      const row = this.rows.find((one) => one.call === call && one.tries === tries);
      if (row !== undefined) this.#change(row, { tries: tries - 1, nextAt: at });
      return row !== undefined;
    },
    abandonPurges: async (now) =>
      this.rows
        .filter(({ nextAt, giveUpAt }) => nextAt !== null && giveUpAt < now)
        .map((row) => this.#change(row, { outcome: 'kept', nextAt: null, answeredAt: now })),
    unattestedPurges: async () =>
      this.rows.filter(({ call, nextAt }) => nextAt === null && !this.attested.some((text) => text.includes(call))),
    attestPurge: async (_purge, jws) => this.attested.push(jws) > 0,
    purgesOf: async () => [],
    purge: async (call) => this.rows.find((one) => one.call === call),
    purges: async () => ({ items: this.rows, next: null }),
    outstandingPurges: async () => [
      {
        carrier: 'telnyx',
        pending: this.rows.filter(({ nextAt }) => nextAt !== null).length,
        givenUp: this.rows.filter(({ outcome, nextAt }) => outcome === 'kept' && nextAt === null).length,
      },
    ],
    retryPurge: async () => 'unknown',
  };

  #change(row: PurgeOrder & CarrierPurge, change: Partial<PurgeOrder & CarrierPurge>): PurgeOrder & CarrierPurge {
    const changed = { ...row, ...change };
    this.rows[this.rows.indexOf(row)] = changed;
    return changed;
  }
}

/** A purger whose carrier answers what the test says, one after the other; the last answer stays. */
function purger(...answers: readonly (PurgeReport | Error)[]) {
  const clock = new HandClock();
  const notes = new Notes();
  const gauges = new Map<string, number>();
  const orders = new Orders();
  const asked: string[][] = [];
  const state = { held: false, live: false };
  const left = [...answers];
  const carrier = {
    name: 'telnyx',
    lookup: async () => ({ found: state.live ? ('live' as const) : ('unknown' as const) }),
    purge: async (...words: string[]) => {
      asked.push(words);
      const answer = (left.length > 1 ? left.shift() : left[0]) ?? PURGED;
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  const metrics = {
    ...notes.metrics,
    gauge: (name: string, value: number, labels: Readonly<Record<string, string>> = {}) =>
      void gauges.set([name, ...Object.values(labels)].join(' '), value),
  };
  const purges = createCarrierPurges({
    records: orders.port,
    carriers: [carrier, { name: 'sip', lookup: carrier.lookup }],
    vault: { certify: async (receipt: CarrierPurgeReceipt) => JSON.stringify(receipt) },
    held: () => state.held,
    clock,
    log: notes.log,
    metrics,
  });
  return { purges, clock, notes, gauges, orders, asked, state };
}

const alerts = ({ lines }: Notes) => lines.flatMap(({ fields }) => (fields.alert === undefined ? [] : [fields.alert]));
const settled = async (done: () => boolean) => {
  for (let turn = 0; turn < 1_000 && !done(); turn++) await new Promise(setImmediate);
  assert.ok(done(), 'it never happened');
};

describe('nextPurgeAt', () => {
  test('waits a minute, doubles up to six hours, and ends with its time', () => {
    const waits = Array.from({ length: 12 }, (_, index) => nextPurgeAt({ tries: index + 1, giveUpAt: 100 * DAY }, 0));
    const minutes = [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360];
    assert.deepEqual(
      waits,
      minutes.map((value) => value * MINUTE),
    );
    assert.equal(nextPurgeAt({ tries: 1, giveUpAt: MINUTE }, 0), MINUTE);
    assert.equal(nextPurgeAt({ tries: 1, giveUpAt: MINUTE - 1 }, 0), null);
    assert.equal(nextPurgeAt({ tries: 5_000, giveUpAt: DAY }, 0), 6 * HOUR);
  });
});

describe('the erasure at carriers', () => {
  test('asks with our reference, and with the carrier’s id where there is one', async () => {
    const { purges, orders, asked, clock } = purger();
    orders.add('telnyx', clock.now(), { reference: 'a' });
    orders.add('telnyx', clock.now(), { reference: 'b', carrierId: 'their-b' });
    assert.equal(await purges.runOnce(), 2);
    assert.deepEqual(asked.sort(), [['a'], ['b', 'their-b']]);
    assert.equal(await purges.runOnce(), 0);
  });

  test('signs how each ended, and says nothing of alarm when it is gone', async () => {
    const { purges, orders, clock, notes } = purger(PURGED);
    const { call, fax } = orders.add('telnyx', clock.now());
    await purges.runOnce();
    assert.deepEqual(JSON.parse(orders.attested[0] ?? ''), {
      ...{ v: 1, fax, call, carrier: 'telnyx', outcome: 'purged', detail: 'deleted' },
      ...{ at: new Date(clock.now()).toISOString(), tries: 1, method: 'carrier-purge' },
    });
    assert.deepEqual(alerts(notes), []);
  });

  test('tries again what is kept, with an alert, until it is gone', async () => {
    const { purges, orders, clock, notes, gauges, asked } = purger(KEPT, KEPT, KEPT, PURGED);
    orders.add('telnyx', clock.now());
    for (const minutes of [1, 2, 4]) {
      await purges.runOnce();
      assert.equal(gauges.get('carrier_purges_pending telnyx'), 1);
      clock.forward(minutes * MINUTE - 1);
      assert.equal(await purges.runOnce(), 0);
      clock.forward(1);
    }
    await purges.runOnce();
    clock.forward(MINUTE / 2);
    await purges.runOnce();
    assert.deepEqual([asked.length, orders.rows[0]?.outcome, orders.attested.length], [4, 'purged', 1]);
    assert.deepEqual(alerts(notes), Array(3).fill('carrier_purge_failed'));
    assert.deepEqual(
      [gauges.get('carrier_purges_pending telnyx'), gauges.get('carrier_purges_given_up telnyx')],
      [0, 0],
    );
  });

  test('gives up after a week, and reminds of it every hour', async () => {
    const { purges, orders, clock, notes, gauges } = purger(KEPT);
    orders.add('telnyx', clock.now());
    for (let hours = 0; hours < 8 * 24; hours++) {
      await purges.runOnce();
      clock.forward(HOUR);
    }
    const given = alerts(notes).filter((alert) => alert === 'carrier_purge_given_up');
    assert.ok(given.length >= 24, 'every hour of the last day');
    assert.equal(gauges.get('carrier_purges_given_up telnyx'), 1);
    assert.deepEqual([orders.rows[0]?.outcome, orders.rows[0]?.nextAt], ['kept', null]);
    assert.equal(JSON.parse(orders.attested[0] ?? '').outcome, 'kept');
  });

  test('does not ask again where that cannot change anything', async () => {
    const { purges, orders, clock, asked } = purger({ ...KEPT, final: true });
    orders.add('telnyx', clock.now());
    await purges.runOnce();
    clock.forward(2 * DAY);
    await purges.runOnce();
    assert.deepEqual([asked.length, orders.rows[0]?.nextAt], [1, null]);
  });

  test('waits for a fax that the carrier is still sending, without counting, and not for ever', async () => {
    const { purges, orders, clock, asked, state } = purger(PURGED);
    state.live = true;
    orders.add('telnyx', clock.now(), { carrierId: 'still-sending' });
    orders.add('telnyx', clock.now(), { carrierId: 'never-ends' });
    for (let minutes = 0; minutes < 30; minutes++) {
      await purges.runOnce();
      clock.forward(MINUTE);
    }
    assert.deepEqual([asked.length, orders.rows[0]?.tries, orders.rows[0]?.outcome], [0, 0, 'pending']);
    state.live = false;
    await purges.runOnce();
    assert.deepEqual([asked.length, orders.rows[0]?.tries, orders.rows[0]?.outcome], [2, 1, 'purged']);
    state.live = true;
    orders.add('telnyx', clock.now() - 4 * HOUR - 1, { carrierId: 'stuck' });
    await purges.runOnce();
    assert.equal(asked.length, 3);
  });

  test('an adapter that throws has kept its copy', async () => {
    const { purges, orders, clock } = purger(new Error('a fault of ours'), PURGED);
    orders.add('telnyx', clock.now());
    await purges.runOnce();
    assert.equal(orders.rows[0]?.outcome, 'kept');
    clock.forward(MINUTE);
    await purges.runOnce();
    assert.equal(orders.rows[0]?.outcome, 'purged');
  });

  test('leaves orders of other carriers to other processes, and gives them up after their time', async () => {
    const { purges, orders, clock, asked, notes } = purger();
    orders.add('gone-carrier', clock.now());
    orders.add('sip', clock.now());
    assert.equal(await purges.runOnce(), 0);
    clock.forward(7 * DAY + 1);
    await purges.runOnce();
    assert.deepEqual([asked.length, orders.rows.map(({ outcome }) => outcome)], [0, ['kept', 'kept']]);
    assert.ok(alerts(notes).includes('carrier_purge_given_up'));
  });

  test('asks nobody while restored records wait for their confirmation', async () => {
    const { purges, orders, clock, asked, state } = purger();
    orders.add('telnyx', clock.now());
    state.held = true;
    assert.deepEqual([await purges.runOnce(), asked.length], [0, 0]);
    state.held = false;
    assert.equal(await purges.runOnce(), 1);
  });

  test('a call that ends is looked after at once, and what waits longer with the next turn', async () => {
    const { purges, orders, clock, asked } = purger(KEPT, PURGED);
    purges.soon();
    purges.start();
    await settled(() => clock.timers === 1);
    orders.add('telnyx', clock.now());
    purges.soon();
    await settled(() => asked.length === 1 && clock.timers === 1);
    clock.forward(MINUTE - 5_000);
    await settled(() => clock.timers === 1);
    clock.forward(5_000);
    await settled(() => asked.length === 2);
    await purges.stop();
    orders.add('telnyx', clock.now());
    purges.soon();
    assert.deepEqual([asked.length, clock.timers], [2, 0]);
  });

  test('more than one look takes are all carried out', async () => {
    const { purges, orders, clock, asked } = purger();
    for (let count = 0; count < 50; count++) orders.add('telnyx', clock.now());
    purges.start();
    await settled(() => asked.length === 50);
    await purges.stop();
  });

  test('records that are away cost a look', async () => {
    const { purges, orders, clock, asked, notes } = purger();
    orders.add('telnyx', clock.now());
    orders.broken = true;
    assert.equal(await purges.runOnce(), 0);
    assert.equal(notes.counts.get('carrier_purges_failed_total'), 1);
    orders.broken = false;
    await purges.runOnce();
    assert.equal(asked.length, 1);
  });

  test('nothing that a carrier said is in the log', async () => {
    const { purges, orders, clock, notes } = purger({ outcome: 'kept', detail: '+493012345678 is no number' });
    orders.add('telnyx', clock.now());
    await purges.runOnce();
    assert.doesNotMatch(JSON.stringify(notes.lines), /4930|no number/);
  });
});
