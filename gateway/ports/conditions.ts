import type { Pause } from './carrier-records.ts';

/**
 * How far a carrier is trusted after what its last calls came to: `closed` as ever, `open` not at all, `trial` with one
 * call at a time.
 */
export interface BreakerCondition {
  readonly state: 'closed' | 'open' | 'trial';
  /** When it came into this state; null when it never left `closed`. Times are ms since 1970. */
  readonly since: number | null;
  /** Until when it stays open at least; null unless `open`. */
  readonly until: number | null;
  /** Why, in words; empty when `closed`. */
  readonly reason: string;
}

/** What changes about a carrier while the gateway runs; the same for all processes, which read it from the records. */
export interface CarrierCondition {
  readonly name: string;
  readonly paused: Pause | null;
  readonly breaker: BreakerCondition;
  /** Until when its budget has nothing left, ms since 1970; null when it has. A time that is over is no obstacle. */
  readonly spentUntil: number | null;
}

/** What the planner knows of the world. A carrier that is not among them is in order. */
export interface Conditions {
  readonly now: number;
  readonly carriers: readonly CarrierCondition[];
}
