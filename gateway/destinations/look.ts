import type { Account } from '../fax/account.ts';
import type { E164 } from '../fax/number.ts';
import type { DestinationLook } from '../gateway.ts';
import type { AccountRecords } from '../ports/account-records.ts';
import type { GuardRecords } from '../ports/guard-records.ts';
import { type DestinationSettings, homesOf, planRefusal } from './guard.ts';
import { destinationOf } from './numbering.ts';
import { refusal, refusalOf } from './rules.ts';

/** What a look is taken with. */
export interface LookParts {
  readonly records: Pick<GuardRecords, 'decisions'>;
  readonly accounts: Pick<AccountRecords, 'numbers'>;
  readonly settings: DestinationSettings;
}

/** What the guard would say of a number, to an administrator who asks; nothing is counted, held or looked up for it. */
export async function lookAt(parts: LookParts, number: E164, account: Account | null): Promise<DestinationLook> {
  const { records, accounts, settings } = parts;
  const destination = destinationOf(number);
  if (account === null) {
    return { ...destination, refusal: refusalOf(settings.rules, null, number, destination) ?? null, held: null };
  }
  const [own, decisions] = await Promise.all([accounts.numbers(account.id), records.decisions(account.id)]);
  const { place } = destination;
  const decided = decisions.find((one) => one.place === place)?.decision;
  const denied = settings.watched && decided === 'denied' ? refusal('country_denied') : undefined;
  const found = planRefusal(settings.rules, account, number, destination) ?? denied ?? null;
  const holds = settings.watched && settings.holds && account.policy.holdNewCountries;
  const home = homesOf(
    settings,
    own.map((row) => row.number),
  ).has(place);
  return { ...destination, refusal: found, held: found === null && holds && !home && decided === undefined };
}
