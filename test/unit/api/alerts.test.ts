import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Alert, alertsOf } from '../../../api/alerts.ts';
import type { ApiContext, HostLine } from '../../../api/context.ts';
import { AlertCode } from '../../../api/schemas/index.ts';
import type { Account } from '../../../gateway/fax/account.ts';
import type { AccountId } from '../../../gateway/fax/ids.ts';

const NOW = 1_763_800_000_000;
const [ACME, SHOP] = ['acc_1' as AccountId, 'acc_2' as AccountId];
const account = (id: AccountId, name: string, paused = false) => ({ id, name, paused, disabled: false }) as Account;
const spending = (spent: number, budget: number | null) => ({
  ...{ span: 'day', since: NOW - 1, until: NOW + 1, spent, budget, unpriced: 0 },
});

/** What a gateway answers to whoever looks for alerts; quiet where nothing is said. */
interface World {
  readonly accounts?: readonly Account[];
  readonly hold?: unknown;
  readonly ready?: Readonly<Record<string, { ok: boolean; detail: string }>>;
  readonly host?: readonly HostLine[];
  readonly purges?: readonly { outcome: string }[];
  readonly breakers?: readonly unknown[];
  readonly carriers?: readonly unknown[];
  readonly payers?: readonly unknown[];
  readonly waiting?: readonly unknown[];
  readonly uncertain?: number;
  readonly endpoints?: readonly unknown[];
}

const NORTH = { name: 'north', paused: null, waiting: 0 };

/** The alerts of a world; every part answers with what a real one would. */
function alerts(world: World, scope: AccountId | null = null): Promise<Alert[]> {
  const { accounts = [account(ACME, 'acme'), account(SHOP, 'shop')], carriers = [NORTH], payers = [] } = world;
  const { endpoints = [], waiting = [] } = world;
  const states = world.uncertain === undefined ? {} : { uncertain: world.uncertain };
  const gateway = {
    clock: { now: () => NOW },
    accounts: {
      accounts: async () => accounts,
      account: async (id: AccountId) => accounts.find((one) => one.id === id),
    },
    restore: { hold: async () => world.hold ?? null },
    ready: async () => world.ready ?? { database: { ok: true, detail: 'answers' } },
    purges: { list: async () => ({ items: world.purges ?? [], next: null }) },
    health: { list: async () => world.breakers ?? [] },
    carriers: { list: async () => carriers },
    budgets: { list: async () => payers, account: async () => payers[0] },
    approvals: { waiting: async () => waiting, list: async () => waiting },
    view: () => ({ faxes: { overview: async () => ({ states, hours: [] }) } }),
    webhooks: {
      figures: async (since: number, only?: AccountId) => {
        assert.equal(since, NOW - 7 * 86_400_000);
        return endpoints.filter((one) => only === undefined || (one as { account: AccountId }).account === only);
      },
    },
  } as unknown as ApiContext['gateway'];
  return alertsOf({ gateway, settings: { host: world.host ?? [] } as unknown as ApiContext['settings'] }, scope);
}

const codes = (found: readonly Alert[]) => found.map(({ level, code }) => `${level} ${code}`);

describe('what waits for a person', () => {
  test('is nothing where all is well: what is under way, accepted or switched off on purpose is no alert', async () => {
    const quiet = await alerts({
      purges: [{ outcome: 'pending' }],
      host: [
        { level: 'red', code: 'swap', text: '', accepted: true },
        { level: 'yellow', code: 'core', text: '', accepted: false },
      ],
      breakers: [{ breaker: { carrier: 'north', phase: 'closed', reason: '', since: 0 } }],
      payers: [{ kind: 'account', id: ACME, name: 'acme', spending: [spending(79, 100), spending(5_000, null)] }],
      endpoints: [{ id: 'whe_1', account: ACME, disabled: true, disabledReason: null, givenUp: 4 }],
    });
    assert.deepEqual(quiet, []);
  });

  test('is said with the gravest first, every kind of it', async () => {
    const breaker = (carrier: string, phase: string) => ({
      breaker: { carrier, phase, reason: '5 faxes failed', since: NOW },
    });
    const found = await alerts({
      accounts: [account(ACME, 'acme', true), account(SHOP, 'shop')],
      hold: { restoredAt: NOW },
      ready: { job_queue: { ok: false, detail: 'no answer within 2 s' } },
      host: [{ level: 'red', code: 'core-dumps', text: 'Switch them off.', accepted: false }],
      purges: [{ outcome: 'kept' }, { outcome: 'kept' }, { outcome: 'pending' }],
      breakers: [breaker('north', 'open'), breaker('south', 'trial')],
      carriers: [NORTH, { name: 'south', paused: { reason: 'maintenance', at: NOW }, waiting: 2 }],
      payers: [
        { kind: 'account', id: ACME, name: 'acme', spending: [spending(80, 100)] },
        { kind: 'carrier', id: 'north', name: 'north', spending: [spending(100, 100)] },
      ],
      waiting: [
        { account: ACME, faxes: 2 },
        { account: ACME, faxes: 1 },
      ],
      uncertain: 3,
      endpoints: [
        { id: 'whe_1', account: SHOP, disabled: true, disabledReason: 'gone', givenUp: 0 },
        { id: 'whe_2', account: SHOP, disabled: false, disabledReason: null, givenUp: 1 },
      ],
    });
    assert.deepEqual(codes(found), [
      ...['fault restore_held', 'fault not_ready', 'fault copies_kept', 'fault breaker_open', 'fault budget_spent'],
      ...['warning host_finding', 'warning breaker_trial', 'warning carrier_paused', 'warning budget_low'],
      ...[
        'warning countries_waiting',
        'warning faxes_uncertain',
        'warning webhook_disabled',
        'warning webhook_given_up',
      ],
      'warning account_paused',
    ]);
    const text = (code: AlertCode) => {
      const one = found.find((alert) => alert.code === code);
      return `${one?.title} ${one?.advice}`;
    };
    assert.match(text('not_ready'), /^The job queue of this process does not answer\. no answer within 2 s\./);
    assert.match(text('copies_kept'), /still keep 2 copies/);
    assert.match(text('carrier_paused'), /Reason: maintenance\. 2 faxes due/);
    assert.match(text('countries_waiting'), /^3 faxes of acme to 2 new countries wait/);
    assert.match(text('webhook_given_up'), /^1 event did not arrive at a webhook of shop/);
    const others: readonly AlertCode[] = ['no_carrier'];
    assert.deepEqual(
      AlertCode.options.filter((code) => !others.includes(code) && !found.some((one) => one.code === code)),
      [],
      'every other code was seen',
    );
    assert.deepEqual(codes(await alerts({ carriers: [] })), ['fault no_carrier']);
  });

  test('of one account holds nothing of the gateway and of other accounts', async () => {
    const found = await alerts(
      {
        accounts: [account(ACME, 'acme', true), account(SHOP, 'shop', true)],
        hold: { restoredAt: NOW },
        carriers: [],
        payers: [{ kind: 'account', id: ACME, name: 'acme', spending: [spending(100, 100)] }],
        waiting: [
          { place: 'FR', waiting: 2 },
          { place: 'US', waiting: 0 },
        ],
        endpoints: [{ id: 'whe_1', account: SHOP, disabled: false, disabledReason: null, givenUp: 9 }],
      },
      ACME,
    );
    assert.deepEqual(codes(found), ['fault budget_spent', 'warning countries_waiting', 'warning account_paused']);
    for (const one of found) assert.equal(one.account, ACME);
    assert.match(found[1]?.title ?? '', /^2 faxes of acme to 1 new country wait/);
  });
});
