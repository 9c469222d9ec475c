import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { piecesOf, slotsOf } from '../../../gateway/records/cdr-slots.ts';

const HOUR = 3_600_000;
const at = (text: string) => Date.parse(`${text}Z`);
const written = (since: string, until: string) =>
  piecesOf(at(since), at(until)).map((piece) => {
    const [from, to] = [piece.since, piece.until].map((edge) => new Date(edge).toISOString().slice(0, 16));
    return `${piece.sign > 0 ? '+' : '-'}${piece.unit} ${from} ${to}`;
  });

describe('the pieces of a report', () => {
  test('a month of UTC is that month', () => {
    assert.deepEqual(written('2026-02-01T00:00', '2026-03-01T00:00'), ['+month 2026-02-01T00:00 2026-03-01T00:00']);
  });
  test('a month of another time zone is moved at both ends', () => {
    assert.deepEqual(written('2026-01-31T23:00', '2026-02-28T23:00'), [
      '+quarter 2026-01-31T23:00 2026-02-01T00:00',
      '+month 2026-02-01T00:00 2026-03-01T00:00',
      '-quarter 2026-02-28T23:00 2026-03-01T00:00',
    ]);
    assert.deepEqual(written('2026-02-01T08:00', '2026-03-01T08:00'), [
      '-quarter 2026-02-01T00:00 2026-02-01T08:00',
      '+month 2026-02-01T00:00 2026-03-01T00:00',
      '+quarter 2026-03-01T00:00 2026-03-01T08:00',
    ]);
  });
  test('what is left of months is days', () => {
    assert.deepEqual(written('2026-01-15T00:00', '2026-03-11T00:00'), [
      '+day 2026-01-15T00:00 2026-02-01T00:00',
      '+month 2026-02-01T00:00 2026-03-01T00:00',
      '+day 2026-03-01T00:00 2026-03-11T00:00',
    ]);
    assert.deepEqual(written('2026-01-15T00:00', '2026-01-16T00:00'), ['+day 2026-01-15T00:00 2026-01-16T00:00']);
  });
  test('a day of 23 hours around noon has no day of UTC in it', () => {
    assert.deepEqual(written('2026-04-04T12:00', '2026-04-05T11:00'), [
      '+quarter 2026-04-04T12:00 2026-04-05T00:00',
      '+quarter 2026-04-05T00:00 2026-04-05T11:00',
    ]);
  });
  test('cover every quarter of the time once, and no other', () => {
    for (let hour = 0; hour < 24; hour++) {
      const [since, until] = [at('2026-01-20T00:00') + hour * HOUR, at('2026-03-02T00:00') + (23 - hour) * HOUR];
      const covered = new Map<number, number>();
      for (const piece of piecesOf(since, until)) {
        for (let quarter = piece.since; quarter < piece.until; quarter += HOUR / 4) {
          covered.set(quarter, (covered.get(quarter) ?? 0) + piece.sign);
        }
      }
      for (const [quarter, times] of covered) assert.equal(times, quarter >= since && quarter < until ? 1 : 0);
      assert.equal(
        [...covered.values()].reduce((sum, times) => sum + times),
        (until - since) / (HOUR / 4),
      );
    }
  });
});

test('a moment lies in one slot of each unit', () => {
  assert.deepEqual(slotsOf(at('2026-11-21T23:44:59')), [
    { unit: 'quarter', since: at('2026-11-21T23:30') },
    { unit: 'day', since: at('2026-11-21T00:00') },
    { unit: 'month', since: at('2026-11-01T00:00') },
  ]);
});
