import type { AccountId, CallId, FaxId } from '../fax/ids.ts';
import type { CarrierCopyState } from '../fax/receipt.ts';
import type { Actor } from './account-records.ts';
import type { PurgeReport } from './carrier-adapter.ts';
import type { Page } from './fax-records.ts';

/** How long a carrier is asked to erase what it keeps, ms: a week. */
export const PURGE_PATIENCE = 7 * 86_400_000;

/** A carrier's copy that is to be erased now, by whoever claimed it. */
export interface PurgeOrder {
  readonly call: CallId;
  readonly fax: FaxId;
  readonly account: AccountId;
  readonly carrier: string;
  readonly reference: string;
  readonly carrierId: string | null;
  /** When the call ended, ms since 1970. */
  readonly since: number;
  /** This one included. */
  readonly tries: number;
  /** No try follows later than this, ms since 1970. */
  readonly giveUpAt: number;
}

/** What a carrier has answered of one call, for people and receipts. Times are ms since 1970. */
export interface CarrierPurge {
  readonly call: CallId;
  readonly fax: FaxId;
  readonly account: AccountId;
  readonly carrier: string;
  /** `pending`: not answered yet. `kept`: the carrier has it still; no more is tried when `nextAt` is null. */
  readonly outcome: CarrierCopyState;
  readonly detail: string | null;
  /** When the copy should have gone. */
  readonly since: number;
  readonly answeredAt: number | null;
  readonly tries: number;
  readonly nextAt: number | null;
}

/** How many copies are still with carriers, by carrier. */
export interface OutstandingPurges {
  readonly carrier: string;
  /** A try follows. */
  readonly pending: number;
  /** No try follows: a person has to see to it. */
  readonly givenUp: number;
}

export interface PurgeQuery {
  /** Only those that are not gone (`pending` and `kept`). */
  readonly outstanding?: boolean;
  readonly carrier?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/**
 * Erasing what carriers keep. An order comes to be in the transaction that ends its call and is claimed by one process at
 * a time; what the carrier answers is kept for good. Each method is one transaction.
 */
export interface PurgeRecords {
  /** At most `limit` orders whose time has come, of these carriers; whoever claims later finds them after `lease` ms. */
  claimPurges(carriers: readonly string[], lease: number, limit: number, now: number): Promise<PurgeOrder[]>;
  /**
   * What the carrier answered; `nextAt` null ends it. Event `fax.carrier_purge_failed` when a copy is kept for the first
   * time, and when it is given up. False: another process has claimed it since; nothing was written.
   */
  purgeAnswered(order: PurgeOrder, report: PurgeReport, nextAt: number | null, now: number): Promise<boolean>;
  /** Not tried after all, and not counted: found again at `at`. False: another process has claimed it since. */
  postponePurge(order: Pick<PurgeOrder, 'call' | 'tries'>, at: number): Promise<boolean>;
  /** Orders whose time is over and that nobody tried (no process has their carrier): given up. Answers which. */
  abandonPurges(now: number, limit: number): Promise<CarrierPurge[]>;
  /** Ended orders of wiped faxes of which no receipt tells yet. */
  unattestedPurges(limit: number): Promise<CarrierPurge[]>;
  /** Stores the further receipt of an order; false when one stands already, or the order has changed. */
  attestPurge(purge: Pick<CarrierPurge, 'call' | 'answeredAt'>, jws: string): Promise<boolean>;
  purgesOf(fax: FaxId): Promise<(CarrierPurge & { readonly receipts: readonly string[] })[]>;
  purge(call: CallId): Promise<CarrierPurge | undefined>;
  /** Newest first. */
  purges(query: PurgeQuery): Promise<Page<CarrierPurge>>;
  outstandingPurges(): Promise<OutstandingPurges[]>;
  /** By hand: a new round of tries begins now. `gone`: there is nothing left to erase. */
  retryPurge(call: CallId, giveUpAt: number, actor: Actor, now: number): Promise<'queued' | 'gone' | 'unknown'>;
}
