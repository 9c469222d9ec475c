import {
  minSe,
  type ReceivedRequest,
  type ReceivedResponse,
  type SipRequest,
  sessionExpires,
  tokens,
} from '../message/index.ts';
import { LEAST_SESSION } from './timers.ts';

/** A session timer as both sides have agreed to it (RFC 4028). */
export interface SessionInterval {
  readonly seconds: number;
  /** Whether we refresh, or the far side does. */
  readonly refresher: 'us' | 'them';
}

/** Headers by name and value, in order. */
export type HeaderPairs = readonly (readonly [name: string, value: string])[];

/** What a request of ours says of session timers (§7.1, §7.4); `least` is what a 422 asked for. */
export function askedInterval(seconds: number | null, least: number, refresher: 'uac' | 'uas' | null): HeaderPairs {
  if (seconds === null) return [['Supported', 'timer']];
  const by = refresher === null ? '' : `;refresher=${refresher}`;
  return [
    ['Supported', 'timer'],
    ['Session-Expires', `${Math.max(seconds, least)}${by}`],
    ...(least > LEAST_SESSION ? [['Min-SE', String(least)] as const] : []),
  ];
}

/** What a 2xx to our request has agreed (§7.2); null: the session has no timer. */
export function agreedInterval(response: ReceivedResponse): SessionInterval | null {
  const agreed = sessionExpires(response.headers);
  if (agreed === undefined) return null;
  // Too short an interval would be a storm of refreshes; the peer breaks the rules then (§7.2 with §4).
  const seconds = Math.min(Math.max(agreed.seconds, LEAST_SESSION), LONGEST_SESSION);
  return { seconds, refresher: agreed.refresher === 'uas' ? 'them' : 'us' };
}

/** A session timer that was granted, or none, with the headers of the 2xx that say so. */
export interface Granted {
  readonly granted: true;
  readonly interval: SessionInterval | null;
  readonly headers: HeaderPairs;
}

/** The answer to what a request says of session timers (§9). */
export type Grant =
  | Granted
  /** 422 with this Min-SE. */
  | { readonly granted: false; readonly least: number };

/**
 * Grants an interval. Where the peer leaves the choice we refresh ourselves: our refresh is an UPDATE that does not disturb a
 * fax, and it needs nothing of the peer (§9 table 2).
 *
 * @param ours seconds that we want; null: none unless the peer asks
 */
export function grantInterval(request: ReceivedRequest, ours: number | null): Grant {
  const asked = sessionExpires(request.headers);
  const knows = (tokens(request.headers, 'supported') ?? []).some((token) => token.toLowerCase() === 'timer');
  if (asked !== undefined && asked.seconds < LEAST_SESSION && knows) return { granted: false, least: LEAST_SESSION };
  const least = Math.max(minSe(request.headers) ?? LEAST_SESSION, LEAST_SESSION);
  const wanted = asked === undefined ? ours : Math.min(asked.seconds, ours ?? asked.seconds);
  if (wanted === null) return { granted: true, interval: null, headers: [] };
  const seconds = Math.min(Math.max(wanted, least), LONGEST_SESSION);
  const refresher = knows && asked?.refresher === 'uac' ? 'uac' : 'uas';
  return {
    granted: true,
    interval: { seconds, refresher: refresher === 'uac' ? 'them' : 'us' },
    headers: [
      ['Session-Expires', `${seconds};refresher=${refresher}`],
      // A peer that refreshes must know how (§9).
      ...(knows ? [['Require', 'timer'] as const] : []),
    ],
  };
}

/** What a 422 asks for: a larger interval than ours (§7.3); null: it asks for nothing that we could do. */
export function leastAsked(request: SipRequest, response: ReceivedResponse): number | null {
  const least = minSe(response.headers);
  const asked = Number.parseInt(request.headers.get('session-expires') ?? '', 10);
  if (least === undefined || least > LONGEST_SESSION || !(least > asked)) return null;
  return least;
}

/** A day: no call of ours lasts as long. */
const LONGEST_SESSION = 86_400;
