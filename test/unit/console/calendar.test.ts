import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dayAfter, daysBefore, isDay, mondayOf, spansBetween } from '../../../api/console/calendar.ts';

describe('the calendar of the console', () => {
  test('goes over months, leap days and changes of summer time without losing a day', () => {
    assert.equal(dayAfter('2026-12-31'), '2027-01-01');
    assert.equal(dayAfter('2028-02-28'), '2028-02-29');
    assert.equal(daysBefore('2028-03-01', 1), '2028-02-29');
    const year = spansBetween('2026-01-01', '2026-12-31', 'day');
    assert.deepEqual([year.length, new Set(year).size, year[0], year.at(-1)], [365, 365, '2026-01-01', '2026-12-31']);
  });

  test('weeks begin on Monday', () => {
    assert.equal(mondayOf('2026-11-22'), '2026-11-16', 'a Sunday');
    assert.equal(mondayOf('2026-11-23'), '2026-11-23', 'a Monday');
    assert.deepEqual(spansBetween('2026-11-15', '2026-11-23', 'week'), ['2026-11-09', '2026-11-16', '2026-11-23']);
  });

  test('months stand once, in order', () => {
    assert.deepEqual(spansBetween('2025-12-31', '2026-02-01', 'month'), ['2025-12', '2026-01', '2026-02']);
    assert.deepEqual(spansBetween('2026-02-02', '2026-02-01', 'day'), []);
  });

  test('text from an address is a day only when the calendar has it', () => {
    for (const text of ['2026-11-22', '2028-02-29']) assert.ok(isDay(text), text);
    for (const text of ['', 'today', '2026-02-30', '2026-13-01', '1999-01-01', '2026-1-1', '2026-11-22T00:00:00Z'])
      assert.equal(isDay(text), false, text);
  });
});
