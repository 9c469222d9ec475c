import type { AccountId } from '../fax/ids.ts';
import type { E164 } from '../fax/number.ts';
import type { LineSettings } from '../fax/policy.ts';
import type { LeftOut } from '../fax/route.ts';

/** An account as routes see it. */
export interface PlanAccount {
  readonly id: AccountId;
  readonly name: string;
  /** Only carriers that have all of these may carry its faxes. */
  readonly carrierTags: readonly string[];
  /** Whether a carrier may fetch its pages by a link. */
  readonly pullMedia: boolean;
}

/** One call that is to be planned. */
export interface PlanRequest {
  readonly account: PlanAccount;
  readonly from: E164 | null;
  readonly to: E164;
  readonly line: Pick<LineSettings, 'avoid' | 'refused'>;
}

/** A carrier that may get the call now. */
export interface PlannedCarrier {
  readonly name: string;
  /** Place in the order of the rule, from 1. */
  readonly place: number;
  /** The number that it shows to the far side. */
  readonly shows: E164 | null;
  /** One call at a time: its breaker was open. */
  readonly trial: boolean;
  /** What a call of one page is estimated to cost, in micro-units of the gateway's currency; null: not known. */
  readonly price: number | null;
  /** Why it stands where it stands, in words. */
  readonly reasons: readonly string[];
}

/** A carrier that does not get the call, or not before all others. */
export interface LeftOutCarrier {
  readonly name: string;
  readonly place: number;
  readonly why: LeftOut;
  /** The same in words, with what is known of this very case. */
  readonly sentence: string;
}

/** Who may carry a call, in order, and why the others may not. */
export interface Plan {
  /** Name of the rule that decided; null: none fits, every carrier stands in the order of the configuration. */
  readonly rule: string | null;
  readonly order: 'listed' | 'cheapest';
  /** The first one is called. Those that have failed this fax before stand last; they are in `leftOut`, too. */
  readonly carriers: readonly PlannedCarrier[];
  readonly leftOut: readonly LeftOutCarrier[];
  /** With no carrier at all: the first whose obstacle passes, in whose line the fax waits. Null: nobody may ever carry it. */
  readonly waitFor: string | null;
}
