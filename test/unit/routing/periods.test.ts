import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { periodOf } from '../../../gateway/routing/periods.ts';

const HOUR = 3_600_000;
const iso = (at: number) => new Date(at).toISOString().slice(0, 16);
const bounds = (span: 'day' | 'month', at: string, zone: string) => {
  const { since, until } = periodOf(span, Date.parse(at), zone);
  return [iso(since), iso(until)];
};

describe('the day and the month of a moment', () => {
  for (const [span, at, zone, since, until] of [
    ['day', '2026-11-22T06:30:00Z', 'UTC', '2026-11-22T00:00', '2026-11-23T00:00'],
    ['month', '2026-12-31T23:59:59.999Z', 'UTC', '2026-12-01T00:00', '2027-01-01T00:00'],
    // Half an hour before midnight UTC it is the next day, and the next year, in Berlin.
    ['day', '2026-12-31T23:30:00Z', 'Europe/Berlin', '2026-12-31T23:00', '2027-01-01T23:00'],
    ['month', '2026-12-31T23:30:00Z', 'Europe/Berlin', '2026-12-31T23:00', '2027-01-31T23:00'],
    ['day', '2026-06-15T12:00:00Z', 'Asia/Kathmandu', '2026-06-14T18:15', '2026-06-15T18:15'],
    ['day', '2026-06-15T02:00:00Z', 'America/Los_Angeles', '2026-06-14T07:00', '2026-06-15T07:00'],
    ['month', '2026-06-01T02:00:00Z', 'Pacific/Kiritimati', '2026-05-31T10:00', '2026-06-30T10:00'],
    // The days on which summer time begins and ends have 23 and 25 hours.
    ['day', '2026-03-29T12:00:00Z', 'Europe/Berlin', '2026-03-28T23:00', '2026-03-29T22:00'],
    ['day', '2026-10-25T12:00:00Z', 'Europe/Berlin', '2026-10-24T22:00', '2026-10-25T23:00'],
    ['month', '2026-03-15T12:00:00Z', 'Europe/Berlin', '2026-02-28T23:00', '2026-03-31T22:00'],
    // Half an hour of summer time, and summer time that begins at midnight, which does not happen then.
    ['day', '2026-10-04T12:00:00Z', 'Australia/Lord_Howe', '2026-10-03T13:30', '2026-10-04T13:00'],
    ['day', '2024-03-31T12:00:00Z', 'Asia/Beirut', '2024-03-30T22:00', '2024-03-31T21:00'],
    // It ends at midnight: the clock goes back to 23:00, and the day before has 25 hours.
    ['day', '2024-04-06T12:00:00Z', 'America/Santiago', '2024-04-06T03:00', '2024-04-07T04:00'],
  ] as const) {
    test(`the ${span} of ${at} in ${zone} is from ${since}Z to ${until}Z`, () => {
      assert.deepEqual(bounds(span, at, zone), [since, until]);
    });
  }

  test('follow each other without a gap, and each moment lies in its own', () => {
    for (const zone of ['UTC', 'Europe/Berlin', 'America/Santiago', 'Asia/Kathmandu', 'Australia/Lord_Howe']) {
      let { since, until } = periodOf('day', Date.UTC(2024, 0, 1, 12), zone);
      for (let day = 0; day < 400; day++) {
        const next = periodOf('day', until, zone);
        assert.equal(next.since, until, `${zone} ${iso(until)}`);
        assert.deepEqual(periodOf('day', until - 1, zone), { since, until });
        assert.ok(until - since >= 23 * HOUR && until - since <= 25 * HOUR);
        ({ since, until } = next);
      }
    }
  });
});
