import type { Destination, DestinationClass } from '../fax/destination.ts';
import type { E164 } from '../fax/number.ts';

/** Where the gateway calls at all. Each entry of a list is a country (`DE`), a calling code or a prefix (`+4930`). */
export interface DestinationRules {
  /** What may be called; empty = everywhere. */
  readonly allow: readonly string[];
  /** What may not, even if `allow` has it. */
  readonly deny: readonly string[];
  /** What may be called whatever the other rules of the gateway say. */
  readonly exceptions: readonly string[];
  /** Classes that may be called. */
  readonly premium: boolean;
  readonly satellite: boolean;
  readonly revenueShare: boolean;
}

export const DEFAULT_RULES: DestinationRules = {
  allow: [],
  deny: [],
  exceptions: [],
  premium: false,
  satellite: false,
  revenueShare: false,
};

/** Why a number is not called: the machine's word and the sentence. */
export interface Refusal {
  readonly reason: 'denied' | 'not_allowed' | 'account' | 'country_denied' | 'line_type' | DestinationClass;
  readonly sentence: string;
}

const SENTENCES: Readonly<Record<Refusal['reason'], string>> = {
  denied: 'the gateway does not call this destination',
  not_allowed: 'this destination is not among those that the gateway calls',
  account: 'this destination is not among those that the account may call',
  country_denied: 'an administrator has denied this country to the account',
  line_type: 'the account does not call lines of this kind',
  premium: 'the gateway does not call premium-rate numbers',
  satellite: 'the gateway does not call satellite telephones',
  revenue_share: 'the gateway does not call numbers that share their revenue with the called party',
};

export function refusal(reason: Refusal['reason']): Refusal {
  return { reason, sentence: SENTENCES[reason] };
}

/**
 * The first rule that stands against `number`; undefined when it may be called. An account's own list narrows the
 * gateway's and never widens it.
 *
 * @param account places and prefixes that the account may call, or null for all of the gateway's
 */
export function refusalOf(
  rules: DestinationRules,
  account: readonly string[] | null,
  number: E164,
  destination: Destination,
): Refusal | undefined {
  const listed = (entries: readonly string[]) => entries.some((entry) => covers(entry, number, destination));
  if (!listed(rules.exceptions)) {
    if (listed(rules.deny)) return refusal('denied');
    if (destination.class !== null && !mayCall(rules, destination.class)) return refusal(destination.class);
    if (rules.allow.length > 0 && !listed(rules.allow)) return refusal('not_allowed');
  }
  return account !== null && !listed(account) ? refusal('account') : undefined;
}

/** A country covers the numbers of its plan; `+44` covers those of Jersey, too, which `GB` does not. */
function covers(entry: string, number: E164, { place }: Destination): boolean {
  return entry.startsWith('+') ? number.startsWith(entry) : entry === place;
}

function mayCall(rules: DestinationRules, kind: DestinationClass): boolean {
  return { premium: rules.premium, satellite: rules.satellite, revenue_share: rules.revenueShare }[kind];
}
