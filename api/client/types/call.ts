import type { CarrierCopy } from './carrier.ts';
import type { Direction, FaxState, Tags } from './fax.ts';

/** State of the line at the end of a call. */
export interface LineReport {
  /** Bit/s. */
  rate: number;
  modulation: string;
  compression: string;
  ecm: boolean;
  t38: boolean;
  retrains: number;
  badRows: number;
}

export type CdrResult = 'ok' | 'partial' | 'failed' | 'uncertain' | 'canceled';

/** Why a carrier does not get the next call of a fax. */
export type LeftOut =
  | 'tag_missing'
  | 'caller_id'
  | 'receives_only'
  | 'pull_denied'
  | 'refused'
  | 'paused'
  | 'breaker_open'
  | 'budget_spent'
  | 'failed_before';

/** Why a call went over its carrier. */
export interface RouteDecision {
  /** Null: no rule fits, every carrier stands in the order of the configuration. */
  rule: string | null;
  /** Place in the order of the rule, from 1, of so many. */
  place: number;
  of: number;
  /** The first call over a carrier whose breaker had opened. */
  trial: boolean;
  /** Those before it. */
  leftOut: { carrier: string; why: LeftOut }[];
}

/** Call detail record. */
export interface Cdr {
  id: string;
  account: string;
  user: string | null;
  fax: string;
  batch: string | null;
  call: string | null;
  direction: Direction;
  from: string | null;
  to: string;
  /** Where the far number is: ISO 3166-1, or + and a calling code. */
  country: string | null;
  remoteId: string | null;
  /** Of an inbound call: T.30's SUB, when the caller named one. */
  subaddress: string | null;
  carrier: string | null;
  reference: string | null;
  attempt: number;
  startedAt: string;
  answeredAt: string | null;
  endedAt: string;
  /** Milliseconds. */
  duration: number;
  pages: number | null;
  pagesSent: number;
  result: CdrResult;
  cause: string;
  detail: string;
  action: string;
  /** Final status of the INVITE, and the cause of the telephone network (Q.850), where a SIP trunk told them. */
  sipStatus: number | null;
  q850: number | null;
  billable: boolean;
  /** Millionths of `currency`; both null where the price is not known. */
  cost: number | null;
  currency: string | null;
  /** Seconds that the cost was made of. */
  chargedSeconds: number | null;
  line: LineReport | null;
  /** Why it went over its carrier; null for inbound calls and without a call. */
  route: RouteDecision | null;
  faxState: FaxState;
  tags: Tags;
  /** Wipe receipts as compact JWS; null until each exists. */
  receipt: string | null;
  epochReceipt: string | null;
  /** What became of the carrier's copy: `kept` is the red mark; null where it never had one that it keeps. */
  purge: CarrierCopy | null;
  /** A further receipt, of what the carrier erased after the wipe. */
  purgeReceipt: string | null;
}

/** One step of a call as it was seen on the line; it holds no number and no page content. */
export interface LadderStep {
  /** Milliseconds since the call began. */
  at: number;
  direction: 'sent' | 'heard' | 'none';
  layer: 'sip' | 'media' | 't38' | 't30' | 'call';
  /** By its name in the documents: `INVITE`, `DIS`, `PPS-EOP`. */
  signal: string;
  info: string | null;
}

/** The steps of a call. */
export interface CallLadder {
  steps: LadderStep[];
  /** Steps of a very long call that were left out before `steps[cut]`. */
  left: number;
  cut: number;
}

/** A call that has ended. */
export interface EndedCall extends Cdr {
  /** Null where the carrier does not tell its steps. */
  ladder: CallLadder | null;
}

/** One ended call of a fax in plain words. */
export interface CallStory {
  call: string | null;
  carrier: string | null;
  startedAt: string;
  endedAt: string;
  result: CdrResult;
  cause: string;
  detail: string;
  /** What the call met, in order, a sentence each. */
  met: string[];
}

/** Why a fax stands or ended as it did. */
export interface FaxExplanation {
  fax: string;
  direction: Direction;
  state: FaxState;
  cause: string | null;
  /** The answer in one sentence. */
  summary: string;
  /** What a person should do. */
  action: string;
  /** Oldest first. */
  calls: CallStory[];
}
