import type { LineType, Place } from '../fax/destination.ts';
import type { AccountId, FaxId } from '../fax/ids.ts';
import type { E164 } from '../fax/number.ts';
import type { Actor } from './account-records.ts';

/** What an administrator said about a place that an account wants to call. */
export interface PlaceDecision {
  readonly place: Place;
  readonly decision: 'approved' | 'denied';
  readonly at: number;
  readonly by: string;
}

/** Faxes of one account that wait for one place. */
export interface WaitingPlace {
  readonly account: AccountId;
  readonly place: Place;
  readonly faxes: number;
  /** When the oldest of them was accepted, and when the first of them fails. */
  readonly since: number;
  readonly until: number;
}

/** What W0c notes of a number. */
export interface Admission {
  /** The fax waits for an approval of this place (or for `REVIEW`), until `until`; null: it may be called. */
  readonly hold: { readonly place: Place; readonly until: number } | null;
  /** Whether it counts to the account's caps for calls to other countries. */
  readonly abroad: boolean;
}

/** Approvals of places, the faxes that wait for them, and known kinds of lines. */
export interface GuardRecords {
  decisions(account: AccountId): Promise<PlaceDecision[]>;
  /** What waits, of all accounts or of one. */
  waiting(account?: AccountId): Promise<WaitingPlace[]>;
  /** Writes the decision with its audit entry; `null` takes back what was decided. */
  decide(
    account: AccountId,
    place: Place,
    decision: PlaceDecision['decision'] | null,
    actor: Actor,
    now: number,
  ): Promise<void>;
  /** A fax that waited for `REVIEW` waits for `hold` now, or for nothing; false: it does not wait for it. */
  endReview(fax: FaxId, hold: Admission['hold'], actor: Actor, now: number): Promise<boolean>;
  /** Held faxes of approved places go on, at most `limit` of each; answers those that may be called now. */
  release(limit: number, now: number): Promise<FaxId[]>;
  /** Held faxes whose time is up, or whose place has been denied since. */
  refused(
    now: number,
    limit: number,
  ): Promise<{ readonly fax: FaxId; readonly place: Place; readonly denied: boolean }[]>;
  /** Undefined when it is not known, or was found out too long ago. */
  lineType(number: E164, now: number): Promise<LineType | 'unknown' | undefined>;
  keepLineType(number: E164, type: LineType | 'unknown', until: number, now: number): Promise<void>;
}
