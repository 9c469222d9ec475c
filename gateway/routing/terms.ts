import type { E164 } from '../fax/number.ts';

/**
 * Which number a carrier shows to the far side. `pass`: the one that the fax comes from, whichever it is. A number: always
 * that one. `only`: those numbers are passed; for others `instead` is shown, and without it the carrier does not carry them.
 */
export type CallerIdRule = 'pass' | E164 | { readonly only: readonly E164[]; readonly instead?: E164 | undefined };

/** What the settings say of a carrier; it does not change while the gateway runs. */
export interface CarrierTerms {
  readonly name: string;
  /** What may go over it, in the operator's own words, such as `hipaa` where a signed agreement stands. */
  readonly tags: readonly string[];
  readonly callerId: CallerIdRule;
  /** False: it is set up for receiving only. */
  readonly sends?: boolean;
  /** It fetches the pages by a link of this gateway. */
  readonly pulls?: boolean;
  /** Estimate for a call of one page and one minute, in micro-units of the gateway's currency; null: not known. */
  price(to: E164): number | null;
}

/** The number that `rule` lets a fax from `from` show; `undefined`: it may not be carried. */
export function shownNumber(rule: CallerIdRule, from: E164 | null): E164 | null | undefined {
  if (rule === 'pass') return from;
  if (typeof rule === 'string') return rule;
  // Nobody's number is shown by a fax that names none.
  if (from === null || rule.only.includes(from)) return from;
  return rule.instead;
}
