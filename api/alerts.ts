import type { Account } from '../gateway/fax/account.ts';
import type { AccountId } from '../gateway/fax/ids.ts';
import type { PayerSpending, Spending } from '../gateway/ports/budget-records.ts';
import type { ApiContext } from './context.ts';
import type { AlertCode } from './schemas/index.ts';

/** Something that waits for a person. */
export interface Alert {
  /** `fault`: something does not work, or is about to be lost. `warning`: somebody should look. */
  readonly level: 'fault' | 'warning';
  readonly code: AlertCode;
  /** What is so, in one sentence. */
  readonly title: string;
  /** What to do about it. */
  readonly advice: string;
  /** Name of the carrier, or id of the endpoint or call that it is about; null where the code says it all. */
  readonly object: string | null;
  readonly account: AccountId | null;
  /** Since when, where it is known. Milliseconds. */
  readonly since: number | null;
}

/** Where alerts are looked for. */
interface Look extends Pick<ApiContext, 'gateway' | 'settings'> {
  /** The account of an administrator who is for one. */
  readonly scope: AccountId | null;
  /** Those that this administrator may see. */
  readonly accounts: readonly Account[];
  readonly now: number;
}

type Finder = (look: Look) => Promise<Alert[]>;

/** Milliseconds. */
const WEEK = 7 * 86_400_000;
/** Copies at carriers that are looked at; there is an alert from the first one on. */
const MOST_COPIES = 200;
/** The part of a budget from which on it is low. */
const LOW = 0.8;

/** What concerns all accounts; an administrator of one sees nothing of it. */
const EVERYWHERE: readonly Finder[] = [held, unready, hostFindings, copies, breakers, pausedCarriers];
/** What is looked at account by account. */
const BY_ACCOUNT: readonly Finder[] = [budgets, waitingPlaces, uncertain, webhooks, pausedAccounts];

/** Everything that waits for a person, the gravest first. @param scope null: of all accounts */
export async function alertsOf(
  { gateway, settings }: Pick<ApiContext, 'gateway' | 'settings'>,
  scope: AccountId | null,
): Promise<Alert[]> {
  const all = scope === null ? await gateway.accounts.accounts() : [await gateway.accounts.account(scope)];
  const accounts = all.filter((account) => account !== undefined);
  const look: Look = { gateway, settings, scope, accounts, now: gateway.clock.now() };
  const finders = scope === null ? [...EVERYWHERE, ...BY_ACCOUNT] : BY_ACCOUNT;
  const found = (await Promise.all(finders.map((find) => find(look)))).flat();
  return [...found.filter(({ level }) => level === 'fault'), ...found.filter(({ level }) => level === 'warning')];
}

const NOBODYS = { object: null, account: null, since: null } as const;

async function held({ gateway }: Look): Promise<Alert[]> {
  const hold = await gateway.restore.hold();
  if (hold === null) return [];
  return [
    {
      ...{ level: 'fault', code: 'restore_held', ...NOBODYS, since: hold.restoredAt },
      title: 'This gateway was restored from a backup and waits.',
      advice: 'It dials, answers and accepts nothing until somebody confirms that the lost gateway is off.',
    },
  ];
}

/** Of the process that answers; others are asked at /readyz. */
async function unready({ gateway }: Look): Promise<Alert[]> {
  const checks = Object.entries(await gateway.ready());
  return checks.flatMap(([name, { ok, detail }]): Alert[] => {
    if (ok) return [];
    if (name === 'room') return [{ level: 'fault', code: 'not_ready', ...NOBODYS, object: name, ...NO_ROOM(detail) }];
    const title = `The ${name.replaceAll('_', ' ')} of this process does not answer.`;
    const advice = `${detail}. Faxes wait until it does; the page of the host shows what else fails.`;
    return [{ level: 'fault', code: 'not_ready', ...NOBODYS, object: name, title, advice }];
  });
}

/** The one check of /readyz that is not of somebody who answers. */
const NO_ROOM = (detail: string) => ({
  title: 'The data directory of this process is nearly full.',
  advice: `${detail}. Free some space: without room faxes are refused, and an embedded database stops.`,
});

async function hostFindings({ settings }: Look): Promise<Alert[]> {
  return settings.host.flatMap(({ level, code, text, accepted }): Alert[] => {
    if (level !== 'red' || accepted) return [];
    const title = `This host has a way out for secrets: ${code.replaceAll(/[-_]/g, ' ')}.`;
    return [{ level: 'warning', code: 'host_finding', ...NOBODYS, object: code, title, advice: text }];
  });
}

async function copies({ gateway }: Look): Promise<Alert[]> {
  const { items } = await gateway.purges.list({ outstanding: true, limit: MOST_COPIES });
  const kept = items.filter(({ outcome }) => outcome === 'kept');
  if (kept.length === 0) return [];
  const number =
    items.length === MOST_COPIES ? `${kept.length} copies or more` : counted(kept.length, 'copy', 'copies');
  return [
    {
      ...{ level: 'fault', code: 'copies_kept', ...NOBODYS },
      title: `Carriers still keep ${number} of faxes.`,
      advice: 'The carrier refused to erase them, or did not answer for a week. Try again, or ask the carrier.',
    },
  ];
}

async function breakers({ gateway }: Look): Promise<Alert[]> {
  return (await gateway.health.list()).flatMap(({ breaker }): Alert[] => {
    const { carrier, phase, reason, since } = breaker;
    if (phase === 'closed') return [];
    const open = phase === 'open';
    return [
      {
        ...{ level: open ? 'fault' : 'warning', code: open ? 'breaker_open' : 'breaker_trial' },
        ...{ object: carrier, account: null, since: since === 0 ? null : since },
        title: `Carrier ${carrier} ${open ? 'gets no calls' : 'is on trial, one call at a time'}.`,
        advice: reason === '' ? 'Its last calls failed by its own fault.' : `${reason}.`,
      },
    ];
  });
}

async function pausedCarriers({ gateway }: Look): Promise<Alert[]> {
  const carriers = await gateway.carriers.list();
  const none: Alert = {
    ...{ level: 'fault', code: 'no_carrier', ...NOBODYS },
    title: 'There is no carrier.',
    advice: 'Faxes wait until the settings name one: SEALFAX_CARRIERS.',
  };
  const paused = carriers.flatMap(({ name, paused: pause, waiting }): Alert[] => {
    if (pause === null) return [];
    const reason = `Reason: ${pause.reason === '' ? 'none was given' : pause.reason}.`;
    return [
      {
        ...{ level: 'warning', code: 'carrier_paused', object: name, account: null, since: pause.at },
        title: `Carrier ${name} is paused.`,
        advice: waiting === 0 ? reason : `${reason} ${counted(waiting, 'fax', 'faxes')} due and waiting for it.`,
      },
    ];
  });
  return carriers.length === 0 ? [none] : paused;
}

async function budgets({ gateway, scope, accounts }: Look): Promise<Alert[]> {
  const own = accounts.find(({ id }) => id === scope);
  const payers = own === undefined ? await gateway.budgets.list() : [await gateway.budgets.account(own)];
  return payers.flatMap((payer) => payer.spending.flatMap((spending) => budgetAlert(payer, spending)));
}

function budgetAlert({ kind, id, name }: PayerSpending, { span, budget, spent, since }: Spending): Alert[] {
  if (budget === null || spent < budget * LOW) return [];
  const out = spent >= budget;
  const who = kind === 'account' ? `Account ${name}` : `Carrier ${name}`;
  const account = kind === 'account' ? (id as AccountId) : null;
  return [
    {
      ...{ level: out ? 'fault' : 'warning', code: out ? 'budget_spent' : 'budget_low' },
      ...{ object: account === null ? name : null, account, since },
      title: `${who} has spent ${out ? 'all' : 'four fifths'} of its budget of the ${span}.`,
      advice: out
        ? `No call of it follows before the ${span} is over, unless its budget becomes larger.`
        : 'When all of it is spent, its faxes wait.',
    },
  ];
}

async function waitingPlaces({ gateway, scope, accounts }: Look): Promise<Alert[]> {
  const waiting =
    scope === null
      ? await gateway.approvals.waiting()
      : (await gateway.approvals.list(scope)).flatMap(({ waiting: faxes }) =>
          faxes === 0 ? [] : [{ account: scope, faxes }],
        );
  return accounts.flatMap(({ id, name }): Alert[] => {
    const own = waiting.filter(({ account }) => account === id);
    if (own.length === 0) return [];
    const faxes = own.reduce((sum, one) => sum + one.faxes, 0);
    const places = counted(own.length, 'new country', 'new countries');
    return [
      {
        ...{ level: 'warning', code: 'countries_waiting', object: null, account: id, since: null },
        title: `${counted(faxes, 'fax', 'faxes')} of ${name} to ${places} ${faxes === 1 ? 'waits' : 'wait'} for a decision.`,
        advice: 'Approve or deny each country on the page of the account; faxes that nobody decides on fail.',
      },
    ];
  });
}

async function uncertain({ gateway, scope, now }: Look): Promise<Alert[]> {
  const { states } = await gateway.view(scope).faxes.overview(now, scope ?? undefined);
  const faxes = states.uncertain ?? 0;
  if (faxes === 0) return [];
  return [
    {
      ...{ level: 'warning', code: 'faxes_uncertain', ...NOBODYS, account: scope },
      title: `Of ${counted(faxes, 'fax', 'faxes')} nobody knows whether a page is on paper.`,
      advice: 'Ask the receiver, then send the rest again or leave it; what nobody decides on is erased in time.',
    },
  ];
}

/** Without addresses: they may hold a secret of the receiver, and auditors see alerts, too. */
async function webhooks({ gateway, scope, accounts, now }: Look): Promise<Alert[]> {
  const endpoints = await gateway.webhooks.figures(now - WEEK, scope ?? undefined);
  return endpoints.flatMap(({ id, account, disabled, disabledReason, givenUp }): Alert[] => {
    const name = accounts.find((one) => one.id === account)?.name ?? account;
    const own = { object: id, account, since: null };
    // What the account itself has switched off has no reason.
    if (disabled && disabledReason !== null)
      return [
        {
          ...{ level: 'warning', code: 'webhook_disabled', ...own },
          title: `A webhook of ${name} is switched off: ${disabledReason}.`,
          advice: 'Its receiver was gone for too long. Tell the account; it switches it on again.',
        },
      ];
    if (disabled || givenUp === 0) return [];
    return [
      {
        ...{ level: 'warning', code: 'webhook_given_up', ...own },
        title: `${counted(givenUp, 'event')} did not arrive at a webhook of ${name} within 7 days.`,
        advice: 'See what it answers, and post them again when it works.',
      },
    ];
  });
}

async function pausedAccounts({ accounts }: Look): Promise<Alert[]> {
  return accounts
    .filter(({ paused, disabled }) => paused && !disabled)
    .map(({ id, name }) => ({
      ...{ level: 'warning', code: 'account_paused', object: null, account: id, since: null },
      title: `Account ${name} is paused.`,
      advice: 'It sends nothing new; what is queued waits.',
    }));
}

function counted(value: number, one: string, many = `${one}s`): string {
  return `${value} ${value === 1 ? one : many}`;
}
