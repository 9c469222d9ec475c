import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { numberFilter, numberText } from '../../../api/console/number-filter.ts';
import { reportPlace, reportQuery, wantedOf, wantedReport } from '../../../api/console/report-query.ts';

const TODAY = '2026-11-22';
const asked = (text: string) => wantedReport(new URLSearchParams(text), TODAY);

describe('what a report is asked for', () => {
  test('is the last 30 days by day, when the address says nothing', () => {
    assert.deepEqual(reportQuery(asked(''), 'Europe/Berlin'), {
      ...{ period: 'last_30_days', group: 'day', by: [], timeZone: 'Europe/Berlin', percentiles: false },
    });
  });

  test('goes from the first day of a choice to the day after its last one', () => {
    const { from, to, period } = reportQuery(asked('since=2026-02-01&until=2026-02-28'), 'UTC');
    assert.deepEqual([from, to, period], ['2026-02-01', '2026-03-01', undefined]);
    assert.equal(asked('since=2026-03-01&until=2026-02-01').since, '2026-02-01', 'never before it begins');
  });

  test('has every filter and two dimensions at most, the second only within a first one', () => {
    const text = 'by=carrier&and=cause&account=acc_1&direction=outbound&result=failed&carrier=north&country=DE&top=20';
    const query = reportQuery(asked(`${text}&cause=busy&user=usr_1&percentiles=yes&timeZone=Asia/Tokyo`), 'UTC');
    assert.deepEqual(query.by, ['carrier', 'cause']);
    assert.partialDeepStrictEqual(query, {
      ...{ account: 'acc_1', direction: 'outbound', result: 'failed', carrier: 'north', country: 'DE', cause: 'busy' },
      ...{ user: 'usr_1', top: 20, percentiles: true, timeZone: 'Asia/Tokyo' },
    });
    assert.deepEqual(reportQuery(asked('and=cause'), 'UTC').by, []);
    assert.deepEqual(reportQuery(asked('by=cause&and=cause'), 'UTC').by, ['cause']);
  });

  test('leaves out what makes no sense', () => {
    const wanted = asked('period=someday&group=decade&by=colour&direction=up&result=fine&top=-1&since=yesterday');
    assert.partialDeepStrictEqual(wanted, { group: 'day', by: '', direction: '', result: '', top: '' });
  });

  test('comes back from the address that it is written into', () => {
    for (const text of [
      'period=this_year&group=week&by=carrier',
      'since=2026-01-01&until=2026-01-31&number=%2B4930*&percentiles=yes',
    ]) {
      const wanted = asked(text);
      const given = Object.entries(reportPlace(wanted)).map(([name, value]): [string, string] => [name, String(value)]);
      const place = new URLSearchParams(given);
      assert.deepEqual(wantedReport(place, TODAY), wanted);
    }
  });

  test('comes back from the report that it is saved as', () => {
    for (const text of [
      'period=last_week&by=country&number=%2B4930*',
      'since=2026-01-01&until=2026-01-31&by=cause&and=carrier&top=10',
    ]) {
      const wanted = asked(`${text}&timeZone=Europe/Berlin`);
      const { by = [], group = 'month', percentiles = false, ...rest } = reportQuery(wanted, 'UTC');
      const { since, until, ...same } = wantedOf({ ...rest, by: [...by], group, percentiles }, TODAY);
      const { since: first, until: last, ...other } = wanted;
      assert.deepEqual(same, other);
      if (wanted.period === '') assert.deepEqual([since, until], [first, last]);
    }
  });
});

describe('a number to look for', () => {
  test('is written as people do, and with a star it is how numbers begin', () => {
    assert.deepEqual(numberFilter('+49 (30) 1234-567'), { number: '+49301234567' });
    assert.deepEqual(numberFilter('+49 30 *'), { prefix: '+4930' });
    assert.deepEqual([numberFilter(''), numberFilter(' * ')], [{}, {}]);
    for (const text of ['+49301234567', '+4930*', '']) assert.equal(numberText(numberFilter(text)), text);
  });
});
