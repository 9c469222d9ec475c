import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nextReportAt, type ReportSchedule } from '../../../gateway/fax/report-schedule.ts';

const DAILY: ReportSchedule = { every: 'daily', hour: 7, weekday: 1, day: 1, timeZone: 'Europe/Berlin' };
const next = (schedule: ReportSchedule, after: string) =>
  new Date(nextReportAt(schedule, Date.parse(after))).toISOString();

describe('the moments of a schedule', () => {
  const rows: [title: string, schedule: ReportSchedule, after: string, expected: string][] = [
    ['today when the hour is to come', DAILY, '2026-11-22T05:59:59.999Z', '2026-11-22T06:00:00.000Z'],
    ['tomorrow at the very hour', DAILY, '2026-11-22T06:00:00.000Z', '2026-11-23T06:00:00.000Z'],
    ['by the day of the time zone', { ...DAILY, hour: 0 }, '2026-11-22T23:30:00Z', '2026-11-23T23:00:00.000Z'],
    ['summer time from its first morning on', DAILY, '2026-03-28T12:00:00Z', '2026-03-29T05:00:00.000Z'],
    ['winter time likewise', DAILY, '2026-10-24T12:00:00Z', '2026-10-25T06:00:00.000Z'],
    // 02:00 does not exist on that day: an hour after 01:00 the clock shows 03:00.
    ['an hour that is left out', { ...DAILY, hour: 2 }, '2026-03-28T12:00:00Z', '2026-03-29T01:00:00.000Z'],
    ['a week on Monday', { ...DAILY, every: 'weekly' }, '2026-11-22T12:00:00Z', '2026-11-23T06:00:00.000Z'],
    ['a week on Sunday', { ...DAILY, every: 'weekly', weekday: 7 }, '2026-11-22T12:00:00Z', '2026-11-29T06:00:00.000Z'],
    ['a month', { ...DAILY, every: 'monthly', day: 28 }, '2026-01-28T06:00:00Z', '2026-02-28T06:00:00.000Z'],
    ['over the turn of a year', { ...DAILY, every: 'monthly' }, '2026-12-01T06:00:00Z', '2027-01-01T06:00:00.000Z'],
    [
      'ahead of UTC',
      { ...DAILY, hour: 9, timeZone: 'Pacific/Auckland' },
      '2026-11-21T19:00:00Z',
      '2026-11-21T20:00:00.000Z',
    ],
    [
      'behind UTC',
      { ...DAILY, hour: 9, timeZone: 'Pacific/Honolulu' },
      '2026-11-22T18:00:00Z',
      '2026-11-22T19:00:00.000Z',
    ],
    ['a half hour off', { ...DAILY, timeZone: 'Asia/Kolkata' }, '2026-11-22T00:00:00Z', '2026-11-22T01:30:00.000Z'],
  ];
  for (const [title, schedule, after, expected] of rows)
    test(title, () => assert.equal(next(schedule, after), expected));

  test('two o’clock of each day of a year comes once, and in order', () => {
    for (const timeZone of ['Europe/Berlin', 'Australia/Lord_Howe']) {
      for (const hour of [2]) {
        const schedule = { ...DAILY, hour, timeZone };
        let at = Date.parse('2026-01-01T12:00:00Z');
        const days = new Set<string>();
        for (let day = 0; day < 365; day++) {
          const following = nextReportAt(schedule, at);
          assert.ok(
            following > at && following - at <= 26 * 3_600_000,
            `${timeZone} ${hour} ${new Date(at).toISOString()}`,
          );
          at = following;
          days.add(new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(at));
        }
        assert.equal(days.size, 365, `${timeZone} ${hour}`);
      }
    }
  });
});
