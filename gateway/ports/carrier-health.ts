import type { KeptPhase } from '../fax/breaker.ts';
import type { Cause } from '../fax/cause.ts';
import type { Actor } from './account-records.ts';

/** A carrier's breaker as the records keep it. Times are ms since 1970. */
export interface Breaker extends KeptPhase {
  readonly carrier: string;
  /** Of the last change; 0 when there was none. */
  readonly since: number;
  /** Length of the last rest in ms, which the next one is reckoned from; 0 before the first. */
  readonly rest: number;
  /** Why it is as it is, in one sentence; empty before the first change. */
  readonly reason: string;
  /** Goes up with every change, so that of two who want one only one gets it. */
  readonly version: number;
}

/** One change of a breaker, as its history keeps it. */
export interface BreakerChange extends KeptPhase {
  readonly at: number;
  readonly reason: string;
  /** `gateway`, or the user who did it by hand. */
  readonly by: string;
  /** What the decision was made from; null for one by hand. */
  readonly figures: CarrierFigures | null;
}

/** A stretch of time, as ended outbound calls over one carrier show it. Times are ms. */
export interface CarrierFigures {
  readonly calls: number;
  /** Pages of the call all on paper. */
  readonly delivered: number;
  readonly answered: number;
  /** Answered, and no common mode or speed was found (training, negotiation). */
  readonly unfit: number;
  /** Answered calls that are known to have run over T.38, and over audio. */
  readonly overT38: number;
  readonly overAudio: number;
  /** Ended by the carrier's own fault. */
  readonly faults: number;
  /** From the intent to the answer; null without an answered call, and where the carrier does not tell the moment. */
  readonly answerMedian: number | null;
  readonly answerP95: number | null;
  readonly lastDeliveredAt: number | null;
  /** Calls by what ended them. */
  readonly causes: Readonly<Partial<Record<Cause, number>>>;
}

/** What speaks for and against a carrier since the last change of its breaker; of an open one, since its trials began. */
export interface CarrierEvidence {
  readonly carrier: string;
  readonly breaker: Breaker;
  /** Calls that the carrier brought to their receiver, whatever became of them there. */
  readonly good: number;
  readonly faults: number;
  /** Faxes whose call ended by the carrier's fault since the last good call. */
  readonly inRow: number;
  /** Accounts whose calls were looked at, older than the last change or not, and those that the faults are of. */
  readonly accounts: number;
  readonly failing: number;
  /** Of all calls that were looked at, older than the breaker's last change or not. */
  readonly lastGoodAt: number | null;
  /** The newest fault, in the carrier's own words; null without one. */
  readonly lastFault: { readonly cause: Cause; readonly detail: string } | null;
}

/** Causes as they speak of a carrier; all others do not. */
export interface Verdicts {
  readonly good: readonly Cause[];
  readonly fault: readonly Cause[];
}

/** What the records know of how well carriers work. Names that they have not met have had no call, and are closed. */
export interface CarrierHealthRecords {
  /** One entry for each name, in order, of the calls that ended after `since`. */
  figures(names: readonly string[], since: number, faults: readonly Cause[]): Promise<CarrierFigures[]>;
  /** What the calls that ended after `since` say, one entry for each name, in order. */
  evidence(names: readonly string[], since: number, verdicts: Verdicts): Promise<CarrierEvidence[]>;
  breakers(names: readonly string[]): Promise<Breaker[]>;
  /**
   * Puts `change` in the place of `from`, with history and audit; false, and nothing is written, when it is not the
   * newest any more. The next claim has faxes that stand in line planned anew.
   */
  changeBreaker(from: Breaker, change: NewBreaker, actor: Actor, now: number): Promise<boolean>;
  /** Newest first. */
  breaks(carrier: string, limit: number): Promise<BreakerChange[]>;
}

/** What a breaker is to become. */
export interface NewBreaker extends Pick<Breaker, 'phase' | 'until' | 'rest' | 'reason'> {
  readonly figures: CarrierFigures | null;
}
