import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { databaseClock } from '../../../ops/database-clock.ts';
import { silentLog } from '../../postgres.ts';

const NOON = Date.UTC(2026, 0, 15, 12);

/** A host whose clock and monotonic clock stand until they are moved, and a database with a clock of its own. */
function world() {
  const host = { wall: NOON, run: 1_000, database: NOON, delay: 0, away: false };
  const timers: { readonly ms: number; readonly run: () => void }[] = [];
  const warnings: unknown[] = [];
  const pass = (ms: number) => {
    host.wall += ms;
    host.run += ms;
    host.database += ms;
  };
  return {
    host,
    pass,
    warnings,
    log: { ...silentLog, warn: (facts: object) => void warnings.push(facts) },
    clock: {
      now: () => host.wall,
      monotonic: () => host.run,
      after: (ms: number, run: () => void) => {
        const timer = { ms, run };
        timers.push(timer);
        return () => void timers.splice(timers.indexOf(timer), 1);
      },
    },
    ask: async () => {
      if (host.away) throw new Error('away');
      pass(host.delay / 2);
      const time = host.database;
      pass(host.delay / 2);
      return time;
    },
    /** Runs the next timer and whatever follows from it. */
    async tick() {
      const timer = timers.shift();
      pass(timer?.ms ?? 0);
      timer?.run();
      await new Promise(setImmediate);
    },
    get timers() {
      return timers.length;
    },
  };
}

describe('the time of the database', () => {
  test('is what processes go by, whatever their hosts’ clocks say', async () => {
    const here = world();
    here.host.wall += 3_600_000;
    here.host.delay = 40;
    const clock = await databaseClock(here.ask, here.clock, here.log);
    assert.equal(clock.now(), here.host.database);
    here.pass(10_000);
    here.host.wall -= 7_200_000;
    assert.equal(clock.now(), here.host.database);
    assert.deepEqual(here.warnings, [{ ms: -3_600_000 }]);
  });

  test('is asked for again and again, and a step is told', async () => {
    const here = world();
    const clock = await databaseClock(here.ask, here.clock, here.log);
    here.host.database += 3_600_000;
    assert.equal(clock.now(), NOON);
    await here.tick();
    assert.equal(clock.now(), here.host.database);
    assert.deepEqual(here.warnings, [{ ms: 3_600_000 }]);
  });

  test('goes on while the database is away, and does not believe an answer that took long', async () => {
    const here = world();
    const clock = await databaseClock(here.ask, here.clock, here.log);
    here.host.away = true;
    await here.tick();
    assert.equal(clock.now(), here.host.database);
    here.host.away = false;
    here.host.delay = 3_000;
    here.host.database += 500;
    await here.tick();
    assert.equal(clock.now(), here.host.database - 500);
    here.host.delay = 10;
    await here.tick();
    assert.equal(clock.now(), here.host.database);
  });

  test('no timer is left behind', async () => {
    const here = world();
    const clock = await databaseClock(here.ask, here.clock, here.log);
    assert.equal(here.timers, 1);
    clock.close();
    assert.equal(here.timers, 0);
  });

  test('a database that cannot be asked at the start stops the start', async () => {
    const here = world();
    here.host.away = true;
    await assert.rejects(databaseClock(here.ask, here.clock, here.log), /away/);
  });
});
