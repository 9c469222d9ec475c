import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CdrSum, CdrSummary } from '../../../api/client/browser.ts';
import { chartOf, labelOf, spanText } from '../../../api/console/report-figures.ts';
import { csvCell, reportCsv } from '../../../api/console/report-file.ts';

const NOTHING: CdrSum = {
  ...{ start: '2026-11-19T23:00:00.000Z', account: null, user: null, direction: null, number: null, country: null },
  ...{ carrier: null, result: null, cause: null, cdrs: 0, calls: 0, delivered: 0, successRate: 0, pages: 0 },
  ...{ billableCalls: 0, billableSeconds: 0, cost: 0, unpricedCalls: 0, connect: null, open: null },
};
const report = (items: readonly Partial<CdrSum>[]): CdrSummary => ({
  ...{ from: '2026-11-20', to: '2026-11-23', timeZone: 'Europe/Berlin', currency: 'EUR', source: 'sums' },
  items: items.map((one) => ({ ...NOTHING, ...one })),
});
const nameOf = (by: keyof CdrSum, sum: CdrSum) => String(sum[by]);
const drawn = { group: 'day', by: '', and: '', metric: 'cdrs', nameOf } as const;

describe('the chart of a report', () => {
  test('has a place for every day of the zone, also for those without records', () => {
    const { labels, series } = chartOf(report([{ cdrs: 3 }, { start: '2026-11-21T23:00:00.000Z', cdrs: 1 }]), drawn);
    assert.deepEqual(labels, ['20 Nov', '21 Nov', '22 Nov']);
    assert.deepEqual(series, [{ name: 'records', values: [3, 0, 1] }]);
  });

  test('divides what was delivered by all records, whatever lines they come in', () => {
    const lines = [
      { carrier: 'a', cause: 'ok', cdrs: 9, delivered: 9 },
      { carrier: 'a', cause: 'busy', cdrs: 3, delivered: 0 },
    ];
    const { series } = chartOf(report(lines), { ...drawn, by: 'carrier', and: 'cause', metric: 'success' });
    assert.deepEqual(series, [{ name: 'a', values: [0.75, null, null] }]);
  });

  test('never puts times together: each line is a series of its own', () => {
    const lines = [
      { carrier: 'a', cause: 'ok', connect: { p50: 400, p95: 900 } },
      { carrier: 'a', cause: 'busy', connect: null },
    ];
    const { series } = chartOf(report(lines), { ...drawn, by: 'carrier', and: 'cause', metric: 'connect' });
    assert.deepEqual(series, [
      { name: 'a, ok', values: [400, null, null] },
      { name: 'a, busy', values: [null, null, null] },
    ]);
  });

  test('shows the largest and adds up the others', () => {
    const lines = Array.from({ length: 9 }, (_nothing, index) => ({ carrier: `c${index}`, cdrs: index + 1 }));
    const { series } = chartOf(report(lines), { ...drawn, by: 'carrier' });
    assert.deepEqual(
      series.map(({ name, values }) => [name, values[0]]),
      [
        ['c8', 9],
        ['c7', 8],
        ['c6', 7],
        ['c5', 6],
        ['c4', 5],
        ['4 others', 10],
      ],
    );
  });

  test('is a bar for each value where there are no spans, the largest first', () => {
    const lines = [
      { country: 'DE', pages: 2 },
      { country: 'FR', pages: 5 },
    ];
    const { labels, series } = chartOf(report(lines), { ...drawn, group: 'total', by: 'country', metric: 'pages' });
    assert.deepEqual([labels, series], [['FR', 'DE'], [{ name: 'pages on paper', values: [5, 2] }]]);
  });

  test('hours are those of the zone, and their day stands where there are two', () => {
    const hours = chartOf(report([{ start: '2026-11-20T22:00:00.000Z' }, { start: '2026-11-20T23:00:00.000Z' }]), {
      ...drawn,
      group: 'hour',
    });
    assert.deepEqual(hours.labels, ['20 Nov, 23:00', '21 Nov, 00:00']);
    assert.equal(labelOf('2026-11-20 23:00', ['2026-11-20 22:00', '2026-11-20 23:00']), '23:00');
    assert.equal(spanText({ timeZone: 'Europe/Berlin' }, 'week', '2026-11-21T23:00:00.000Z'), '2026-11-16');
  });
});

describe('the file of a report', () => {
  test('has a line for each sum, with its dimensions and money in units', () => {
    const lines = [{ carrier: 'north, old', cdrs: 4, delivered: 3, successRate: 0.75, cost: 1_250_000 }];
    const [head, line, ...rest] = reportCsv(report(lines), { group: 'day', by: 'carrier', and: '' }).split('\r\n');
    assert.equal(
      head,
      'from,carrier,cdrs,calls,delivered,successRate,pages,billableCalls,billableSeconds,cost,unpricedCalls,currency,connectP50,connectP95,openP50,openP95',
    );
    assert.equal(line, '2026-11-20,"north, old",4,0,3,0.75,0,0,0,1.25,0,EUR,,,,');
    assert.deepEqual(rest, ['']);
  });

  test('holds nothing that a spreadsheet takes for a formula', () => {
    assert.equal(csvCell('=HYPERLINK("x")'), '"\'=HYPERLINK(""x"")"');
    assert.equal(csvCell('+49301234567'), '+49301234567');
    assert.equal(csvCell('-1+2'), '"\'-1+2"');
    assert.equal(csvCell(-1), '-1');
  });
});
