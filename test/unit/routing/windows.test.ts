import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DAYS, inWindow, minutesOf, timeText, type Window } from '../../../gateway/routing/windows.ts';

const window = (from: string, to: string, days: Window['days'] = DAYS, zone = 'Europe/Berlin'): Window => ({
  days,
  from: minutesOf(from),
  to: minutesOf(to),
  zone,
});
const at = (iso: string) => Date.parse(iso);

describe('a window', () => {
  test('begins with its first minute and ends before its last', () => {
    const office = window('08:00', '18:00');
    for (const [moment, inside] of [
      ['2026-11-25T06:59:59Z', false],
      ['2026-11-25T07:00:00Z', true],
      ['2026-11-25T16:59:59Z', true],
      ['2026-11-25T17:00:00Z', false],
    ] as const) {
      assert.equal(inWindow(office, at(moment)), inside, moment);
    }
  });

  test('over midnight belongs to the day on which it begins', () => {
    const friday = window('22:00', '06:00', ['fri']);
    for (const [moment, inside] of [
      ['2026-11-26T23:00:00Z', false],
      ['2026-11-27T20:59:00Z', false],
      ['2026-11-27T21:00:00Z', true],
      ['2026-11-28T04:59:00Z', true],
      ['2026-11-28T05:00:00Z', false],
      ['2026-11-28T22:00:00Z', false],
    ] as const) {
      assert.equal(inWindow(friday, at(moment)), inside, moment);
    }
  });

  test('over midnight of a Saturday reaches into the first day of the week', () => {
    assert.ok(inWindow(window('23:00', '01:00', ['sat'], 'UTC'), at('2026-11-29T00:30:00Z')));
  });

  test('goes by the clock on the wall, in summer and in winter', () => {
    const eight = window('08:00', '08:01');
    assert.ok(inWindow(eight, at('2026-07-01T06:00:00Z')));
    assert.ok(inWindow(eight, at('2026-12-01T07:00:00Z')));
  });

  test('of a whole day ends at midnight', () => {
    const sunday = window('00:00', '24:00', ['sun'], 'America/New_York');
    assert.ok(inWindow(sunday, at('2026-11-30T04:59:59Z')));
    assert.ok(!inWindow(sunday, at('2026-11-30T05:00:00Z')));
  });
});

test('times are read and written alike', () => {
  for (const time of ['00:00', '08:05', '23:59', '24:00']) assert.equal(timeText(minutesOf(time)), time);
});
