/** Bounds on what peers can make the agent hold or do. */

/** Octets of a user part or a display name that are passed on. */
export const USER_LENGTH = 64;

/** Targets that one request is tried at, addresses used of one name, and services used of one look-up. */
export const TARGETS = 8;
export const ADDRESSES_OF_NAME = 4;

/** Redirections followed for one call (RFC 3261 §8.1.3.4 leaves the number open). */
export const REDIRECTIONS = 2;

/** Challenges answered for one request: one of a proxy, one of the far end, and a stale nonce of each (RFC 3261 §22). */
export const CHALLENGES = 4;

/** Dialogs that forks of one INVITE may make. */
export const FORKS = 8;

/** Record-Route and Route entries kept of a dialog. */
export const ROUTES = 16;

/** Refusals of a refresh or an offer by 491 in a row before it is given up. */
export const GLARES = 4;

/** Sources whose traffic is counted, and known-or-not answers kept. */
export const SOURCES = 4_096;

/** Messages of one source: this many at once, and this many each second from then on. */
export const MESSAGES = { burst: 2_000, perSecond: 500 } as const;

/** Requests outside of dialogs of one source. */
export const NEW_REQUESTS = { burst: 200, perSecond: 40 } as const;

/** Open connections that peers have made. */
export const CONNECTIONS = 1_024;

/** Targets over TLS whose names are remembered, and targets that rest. */
export const SERVER_NAMES = 1_024;
export const RESTING = 1_024;

/** Seconds that a registration lasts at most, whatever is granted or asked for: a day. */
export const LONGEST_REGISTRATION = 86_400;
