import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dayAfter, dayOf, daysOf } from '../../../api/report-days.ts';
import { ReportPeriod } from '../../../api/schemas/index.ts';

describe('the days of a period', () => {
  const table = [
    ['today', '2024-03-01', '2024-03-01', '2024-03-02'],
    ['yesterday', '2024-03-01', '2024-02-29', '2024-03-01'],
    // A Friday; then a Sunday and a Monday, the ends of a week.
    ['this_week', '2024-03-01', '2024-02-26', '2024-03-02'],
    ['this_week', '2024-03-03', '2024-02-26', '2024-03-04'],
    ['this_week', '2024-03-04', '2024-03-04', '2024-03-05'],
    ['last_week', '2024-03-03', '2024-02-19', '2024-02-26'],
    ['this_month', '2024-02-29', '2024-02-01', '2024-03-01'],
    ['last_month', '2024-03-31', '2024-02-01', '2024-03-01'],
    ['last_month', '2024-01-15', '2023-12-01', '2024-01-01'],
    ['this_year', '2024-12-31', '2024-01-01', '2025-01-01'],
    ['last_year', '2024-12-31', '2023-01-01', '2024-01-01'],
    ['last_7_days', '2024-03-01', '2024-02-24', '2024-03-02'],
    ['last_30_days', '2024-03-01', '2024-02-01', '2024-03-02'],
  ] as const;
  for (const [period, today, from, to] of table) {
    test(`${period} on ${today}`, () => assert.deepEqual(daysOf(period, today), { from, to }));
  }

  test('of every period are some', () => {
    for (const period of ReportPeriod.options) {
      const { from, to } = daysOf(period, '2024-03-01');
      assert.ok(from < to, period);
    }
  });
});

describe('a day', () => {
  test('is that of the time zone', () => {
    const at = Date.UTC(2024, 1, 29, 18, 30);
    assert.deepEqual(
      ['UTC', 'Asia/Kathmandu', 'Pacific/Pago_Pago'].map((timeZone) => dayOf(at, timeZone)),
      ['2024-02-29', '2024-03-01', '2024-02-29'],
    );
  });
  test('follows another over months and leap years', () => {
    assert.equal(dayAfter('2024-02-28'), '2024-02-29');
    assert.equal(dayAfter('2023-12-31'), '2024-01-01');
    assert.equal(dayAfter('2024-03-01', -1), '2024-02-29');
  });
});
