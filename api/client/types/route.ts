import type { LeftOut } from './call.ts';

/** A rule by which calls find their carriers. */
export interface RouteRule {
  name: string;
  prefixes: string[];
  /** Names; empty: everybody. */
  accounts: string[];
  /** Times of the week, `HH:MM`, in which it holds; empty: always. */
  windows: { days: string[]; from: string; to: string; zone: string }[];
  /** Whether it holds now. */
  holds: boolean;
  /** Empty: all, in the order of the configuration. */
  carriers: string[];
  order: 'listed' | 'cheapest';
  /** Only carriers with all of these. */
  tags: string[];
}

/** What may go over a carrier. */
export interface CarrierTerms {
  name: string;
  tags: string[];
  /** `pass`: the sender's number. `fixed`: always `shows`. `only`: `numbers`, and `shows` for others, if anything. */
  callerId: { rule: 'pass' | 'fixed' | 'only'; shows: string | null; numbers: string[] };
}

export interface RouteTable {
  items: RouteRule[];
  carriers: CarrierTerms[];
}

/** A call that is only thought of. */
export interface RouteQuestion {
  number: string;
  from?: string | undefined;
  /** Id or name; nobody in particular when left out. */
  account?: string | undefined;
  /** ISO 8601; now when left out. */
  at?: string | undefined;
}

/** Why a call would go the way that it would go. */
export interface RouteExplanation {
  at: string;
  to: string;
  from: string | null;
  account: string | null;
  /** Null: no rule fits, every carrier stands in the order of the configuration. */
  rule: string | null;
  order: 'listed' | 'cheapest';
  currency: string;
  /** In order; the first one is called. */
  carriers: {
    name: string;
    place: number;
    shows: string | null;
    trial: boolean;
    /** Estimate for one page, in millionths of the currency. */
    price: number | null;
    reasons: string[];
    calls: number;
    maxCalls: number | null;
    waiting: number;
  }[];
  leftOut: { name: string; place: number; why: LeftOut; sentence: string; passing: boolean }[];
  /** With no carrier: the one in whose line a fax would wait. */
  waitFor: string | null;
  /** What calls have taught about the number. */
  lessons: string[];
}
