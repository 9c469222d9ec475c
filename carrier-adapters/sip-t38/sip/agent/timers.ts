/** Every time that the user agent itself keeps; those of transactions (T1, A to M) are theirs. Milliseconds. */

import { T1 } from '../transaction/index.ts';

/** A 2xx is repeated from T1 on, doubling up to T2, until ACK or 64 × T1 (RFC 3261 §13.3.1.4). */
export const ACK_WAIT = 64 * T1;

/** A ring may last this long: ours is cut then, an incoming one refused with 480. RFC 3261 §16.6 wants more than 3 minutes of proxies only. */
export const RING_WAIT = 180_000;

/** 180 is repeated each minute lest a proxy give the call up (RFC 3261 §13.3.1.1). */
export const RING_REPEAT = 60_000;

/** Waits after 491 in steps of 10 ms (RFC 3261 §14.1): the owner of the Call-ID 2.1 to 4 s, the other 0 to 2 s. */
export const GLARE_OWNER = { least: 2_100, most: 4_000, step: 10 } as const;
export const GLARE_OTHER = { least: 0, most: 2_000, step: 10 } as const;

/** A session is refreshed at half its interval (RFC 4028 §10) and ended a third of it, at most 32 s, before it runs out. */
export const SESSION_REFRESH = 1 / 2;
export const SESSION_END_MARGIN = 32_000;

/** Smallest Session-Expires that may be asked for, seconds (RFC 4028 §4). */
export const LEAST_SESSION = 90;

/** A registration is refreshed between these parts of what was granted (chosen at random, so that many do not come at once). */
export const REGISTER_REFRESH = { least: 0.5, most: 0.75 } as const;

/** After a failed registration: doubling between these, each times 0.5 to 1 at random (RFC 5626 §4.5). */
export const REGISTER_RETRY = { least: 30_000, most: 1_800_000 } as const;

/** Between two registrations that only correct our address. */
export const MOVE_REST = 10_000;

/** Stopping waits this long for answers to BYE, CANCEL and unregistration. */
export const STOP_WAIT = 4_000;

/** Addresses of a trunk are looked up again this often, and when they could not be found. */
export const RESOLVE_AGAIN = 300_000;
export const RESOLVE_RETRY = 30_000;

/** A look-up that has no answer by then has none. */
export const RESOLVE_WAIT = 10_000;

/** A target that failed (RFC 3263 §4.3) or asked for rest (503 with Retry-After, RFC 3261 §21.5.4) comes last for this long; at most an hour. */
export const TARGET_REST = { usual: 30_000, most: 3_600_000 } as const;
