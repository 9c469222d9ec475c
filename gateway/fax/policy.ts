import type { Cause } from './cause.ts';
import { causeFacts } from './cause.ts';

/** Account policy, stored as JSON beside the account; every field has a default. Units: seconds. */
export interface AccountPolicy {
  /** `required`: sealed sessions only. `optional`: API keys over plain HTTPS too. */
  readonly sealed: 'required' | 'optional';
  /** When an outbound image dies: after the last retry (`fax`) or at the end of each call (`call`). */
  readonly imageLife: 'fax' | 'call';
  /** How long a received image waits for its customer, 0…86,400; 0 = calls are answered only while one is connected. */
  readonly inboundHold: number;
  /** What happens to a fax whose page was in flight when the call was lost from sight. */
  readonly uncertain: 'hold' | 'resend_rest' | 'resend_all';
  /** How long the image of an `uncertain` fax waits for a decision. */
  readonly uncertainHold: number;
  /** Received DEKs are wrapped to this P-521 public key (SPKI, base64url) and our own wrap is dropped at call end. */
  readonly sealedInboundKey: string | null;
  /** Whether a session through a TLS proxy is only reported or refused. */
  readonly tlsIntercepted: 'report' | 'refuse';
  /** Whether sessions under the 128-bit suite are let in, where the gateway speaks it at all. */
  readonly allowSuite128: boolean;
  readonly timeZone: string;
  readonly senderName: string;
  readonly csid: string;
  readonly header: boolean;
  /** Calls after the first one, and the pause before each. */
  readonly retries: number;
  readonly retryInterval: number;
  readonly maxPages: number;
  /** Live outbound calls at once. */
  readonly channels: number;
  /** What becomes of a fax for which there is no channel: it waits, or it is refused with `channels_busy`. */
  readonly overLimit: 'queue' | 'reject';
  /** Unfinished faxes at once; more are refused with `too_many_queued`. */
  readonly maxQueued: number;
  /** Days for which CDRs are kept, 0 = for good; null = as the gateway's setting says. */
  readonly cdrRetentionDays: number | null;
}

export const DEFAULT_POLICY: AccountPolicy = {
  sealed: 'required',
  imageLife: 'fax',
  inboundHold: 86_400,
  uncertain: 'hold',
  uncertainHold: 900,
  sealedInboundKey: null,
  tlsIntercepted: 'report',
  allowSuite128: false,
  timeZone: 'UTC',
  senderName: '',
  csid: '',
  header: true,
  retries: 3,
  retryInterval: 120,
  maxPages: 300,
  channels: 30,
  overLimit: 'queue',
  maxQueued: 200_000,
  cdrRetentionDays: null,
};

/** What the ladder changes from one call to the next; kept with the fax, so that every later call keeps it. */
export interface LineSettings {
  readonly t38: boolean;
  readonly maxRate: number;
  readonly ecm: boolean;
  /** Index into the route's carriers. */
  readonly carrier: number;
}

export const FIRST_LINE_SETTINGS: LineSettings = { t38: true, maxRate: 33_600, ecm: true, carrier: 0 };

/**
 * The retry ladder: redial → T.38 off/on → lower speed → ECM off → next carrier. Causes that say nothing of the line
 * (busy, no answer) only redial.
 */
export function nextLineSettings(now: LineSettings, cause: Cause, attempt: number, carriers: number): LineSettings {
  const aboutTheLine: readonly Cause[] = [
    'training_failed',
    'negotiation_failed',
    'page_rejected',
    'line_lost',
    'hung_up',
  ];
  const next = { ...now, carrier: carriers > 1 ? (now.carrier + 1) % carriers : 0 };
  if (cause === 'carrier_unavailable' || cause === 'carrier_refused') return next;
  if (!aboutTheLine.includes(cause) || attempt < 2) return now;
  if (attempt === 2) return { ...now, t38: !now.t38 };
  if (now.maxRate > 9_600) return { ...now, maxRate: 9_600 };
  if (now.ecm) return { ...now, ecm: false };
  return next;
}

/** Whether another call follows: the cause allows it and the fax has calls left. */
export function mayRetry(cause: Cause, attempts: number, retries: number): boolean {
  return causeFacts(cause).retryable && attempts <= retries;
}
