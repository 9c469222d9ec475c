import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Exclusion } from '../../../gateway/ports/exclusion.ts';
import type { RetiredRows, RowRetentionDays } from '../../../gateway/ports/row-retention.ts';
import { createRowUpkeep } from '../../../gateway/retention/index.ts';
import { HandClock, Notes } from '../vault/setting.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const free: Pick<Exclusion, 'tryExclusively'> = {
  tryExclusively: async (_name, work) => ({ ran: true, value: await work() }),
};
const settle = () => new Promise(setImmediate);

/** Records with so many rows past their time, which write down what they are asked for. */
function makeUpkeep(days: Partial<RowRetentionDays>, due: Partial<Record<RetiredRows, number>> = {}, exclusion = free) {
  const clock = new HandClock();
  const notes = new Notes();
  const asked: { readonly rows: RetiredRows; readonly age: number }[] = [];
  const left = { faxes: 0, events: 0, receipts: 0, ...due };
  const retire = async (rows: RetiredRows, before: number, limit: number) => {
    asked.push({ rows, age: (clock.now() - before) / DAY });
    const gone = Math.min(left[rows], limit);
    left[rows] -= gone;
    return gone;
  };
  const upkeep = createRowUpkeep({
    rows: { retire },
    ...{ exclusion, clock, log: notes.log, metrics: notes.metrics },
    days: { faxes: 0, events: 0, receipts: 0, ...days },
  });
  return { clock, notes, asked, left, upkeep };
}

describe('the upkeep of faxes, events and receipts', () => {
  test('takes each kind by its own days, step by step until nothing is past its time', async () => {
    const it = makeUpkeep({ faxes: 400, events: 90 }, { faxes: 1_200, events: 3, receipts: 5 });
    assert.equal(await it.upkeep.runOnce(), true);
    assert.deepEqual(it.left, { faxes: 0, events: 0, receipts: 5 });
    assert.deepEqual(
      it.asked.map(({ rows, age }) => `${rows} ${age}`),
      [...Array.from({ length: 4 }, () => 'faxes 400'), 'events 90', 'events 90'],
    );
    assert.equal(it.notes.counts.get('rows_retired_total faxes'), 1_200);
  });

  test('never looks when everything is kept for good', async () => {
    const it = makeUpkeep({}, { faxes: 9, events: 9, receipts: 9 });
    it.upkeep.start();
    await settle();
    it.clock.forward(60 * MINUTE);
    await settle();
    assert.deepEqual(it.asked, []);
    await it.upkeep.stop();
  });

  test('looks at once and every ten minutes, and not after its stop', async () => {
    const it = makeUpkeep({ receipts: 30 });
    it.upkeep.start();
    await settle();
    it.clock.forward(10 * MINUTE);
    await settle();
    assert.equal(it.asked.length, 2);
    await it.upkeep.stop();
    it.clock.forward(60 * MINUTE);
    await settle();
    assert.equal(it.asked.length, 2);
  });

  test('leaves the work to another process that is at it', async () => {
    const it = makeUpkeep({ faxes: 7 }, { faxes: 1 }, { tryExclusively: async () => ({ ran: false }) });
    assert.equal(await it.upkeep.runOnce(), false);
    assert.deepEqual(it.asked, []);
  });

  test('a failure is counted, told without its values, and keeps the next look from nothing', async () => {
    let failures = 1;
    const it = makeUpkeep(
      { faxes: 7 },
      { faxes: 1 },
      {
        tryExclusively: async (name, work) => {
          if (failures-- > 0) throw new Error('a lock of +49301234567');
          return free.tryExclusively(name, work);
        },
      },
    );
    it.upkeep.start();
    await settle();
    assert.equal(it.notes.counts.get('row_upkeep_failed'), 1);
    assert.ok(!JSON.stringify(it.notes.lines).includes('4930'));
    it.clock.forward(10 * MINUTE);
    await settle();
    assert.equal(it.left.faxes, 0);
    await it.upkeep.stop();
  });
});
