import type { Alert, AlertCode } from '../client/browser.ts';
import { href } from './address.ts';

/** The page on which something is done about an alert. */
export function placeOfAlert({ code, object, account }: Alert): string {
  return PLACES[code]?.(object ?? '', account ?? '') ?? href('/alerts');
}

const carrier = (name: string) => href('/carriers/:name', { name });
const host = () => href('/host');
/** An administrator of one account has no page of all carriers. */
const budget = (name: string, account: string) =>
  account === '' ? carrier(name) : href('/accounts/:account', { account });

const PLACES: Readonly<Record<AlertCode, (object: string, account: string) => string>> = {
  restore_held: host,
  not_ready: host,
  host_finding: host,
  copies_kept: () => href('/purges'),
  no_carrier: () => href('/carriers'),
  breaker_open: carrier,
  breaker_trial: carrier,
  carrier_paused: carrier,
  budget_spent: budget,
  budget_low: budget,
  countries_waiting: (_object, account) => href('/accounts/:account', { account }, { tab: 'destinations' }),
  faxes_uncertain: (_object, account) => href('/faxes', {}, { state: 'uncertain', account }),
  webhook_disabled: (_object, account) => href('/webhooks', {}, { account }),
  webhook_given_up: (endpoint, account) => href('/webhooks', {}, { account, endpoint, state: 'given_up' }),
  account_paused: (_object, account) => href('/accounts/:account', { account }),
};

/** What the dashboard shows: how a host forgets does not change from hour to hour, and has its own page. */
export function alertsOfTheHour(alerts: readonly Alert[]): Alert[] {
  return alerts.filter(({ code }) => code !== 'host_finding');
}
