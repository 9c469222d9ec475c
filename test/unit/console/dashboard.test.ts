import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Account, Carrier, CarrierHealth, Overview } from '../../../api/client/browser.ts';
import { type AlertSources, alertsOf } from '../../../api/console/alerts.ts';
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
  const quiet: AlertSources = {
    ...{ accounts: [], carriers: [], health: [], kept: 0, pending: 0, restoreHeld: false },
    held: { faxes: 0, places: 0 },
  };
  const titles = (change: Partial<AlertSources>) => alertsOf({ ...quiet, ...change }).map(({ title }) => title);

  test('is nothing where all is well; what is under way is no alert', () => {
    assert.deepEqual(titles({}), []);
    assert.deepEqual(titles({ pending: 3 }), []);
    const account = { name: 'clinic', paused: false } as Account;
    const health = { name: 'north', breaker: { phase: 'closed', reason: '' } } as CarrierHealth;
    assert.deepEqual(titles({ accounts: [account], health: [health] }), []);
  });

  test('is said with the gravest first', () => {
    const paused = { at, by: 'usr_1', reason: 'maintenance' };
    const found = alertsOf({
      accounts: [{ name: 'clinic', paused: true } as Account],
      carriers: [{ name: 'south', waiting: 2, paused } as Carrier],
      health: [{ name: 'north', breaker: { phase: 'open', reason: '5 faxes failed' } } as CarrierHealth],
      held: { faxes: 1, places: 1 },
      kept: 2,
      pending: 0,
      restoreHeld: true,
    });
    assert.deepEqual(
      found.map(({ kind, title }) => `${kind}: ${title}`),
      [
        'fault: This gateway was restored from a backup and waits.',
        'fault: Carriers still keep 2 copies of faxes.',
        'fault: Carrier north gets no calls.',
        'warning: Carrier south is paused.',
        'warning: 1 fax to 1 new country waits for a decision.',
        'warning: 1 account is paused: clinic.',
      ],
    );
    assert.match(found[3]?.advice ?? '', /^Reason: maintenance\. 2 faxes due/);
    for (const { to } of found) assert.match(to, /^#\//);
  });
});
