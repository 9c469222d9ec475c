/** A carrier's copy of a fax. `pending`: not answered yet; `none`: there was nothing; `kept`: it is there still. */
export type CarrierCopy = 'pending' | 'purged' | 'none' | 'kept';

/** The erasure of what a carrier keeps of one call. */
export interface CarrierPurge {
  call: string;
  fax: string;
  account: string;
  carrier: string;
  outcome: CarrierCopy;
  /** The carrier's words. */
  detail: string | null;
  since: string;
  answeredAt: string | null;
  tries: number;
  /** Null: it is not tried any more. */
  nextAt: string | null;
}

/** Outbound calls over a carrier that ended within a stretch of time. */
export interface CarrierFigures {
  calls: number;
  delivered: number;
  answered: number;
  /** Answered, but no common mode or speed was found. */
  unfit: number;
  overT38: number;
  overAudio: number;
  /** Ended by the carrier's own fault. */
  faults: number;
  /** Milliseconds to the answer. */
  answerMedian: number | null;
  answerP95: number | null;
  lastDeliveredAt: string | null;
  /** Calls by what ended them. */
  causes: Record<string, number>;
}

/** How well a carrier works, and how far it is trusted. */
export interface CarrierHealth {
  name: string;
  /** Since when somebody has stopped it by hand. */
  pausedSince: string | null;
  /** `open`: no calls; `trial`: one at a time; `closed`: as ever. */
  breaker: { phase: 'closed' | 'open' | 'trial'; since: string | null; until: string | null; reason: string };
  /** The figures are of calls that ended after. */
  since: string;
  figures: CarrierFigures;
  /** Shares from 0 to 1; null without a call. */
  rates: { delivered: number | null; answered: number | null; faults: number | null; unfit: number | null };
}

/** The same with the changes of its breaker, newest first. */
export interface CarrierHistory extends CarrierHealth {
  changes: {
    at: string;
    phase: 'closed' | 'open';
    until: string | null;
    reason: string;
    by: string;
    figures: CarrierFigures | null;
  }[];
}

/** What calls have taught about a number. */
export interface Lessons {
  number: string;
  lessons: string[];
  expiresAt: string | null;
}

/** A way out, and how busy all processes keep it. */
export interface Carrier {
  name: string;
  kind: string;
  calls: number;
  /** Faxes that are due and wait for a call over it. */
  waiting: number;
  maxCalls: number | null;
  callsPerSecond: number | null;
  paused: { at: string; by: string; reason: string } | null;
}
