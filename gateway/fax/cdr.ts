import type { LineReport } from './call-result.ts';
import type { Cause } from './cause.ts';
import type { Place } from './destination.ts';
import type { AccountId, BatchId, CallId, CdrId, FaxId, UserId } from './ids.ts';
import type { Micros } from './money.ts';
import type { CarrierCopyState } from './receipt.ts';
import type { RouteDecision } from './route.ts';
import type { Direction, FaxState } from './states.ts';
import type { Subaddress } from './subaddress.ts';

/**
 * Call detail record: one for each call, and one (with `call: null`) for a fax that ended without any. It holds no
 * page content. Times are milliseconds since 1970, durations milliseconds.
 */
export interface Cdr {
  readonly id: CdrId;
  readonly account: AccountId;
  readonly user: UserId | null;
  readonly fax: FaxId;
  readonly batch: BatchId | null;
  readonly call: CallId | null;
  readonly direction: Direction;
  readonly from: string | null;
  readonly to: string;
  /** Where the far number is; null where it was not given, and in records of before this was kept. */
  readonly country: Place | null;
  readonly remoteId: string | null;
  /** Of an inbound call: T.30's SUB, when the caller named one. */
  readonly subaddress: Subaddress | null;
  readonly carrier: string | null;
  readonly reference: string | null;
  readonly attempt: number;
  readonly startedAt: number;
  readonly answeredAt: number | null;
  readonly endedAt: number;
  readonly duration: number;
  readonly pages: number | null;
  /** Pages that this call put on paper. */
  readonly pagesSent: number;
  readonly result: 'ok' | 'partial' | 'failed' | 'uncertain' | 'canceled';
  readonly cause: Cause;
  readonly detail: string;
  readonly billable: boolean;
  /** What the call cost; null where no rate tells it. */
  readonly cost: Micros | null;
  /** ISO 4217; null without a cost. */
  readonly currency: string | null;
  /** Seconds that the cost was made of, by the rate's minimum and increment. */
  readonly chargedSeconds: number | null;
  readonly line: LineReport | null;
  /** Why it went over this carrier; null for inbound calls, and for faxes that ended without any. */
  readonly route: RouteDecision | null;
  /** State that the fax had after this call. */
  readonly faxState: FaxState;
  readonly tags: Readonly<Record<string, string>>;
  /** Both wipe receipts as compact JWS; null until each exists. */
  readonly receipt: string | null;
  readonly epochReceipt: string | null;
  /** What became of the carrier's copy; `kept` is the red mark. Null: the carrier never had one that it keeps. */
  readonly purge: CarrierCopyState | null;
  /** The newest further receipt, of what the carrier erased after the wipe; null until there is one. */
  readonly purgeReceipt: string | null;
}
