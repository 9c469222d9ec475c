/**
 * Pause in milliseconds before each attempt (Standard Webhooks 1.0.0, "Deliverability and reliability"): at once, 5 s,
 * 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
 */
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
export const ATTEMPT_DELAYS: readonly number[] = [
  0,
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];

/** Each pause grows by up to this share, so that an endpoint that comes back is not met by everyone at once. */
const JITTER = 0.2;
/** A Retry-After beyond this is cut: the longest pause of the schedule. */
const LONGEST_PAUSE = 24 * HOUR;

/**
 * When the next attempt is due, in milliseconds since 1970, or null when `attempts` were all there are.
 *
 * @param attempts attempts made so far, the failed one included
 * @param retryAfter pause that the receiver asked for, in milliseconds
 * @param random 0…1
 */
export function nextAttemptAt(attempts: number, now: number, retryAfter: number | null, random: number): number | null {
  const pause = ATTEMPT_DELAYS[attempts];
  if (pause === undefined) return null;
  const asked = Math.min(retryAfter ?? 0, LONGEST_PAUSE);
  return Math.round(now + Math.max(pause, asked) * (1 + JITTER * random));
}

/**
 * Milliseconds of a Retry-After header (RFC 9110 §10.2.3): delta-seconds or an HTTP date. Null when absent, malformed
 * or in the past.
 */
export function parseRetryAfter(header: string | undefined, now: number): number | null {
  const text = header?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * SECOND;
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) || at <= now ? null : at - now;
}
