/**
 * How far a carrier is trusted with calls. `closed`: the way is closed like a switch, calls go over it. `open`: none does.
 * `trial`: its rest is over, and one call at a time shows whether it works again.
 */
export type BreakerPhase = 'closed' | 'open' | 'trial';

/** A phase as it is kept: `trial` is not, it follows from `until`. */
export interface KeptPhase {
  readonly phase: Exclude<BreakerPhase, 'trial'>;
  /** From when on single calls may try an open carrier, ms since 1970; null when closed. */
  readonly until: number | null;
}

/** The phase at `now`. */
export function phaseAt({ phase, until }: KeptPhase, now: number): BreakerPhase {
  return phase === 'open' && (until ?? 0) <= now ? 'trial' : phase;
}
