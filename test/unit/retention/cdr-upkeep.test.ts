import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CdrRecords, CdrsRetired } from '../../../gateway/ports/cdr-records.ts';
import type { Exclusion } from '../../../gateway/ports/exclusion.ts';
import { createCdrUpkeep } from '../../../gateway/retention/index.ts';
import { HandClock, Notes } from '../vault/setting.ts';

const MINUTE = 60_000;
const free: Pick<Exclusion, 'tryExclusively'> = {
  tryExclusively: async (_name, work) => ({ ran: true, value: await work() }),
};
const settle = () => new Promise(setImmediate);

/** A store with `due` steps of work, which writes down what it is asked for. */
function makeUpkeep(due: CdrsRetired[], options: { exclusion?: typeof free; strays?: number; days?: number } = {}) {
  const clock = new HandClock();
  const notes = new Notes();
  const asked: string[] = [];
  let days = options.days ?? 0;
  const cdrs: Pick<CdrRecords, 'prepareMonths' | 'rollUp' | 'retire'> = {
    rollUp: async (limit) => {
      const rolled = Math.min(days, limit);
      days -= rolled;
      if (rolled > 0) asked.push(`roll ${rolled}`);
      return rolled;
    },
    prepareMonths: async () => {
      asked.push('months');
      return { made: 0, strays: options.strays ?? 0 };
    },
    retire: async (_now, days) => {
      asked.push(`retire ${days}`);
      return due.shift() ?? { cdrs: 0, months: 0, more: false };
    },
  };
  const parts = { cdrs, clock, log: notes.log, metrics: notes.metrics, retentionDays: 90 };
  return { clock, notes, asked, upkeep: createCdrUpkeep({ ...parts, exclusion: options.exclusion ?? free }) };
}

describe('the upkeep of CDRs', () => {
  test('makes months ready, then takes away step by step until nothing is past its time', async () => {
    const it = makeUpkeep([
      { cdrs: 0, months: 1, more: true },
      { cdrs: 2_000, months: 0, more: true },
      { cdrs: 7, months: 0, more: false },
    ]);
    assert.equal(await it.upkeep.runOnce(), true);
    assert.deepEqual(it.asked, ['months', 'retire 90', 'retire 90', 'retire 90']);
    assert.equal(it.notes.counts.get('cdrs_retired_total'), 2_007);
    assert.equal(it.notes.counts.get('cdr_months_dropped_total'), 1);
  });
  test('adds up days that are over, some at a time, before it takes anything away', async () => {
    const it = makeUpkeep([], { days: 45 });
    await it.upkeep.runOnce();
    assert.deepEqual(it.asked, ['months', 'roll 20', 'roll 20', 'roll 5', 'retire 90']);
  });
  test('does not take more in one look than it can end between two', async () => {
    const it = makeUpkeep(Array.from({ length: 500 }, () => ({ cdrs: 2_000, months: 0, more: true })));
    await it.upkeep.runOnce();
    assert.equal(it.asked.length, 201);
  });
  test('looks at once and every ten minutes, and not after its stop', async () => {
    const it = makeUpkeep([]);
    it.upkeep.start();
    await settle();
    assert.equal(it.asked.length, 2);
    it.clock.forward(10 * MINUTE);
    await settle();
    assert.equal(it.asked.length, 4);
    await it.upkeep.stop();
    it.clock.forward(60 * MINUTE);
    await settle();
    assert.equal(it.asked.length, 4);
  });
  test('leaves the work to another process that is at it', async () => {
    const it = makeUpkeep([], { exclusion: { tryExclusively: async () => ({ ran: false }) } });
    assert.equal(await it.upkeep.runOnce(), false);
    assert.deepEqual(it.asked, []);
  });
  test('a failure is counted, told without its values, and tried again', async () => {
    let failures = 1;
    const exclusion: typeof free = {
      tryExclusively: async (name, work) => {
        if (failures-- > 0) throw new Error('lock timeout of +49301234567');
        return free.tryExclusively(name, work);
      },
    };
    const it = makeUpkeep([], { exclusion });
    it.upkeep.start();
    await settle();
    assert.equal(it.notes.counts.get('cdr_upkeep_failed'), 1);
    assert.ok(!JSON.stringify(it.notes.lines).includes('4930'));
    it.clock.forward(10 * MINUTE);
    await settle();
    assert.deepEqual(it.asked, ['months', 'retire 90']);
    await it.upkeep.stop();
  });
});
