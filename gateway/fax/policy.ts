import type { Cause } from './cause.ts';
import { causeFacts } from './cause.ts';
import type { LineType } from './destination.ts';
import type { Micros } from './money.ts';

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
  /** Whether its users may log in with a password that is kept here; API secrets and client keys stay. */
  readonly localPasswords: 'allowed' | 'refused';
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
  /** What its calls may cost in a day and in a month of its time zone; null = no limit, 0 = nothing. */
  readonly budgetDay: Micros | null;
  readonly budgetMonth: Micros | null;
  /** What becomes of a fax while a budget is spent: it is refused with `budget_spent`, or waits for the next period. */
  readonly overBudget: 'reject' | 'hold';
  /** Only carriers that have all of these tags may carry its faxes, such as `hipaa`. */
  readonly carrierTags: readonly string[];
  /** Days for which CDRs are kept, 0 = for good; null = as the gateway's setting says. */
  readonly cdrRetentionDays: number | null;
  /** Countries (`DE`) and prefixes (`+4930`) that may be called; null = all that the gateway calls. */
  readonly destinations: readonly string[] | null;
  /** Whether the first faxes to a country wait until an administrator allows the account to call it. */
  readonly holdNewCountries: boolean;
  /** Faxes accepted in one hour and one day of UTC; null = no cap. */
  readonly faxesPerHour: number | null;
  readonly faxesPerDay: number | null;
  /** The same for faxes to other countries than the account's own. */
  readonly abroadPerHour: number | null;
  readonly abroadPerDay: number | null;
  /** Whether carriers that cannot take a file may fetch faxes by a link that works once. */
  readonly pullMedia: boolean;
  /** Kinds of lines that are not called. */
  readonly neverDial: readonly LineType[];
  /** What happens where `neverDial` asks and nobody knows the kind of a line. */
  readonly unknownLine: 'call' | 'refuse';
}

export const DEFAULT_POLICY: AccountPolicy = {
  sealed: 'required',
  imageLife: 'fax',
  inboundHold: 86_400,
  uncertain: 'hold',
  uncertainHold: 900,
  sealedInboundKey: null,
  tlsIntercepted: 'report',
  localPasswords: 'allowed',
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
  budgetDay: null,
  budgetMonth: null,
  overBudget: 'reject',
  carrierTags: [],
  cdrRetentionDays: null,
  destinations: null,
  holdNewCountries: true,
  faxesPerHour: null,
  faxesPerDay: null,
  abroadPerHour: 100,
  abroadPerDay: 500,
  pullMedia: false,
  neverDial: [],
  unknownLine: 'call',
};

/** What changes from one call to the next; kept with the fax, so that every later call keeps it. */
export interface LineSettings {
  readonly t38: boolean;
  readonly maxRate: number;
  readonly ecm: boolean;
  /** Carriers that have failed this fax in the round that goes on: all others come before them. */
  readonly avoid: readonly string[];
  /** Carriers that have refused their account, its settings or the number: they are not asked again. */
  readonly refused: readonly string[];
  /** Calls that were a carrier's fault and that another one followed at once: they use up no retry. */
  readonly spared: number;
}

export const FIRST_LINE_SETTINGS: LineSettings = {
  t38: true,
  maxRate: 33_600,
  ecm: true,
  avoid: [],
  refused: [],
  spared: 0,
};

/** Causes that say something of the line: the ladder has a step for them. Of the others, such as busy, calls only repeat. */
const OF_THE_LINE: readonly Cause[] = [
  'training_failed',
  'negotiation_failed',
  'page_rejected',
  'line_lost',
  'hung_up',
];

/** Causes by which a carrier is out for good: its account, its settings, the number, or the fax itself. Another one may take it. */
const REFUSALS: readonly Cause[] = ['carrier_refused', 'carrier_unsuited', 'number_refused'];

/** Whose doing it was that a call did not come about, when it was the carrier's: for now, or for good. */
export function carrierFault(cause: Cause): 'failed' | 'refused' | undefined {
  if (REFUSALS.includes(cause)) return 'refused';
  return cause === 'carrier_unavailable' ? 'failed' : undefined;
}

/** Whether the next call may go over another carrier for `cause`. */
export function mayChangeCarrier(cause: Cause): boolean {
  return carrierFault(cause) !== undefined || OF_THE_LINE.includes(cause);
}

/**
 * The retry ladder: redial → T.38 off/on → lower speed → ECM off → next carrier. Causes that say nothing of the line
 * (busy, no answer) only redial. Every step keeps what those before it have set.
 *
 * @param attempt calls so far that were not spared, this one included
 * @param carrier the one of this call
 */
export function nextLineSettings(now: LineSettings, cause: Cause, attempt: number, carrier: string): LineSettings {
  if (!OF_THE_LINE.includes(cause) || attempt < 2) return now;
  if (attempt === 2) return { ...now, t38: !now.t38 };
  if (now.maxRate > 9_600) return { ...now, maxRate: 9_600 };
  return now.ecm ? { ...now, ecm: false } : withFailed(now, carrier);
}

/** The settings after `carrier` has failed the fax. */
export function withFailed(now: LineSettings, carrier: string): LineSettings {
  return now.avoid.includes(carrier) ? now : { ...now, avoid: [...now.avoid, carrier] };
}

/** The settings after `carrier` has refused the fax. */
export function withRefused(now: LineSettings, carrier: string): LineSettings {
  const avoid = now.avoid.filter((name) => name !== carrier);
  return { ...now, avoid, refused: now.refused.includes(carrier) ? now.refused : [...now.refused, carrier] };
}

/** Whether another call follows: the cause allows it and the fax has calls left. */
export function mayRetry(cause: Cause, attempts: number, retries: number): boolean {
  return causeFacts(cause).retryable && attempts <= retries;
}
