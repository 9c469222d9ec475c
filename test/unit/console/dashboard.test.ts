import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Alert, AlertCode, Overview } from '../../../api/client/browser.ts';
import { alertsOfTheHour, placeOfAlert } from '../../../api/console/alerts.ts';
import { dayFigures, hourFigures } from '../../../api/console/day-figures.ts';

const HOUR = 3_600_000;
const NOON = new Date(2026, 10, 22, 12, 30);
const at = NOON.toISOString();
const start = (hours: number) => new Date(Math.floor(NOON.getTime() / HOUR) * HOUR - hours * HOUR).toISOString();
const row = (hours: number, direction: 'outbound' | 'inbound', result: 'ok' | 'failed' | 'canceled', cdrs: number) => ({
  ...{ start: start(hours), direction, result, cdrs, pages: cdrs * 2 },
});
const overview: Overview = {
  at,
  states: {},
  hours: [
    row(14, 'outbound', 'ok', 50),
    row(2, 'outbound', 'ok', 3),
    row(2, 'inbound', 'ok', 2),
    row(0, 'outbound', 'failed', 1),
    row(0, 'outbound', 'canceled', 4),
  ],
};

describe('the figures of the dashboard', () => {
  test('today begins at midnight on the clock of whoever looks', () => {
    assert.deepEqual(dayFigures(overview), { sent: 3, received: 2, success: 0.75, pages: 20, failed: 1 });
    assert.equal(dayFigures({ at, states: {}, hours: [] }).success, null);
  });

  test('each hour has its bar, the one that runs is the last', () => {
    const { labels, series } = hourFigures(overview, 24);
    assert.equal(labels.length, 24);
    assert.equal(labels.at(-1), '12:00');
    assert.equal(labels.at(0), '13:00');
    const byName = Object.fromEntries(series.map(({ name, values }) => [name, values]));
    assert.deepEqual(Object.keys(byName), ['delivered', 'failed', 'canceled']);
    assert.deepEqual([byName.delivered?.at(-15), byName.delivered?.at(-3), byName.delivered?.at(-1)], [50, 5, 0]);
    assert.deepEqual([byName.failed?.at(-1), byName.canceled?.at(-1)], [1, 4]);
  });
});

describe('what waits for a person', () => {
  const alert = (code: AlertCode, object: string | null, account: string | null): Alert => ({
    ...{ level: 'warning', code, title: '', advice: '', object, account, since: null },
  });

  test('leads to where it is done', () => {
    const places: readonly (readonly [Alert, string])[] = [
      [alert('restore_held', null, null), '#/host'],
      [alert('breaker_open', 'north', null), '#/carriers/north'],
      [alert('budget_spent', null, 'acc_1'), '#/accounts/acc_1'],
      [alert('budget_low', 'north', null), '#/carriers/north'],
      [alert('faxes_uncertain', null, null), '#/faxes?state=uncertain'],
      [alert('webhook_given_up', 'whe_1', 'acc_1'), '#/webhooks?account=acc_1&endpoint=whe_1&state=given_up'],
      [alert('a_later_one' as AlertCode, null, null), '#/alerts'],
    ];
    for (const [one, place] of places) assert.equal(placeOfAlert(one), place);
  });

  test('is on the dashboard, but for what the host is like', () => {
    const [host, held] = [alert('host_finding', 'swap', null), alert('restore_held', null, null)];
    assert.deepEqual(alertsOfTheHour([host, held]), [held]);
  });
});
