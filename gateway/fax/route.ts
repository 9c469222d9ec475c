/**
 * Why a carrier does not get the next call of a fax. `passing`: it may get a later one, and a fax that nobody else may
 * carry waits for it. `about`: the reason in words, for people.
 */
export interface LeftOutFacts {
  readonly passing: boolean;
  readonly about: string;
}

export const LEFT_OUT = {
  tag_missing: { passing: false, about: 'lacks a tag that the account or the rule asks for' },
  caller_id: { passing: false, about: 'may not show the number that the fax comes from' },
  receives_only: { passing: false, about: 'is set up for receiving only' },
  pull_denied: { passing: false, about: 'fetches its pages by a link, which the account does not allow' },
  refused: { passing: false, about: 'has refused this fax before' },
  paused: { passing: true, about: 'is paused' },
  breaker_open: { passing: true, about: 'is left alone after failures of its own' },
  budget_spent: { passing: true, about: 'has spent its budget' },
  failed_before: { passing: true, about: 'has failed this fax by its own fault; the others come first' },
} as const satisfies Record<string, LeftOutFacts>;

/** A key of the table. */
export type LeftOut = keyof typeof LEFT_OUT;

/** The route of one call as its CDR keeps it: which rule, which of its carriers, and why those before it were left out. */
export interface RouteDecision {
  /** Name of the rule; null where none fits the number and every carrier stands in the order of the configuration. */
  readonly rule: string | null;
  /** Place of the carrier in the order of the rule, from 1, and how many carriers the order has. */
  readonly place: number;
  readonly of: number;
  /** Whether this was the trial call of a carrier whose breaker had opened. */
  readonly trial: boolean;
  /** Those before it, in order. */
  readonly leftOut: readonly { readonly carrier: string; readonly why: LeftOut }[];
}
