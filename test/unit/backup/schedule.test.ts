import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BackupError } from '../../../ops/backup/errors.ts';
import { createBackupSchedule } from '../../../ops/backup/schedule.ts';
import { rememberingLog } from '../../e2e/api/rig.ts';
import { VirtualClock } from '../../scenarios/calls/virtual-clock.ts';

const MINUTE = 60_000;

/** Processes that share settings and turns; each backup takes no time and may be told to fail. */
function shared() {
  const settings = new Map<string, string>();
  const made: number[] = [];
  let busy = false;
  return {
    made,
    fail: undefined as Error | undefined,
    occupy: (value: boolean) => {
      busy = value;
    },
    process(clock: VirtualClock) {
      const log = rememberingLog();
      const gauges = new Map<string, number>();
      const counts: string[] = [];
      const schedule = createBackupSchedule({
        settings: {
          setting: async (name) => settings.get(name),
          putSetting: async (name, value) => void settings.set(name, value),
        },
        exclusion: {
          async tryExclusively(_, work) {
            return busy ? { ran: false } : { ran: true, value: await work() };
          },
        },
        write: async () => {
          if (this.fail !== undefined) throw this.fail;
          made.push(clock.now());
          return { name: 'b', id: 'bak_1', takenAt: clock.now(), bytes: 10, rows: 1, seconds: 0.5, removed: 0 };
        },
        every: 15 * MINUTE,
        clock,
        log,
        metrics: {
          count: (name, labels = {}) => void counts.push(`${name} ${labels.result}`),
          observe: () => undefined,
          gauge: (name, value) => void gauges.set(name, value),
        },
      });
      return { schedule, log, gauges, counts };
    },
  };
}

describe('the schedule of backups', () => {
  test('makes one at the start and one an interval, whichever process it is', async () => {
    const clock = new VirtualClock();
    const all = shared();
    const [one, two] = [all.process(clock), all.process(clock)];
    const start = clock.now();
    for (let minute = 0; minute <= 45; minute++) {
      await one.schedule.look();
      await two.schedule.look();
      await clock.pass(MINUTE);
    }
    assert.deepEqual(
      all.made.map((at) => (at - start) / MINUTE),
      [0, 15, 30, 45],
    );
    assert.deepEqual(two.schedule.check(), { backup: { ok: true, detail: 'the last good one is 1 minutes old' } });
  });

  test('a process that finds another at work makes none', async () => {
    const clock = new VirtualClock();
    const all = shared();
    const { schedule } = all.process(clock);
    all.occupy(true);
    await schedule.look();
    assert.deepEqual(all.made, []);
  });

  test('a failure is told and tried again with the next look; overdue backups are told once an interval', async () => {
    const clock = new VirtualClock();
    const all = shared();
    const { schedule, log, gauges, counts } = all.process(clock);
    all.fail = new BackupError('target_failed', 'the disk is full');
    for (let minute = 0; minute < 60; minute++) {
      await schedule.look();
      await clock.pass(MINUTE);
    }
    assert.equal(counts.filter((line) => line === 'backups_total failed').length, 60);
    assert.ok(log.lines.some((line) => line.includes('the disk is full')));
    assert.equal(log.lines.filter((line) => line.includes('backup_overdue')).length, 1);
    assert.ok((gauges.get('backup_age_seconds') ?? 0) > 45 * 60);
    assert.match(schedule.check().backup?.detail ?? '', /^overdue: none since the start/);
    all.fail = undefined;
    await schedule.look();
    assert.equal(all.made.length, 1);
    assert.equal(gauges.get('backup_age_seconds'), 0);
    assert.equal(gauges.get('backup_bytes'), 10);
  });

  test('runs by itself from its start to its stop', async () => {
    const clock = new VirtualClock();
    const all = shared();
    const { schedule } = all.process(clock);
    schedule.start();
    await clock.pass(16 * MINUTE);
    await schedule.stop();
    await clock.pass(60 * MINUTE);
    assert.equal(all.made.length, 2);
  });
});
