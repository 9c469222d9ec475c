import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type AccountId, newId } from '../../../gateway/fax/ids.ts';
import type {
  BudgetAccount,
  BudgetMark,
  BudgetPeriod,
  BudgetRecords,
  Payer,
} from '../../../gateway/ports/budget-records.ts';
import { createBudgets } from '../../../gateway/routing/budgets.ts';

/** 15 January 2026, noon. */
const NOW = Date.UTC(2026, 0, 15, 12);
const ACME: AccountId = newId('acc', (prefix) => `${prefix}_acme`);
const BERLIN: BudgetAccount = { id: ACME, name: 'acme', timeZone: 'Europe/Berlin', budget: { day: 10, month: null } };

const mark = (payer: Payer, level: BudgetMark['level']): BudgetMark => ({
  ...payer,
  ...{ span: 'day', since: NOW, until: NOW + 1, level, spent: 9, budget: 10, at: NOW },
});

interface Answers {
  readonly raised?: readonly BudgetMark[];
  readonly freed?: boolean;
  readonly marks?: readonly BudgetMark[];
  readonly weigh?: () => Promise<void>;
}

/** Records that answer each look as told, and remember what they were asked. */
function world(answer: Answers = {}) {
  const weighed: { payer: Payer; periods: readonly BudgetPeriod[] }[] = [];
  const [rung, warned, counted]: [string[], string[], string[]] = [[], [], []];
  const records: BudgetRecords = {
    accounts: async (id) => (id === undefined || id === ACME ? [BERLIN] : []),
    spending: async (_payer, periods) => periods.map((period) => ({ ...period, spent: 4_000_000, unpriced: 0 })),
    async weigh(payer, periods) {
      weighed.push({ payer, periods });
      await answer.weigh?.();
      return { raised: answer.raised ?? [], freed: answer.freed ?? false };
    },
    marks: async () => [...(answer.marks ?? [mark({ kind: 'account', name: ACME }, 'spent')])],
    hear: () => () => undefined,
    keepCurrency: async (currency) => currency,
  };
  const gauges = new Map<string, number>();
  const budgets = createBudgets({
    records,
    tariffs: { currency: 'EUR', budgets: new Map([['trunk', { day: null, month: 5_000_000 }]]) },
    queue: { ring: async (bell, id) => void rung.push(`${bell} ${id}`) },
    clock: { now: () => NOW },
    log: {
      ...{ debug: () => undefined, info: () => undefined, error: () => undefined },
      warn: (fields, text) => void warned.push(`${JSON.stringify(fields)} ${text}`),
    },
    metrics: {
      count: (name, labels) => void counted.push(`${name} ${Object.values(labels ?? {}).join(' ')}`),
      observe: () => undefined,
      gauge: (name, value, labels) => void gauges.set([name, ...Object.values(labels ?? {})].join(' '), value),
    },
  });
  return { budgets, weighed, rung, warned, counted, gauges };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('budgets', () => {
  test('of accounts go by their own calendar, those of carriers by that of UTC', async () => {
    const { budgets, weighed } = world();
    await budgets.look();
    const days = weighed.map(({ payer, periods: [day, month] }) => [
      payer.name,
      new Date(day?.since ?? 0).toISOString().slice(0, 16),
      day?.budget,
      month?.budget,
    ]);
    assert.deepEqual(days, [
      [ACME, '2026-01-14T23:00', 10, null],
      ['trunk', '2026-01-15T00:00', null, 5_000_000],
    ]);
  });

  test('of a carrier that were taken out of the settings keep it closed no longer', async () => {
    const marks = (['trunk', 'former'] as const).map((name) => mark({ kind: 'carrier', name }, 'spent'));
    const { budgets, weighed } = world({ marks });
    await budgets.look();
    const carriers = weighed.filter(({ payer }) => payer.kind === 'carrier');
    assert.deepEqual(
      carriers.map(({ payer, periods }) => [payer.name, periods.map(({ budget }) => budget)]),
      [
        ['trunk', [null, 5_000_000]],
        ['former', [null, null]],
      ],
    );
  });

  test('that ran low or out are told to the log, with an alert and without an amount, and counted', async () => {
    const payer: Payer = { kind: 'account', name: ACME };
    const { budgets, warned, counted } = world({ raised: [mark(payer, 'warned'), mark(payer, 'spent')] });
    await budgets.changed(ACME);
    assert.match(warned[0] ?? '', /"alert":"budget_warned".* four fifths/);
    assert.match(warned[1] ?? '', /"alert":"budget_spent".* is spent/);
    assert.deepEqual(counted, ['budget_alerts_total account warned', 'budget_alerts_total account spent']);
  });

  test('that let calls out again ring for them', async () => {
    const { budgets, rung } = world({ freed: true });
    await budgets.changed(ACME);
    assert.deepEqual(rung, [`dial ${ACME}`]);
  });

  test('are looked at once for all calls that end while a look is under way', async () => {
    const gate = Promise.withResolvers<void>();
    const { budgets, weighed } = world({ weigh: () => gate.promise });
    for (let call = 0; call < 5; call++) {
      budgets.charged(ACME);
      await turn();
    }
    assert.equal(weighed.length, 1);
    gate.resolve();
    await turn();
    await turn();
    assert.equal(weighed.length, 2, 'the calls that came meanwhile are one more look');
    budgets.charged(ACME);
    await turn();
    assert.equal(weighed.length, 3);
  });

  test('survive records that do not answer: the look fails, the next call looks again', async () => {
    let fails = 1;
    const { budgets, weighed, warned } = world({
      async weigh() {
        if (fails-- > 0) throw new Error('the database does not answer');
      },
    });
    budgets.charged(ACME);
    await turn();
    assert.equal(warned.length, 1);
    budgets.charged(ACME);
    await turn();
    assert.equal(weighed.length, 2);
    assert.equal(warned.length, 1);
  });

  test('tell what is left of those of carriers, and how many accounts have none', async () => {
    const { budgets, gauges } = world();
    await budgets.look();
    assert.deepEqual(
      [...gauges],
      [
        ['accounts_over_budget', 1],
        ['carrier_budget_left trunk month', 1],
      ],
    );
  });

  test('are listed with what has been spent, accounts first', async () => {
    const { budgets } = world();
    const all = await budgets.list();
    assert.deepEqual(
      all.map(({ kind, name, spending }) => [kind, name, spending.map(({ spent }) => spent)]),
      [
        ['account', 'acme', [4_000_000, 4_000_000]],
        ['carrier', 'trunk', [4_000_000, 4_000_000]],
      ],
    );
  });
});
