/**
 * Calls per second as GCRA keeps them (ITU-T I.371 annex A): one stored time a carrier, `nextAt`, at which a call placed
 * at the steady rate would be due. A tenth of a second's calls may go at once, one at least, so that nobody has to wake up
 * more than ten times a second. Times are ms since 1970.
 */
export interface Pace {
  /** ms between two calls at the steady rate. */
  readonly interval: number;
  readonly burst: number;
}

export function paceOf(callsPerSecond: number): Pace {
  return { interval: 1_000 / callsPerSecond, burst: Math.max(1, Math.floor(callsPerSecond / 10)) };
}

/** Clocks of hosts differ; a time that lies further ahead than that was written before a clock was set back. */
const CLOCK_STEP = 2_000;

/** The stored time, unless it is over or cannot be. */
function currentAt({ interval, burst }: Pace, nextAt: number, now: number): number {
  return nextAt <= now || nextAt - now > burst * interval + CLOCK_STEP ? now : nextAt;
}

/** How many calls may be placed at `now`. */
export function paceRoom(pace: Pace, nextAt: number, now: number): number {
  const ahead = currentAt(pace, nextAt, now) - now;
  // A call that is due to the millisecond is due: the times are sums of fractions.
  return Math.max(0, Math.floor(pace.burst - ahead / pace.interval + 1e-6));
}

/** The time to store when `calls` are placed at `now`. */
export function paceAfter(pace: Pace, nextAt: number, now: number, calls: number): number {
  return currentAt(pace, nextAt, now) + calls * pace.interval;
}

/** When the next call may follow. */
export function paceFreeAt(pace: Pace, nextAt: number, now: number): number {
  return Math.ceil(currentAt(pace, nextAt, now) - (pace.burst - 1) * pace.interval);
}

/**
 * Select the same of a row `p` (name, interval, burst; interval null: no pace) and its row `k` of carriers at the time $1:
 * `currentAt`, and `paceRoom` of it.
 */
export const PACE_AT = `case when k.next_at > $1::bigint and k.next_at - $1::bigint <= p.burst * p.interval + ${CLOCK_STEP}
  then k.next_at else $1::bigint end`;
export const PACE_ROOM = `greatest(0, floor(p.burst - (${PACE_AT} - $1::bigint) / p.interval + 1e-6))`;
