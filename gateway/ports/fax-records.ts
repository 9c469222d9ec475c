import type { CallResult, LineReport } from '../fax/call-result.ts';
import type { Cause } from '../fax/cause.ts';
import type { Cdr } from '../fax/cdr.ts';
import type { Call, Fax, FaxPolicy, PageOptions, PageRecord } from '../fax/fax.ts';
import type { AccountId, BatchId, CallId, FaxId, UserId } from '../fax/ids.ts';
import type { CallLadder } from '../fax/ladder.ts';
import type { E164, NumberPrefix } from '../fax/number.ts';
import type { LineSettings } from '../fax/policy.ts';
import type { RouteDecision } from '../fax/route.ts';
import type { Direction, FaxState, OutboundState } from '../fax/states.ts';
import type { Subaddress } from '../fax/subaddress.ts';
import type { Actor } from './account-records.ts';
import type { CarrierCopy, CarrierLimits, KnownFax } from './carrier-adapter.ts';
import type { Channels } from './carrier-records.ts';
import type { Conditions } from './conditions.ts';
import type { Admission } from './guard-records.ts';
import type { Plan, PlanAccount, PlanRequest } from './plan.ts';

/** A fax as intake hands it over in W0c. Its key and documents lie in the vault already. */
export interface NewFax {
  readonly id: FaxId;
  readonly account: AccountId;
  readonly user: UserId;
  readonly batch: BatchId | null;
  readonly from: E164 | null;
  readonly to: E164;
  readonly retries: number;
  readonly retryInterval: number;
  readonly priority: number;
  readonly notBefore: number | null;
  readonly deadline: number | null;
  readonly options: PageOptions;
  readonly policy: FaxPolicy;
  readonly line: LineSettings;
  readonly tags: Readonly<Record<string, string>>;
  readonly documents: number;
  /** Pages, when the inspection has counted them already. */
  readonly pages: number | null;
  /** The place that its call waits for an approval of, and until when. Left out: it waits for none. */
  readonly hold?: Admission['hold'];
  /** Whether it counts to the caps of calls to other countries. Left out: it does not. */
  readonly abroad?: boolean;
}

/** What W0c answers: the first fax of the request as it was accepted, and how full its account was then. */
export interface AcceptedFax {
  readonly first: Fax;
  readonly channels: Channels;
}

/** State of an Idempotency-Key. `hash` is SHA-256 over the canonical request and its documents. */
export type KeyState =
  | { readonly state: 'new' }
  | { readonly state: 'running' }
  | { readonly state: 'done'; readonly hash: string; readonly answer: string };

/** The right to work on a fax: every later write names the fence, and fails when someone else has claimed since. */
export interface Claim {
  readonly fax: Fax;
  readonly fence: number;
}

/** A carrier as claims may use it: its limits hold for all workers together. */
export interface CarrierShare extends CarrierLimits {
  readonly name: string;
}

/** What a worker with room for calls asks for. */
export interface CallRequest {
  readonly worker: string;
  /** Life of each claim without renewal, ms. */
  readonly lease: number;
  /** Most claims of this answer; with 0 due faxes only join the line. */
  readonly limit: number;
  /** Carriers that this worker can place calls over; faxes that are planned for others are left alone. */
  readonly carriers: readonly CarrierShare[];
  /**
   * Who may carry a call, in order, and whom it waits for while nobody may. A fax that nobody may ever carry is claimed all
   * the same, to be ended. Called inside the claim, with the conditions of that moment.
   */
  readonly plan: (fax: PlanRequest & Pick<Fax, 'id'>, conditions: Conditions) => Pick<Plan, 'carriers' | 'waitFor'>;
}

/** A claimed fax and the carrier that its call goes over. */
export interface CallClaim extends Claim {
  /** Null: nobody may carry it. */
  readonly carrier: string | null;
  /** Its account as the plan saw it, or as it was changed since. */
  readonly account: PlanAccount;
}

export interface CallClaims {
  /** The best first. */
  readonly claims: readonly CallClaim[];
  /** What the claim was decided by. */
  readonly conditions: Conditions;
  /**
   * When to ask again although nothing has happened: a fax comes due, or a paced carrier may be called; `now` when there
   * may be more at once. Null: not known.
   */
  readonly nextAt: number | null;
}

/** What follows a call: another one, or the end. */
export type AfterCall =
  | { readonly state: 'queued'; readonly at: number; readonly line: LineSettings; readonly keepImage: boolean }
  | { readonly state: Extract<OutboundState, 'delivered' | 'partial' | 'failed' | 'canceled' | 'uncertain'> };

/** An open call found at start or by the sweeper: its worker's lease has run out. */
export interface OrphanCall {
  readonly call: Call;
  readonly fax: Fax;
  /** The fax's newest: workers that took the call over and died have raised it beyond the call's own. */
  readonly fence: number;
  readonly leaseUntil: number;
}

export interface NewInbound {
  readonly id: FaxId;
  readonly call: CallId;
  readonly account: AccountId;
  readonly from: E164 | null;
  readonly to: E164;
  readonly carrier: string;
  readonly reference: string;
  /** See `OfferedCall`: no other inbound call of the carrier may have this reference. */
  readonly stored?: boolean;
  readonly policy: FaxPolicy;
}

/** Filters of lists; `cursor` is opaque and comes from the previous page. */
export interface FaxQuery {
  /** Undefined: all accounts (administrators only). */
  readonly account?: AccountId;
  readonly direction?: Direction;
  readonly states?: readonly FaxState[];
  readonly number?: E164;
  readonly user?: UserId;
  readonly batch?: BatchId;
  readonly tag?: { readonly name: string; readonly value: string };
  readonly since?: number;
  readonly until?: number;
  readonly limit: number;
  readonly cursor?: string;
}

/** A call that has not ended, with what its fax says of it. */
export interface CallInProgress
  extends Omit<Call, 'reference' | 'carrierId' | 'stored' | 'fence' | 'state' | 'endedAt'> {
  /** Of its fax: `dialing`, `sending`, `ringing`, `receiving`. */
  readonly state: FaxState;
  readonly from: E164 | null;
  readonly to: E164;
  readonly remoteId: string | null;
  /** Pages of the fax, once they are known. */
  readonly pages: number | null;
  readonly attempt: number;
  /** As it was at the last page. */
  readonly line: LineReport | null;
  /** Somebody wants it to end. */
  readonly cancelAsked: boolean;
}

/** What is going on at this moment. */
export interface LiveFigures {
  /** The oldest first. */
  readonly calls: readonly CallInProgress[];
  /** All of them, also those that `calls` has no room for. */
  readonly liveCalls: number;
  /** Faxes in each state that waits for something. */
  readonly faxes: Readonly<Partial<Record<FaxState, number>>>;
}

/** A call that has ended, as it is looked into. */
export interface CallRecord {
  readonly cdr: Cdr;
  /** Null where the carrier does not tell its steps. */
  readonly ladder: CallLadder | null;
}

export interface CdrQuery {
  /** Undefined: all accounts (administrators only). */
  readonly account?: AccountId;
  readonly fax?: FaxId;
  readonly direction?: Direction;
  readonly number?: E164;
  /** How the receiver's number begins, or the sender's. */
  readonly prefix?: NumberPrefix;
  readonly user?: UserId;
  readonly tag?: { readonly name: string; readonly value: string };
  readonly result?: Cdr['result'];
  readonly cause?: string;
  readonly carrier?: string;
  /** Of the far number. */
  readonly country?: string;
  readonly since?: number;
  readonly until?: number;
  readonly limit: number;
  readonly cursor?: string;
}

/** Records of CDRs that ended in one hour of UTC. */
export interface HourSum {
  /** First moment of the hour. */
  readonly start: number;
  readonly direction: Direction;
  readonly result: Cdr['result'];
  /** Calls, and faxes that ended without one. */
  readonly cdrs: number;
  /** On paper. */
  readonly pages: number;
}

/** How it stands at this moment. */
export interface FaxOverview {
  /** Faxes that are unfinished, or wait for somebody; states without any are left out. */
  readonly states: Readonly<Partial<Record<FaxState, number>>>;
  /** In order of time; hours without any are left out. */
  readonly hours: readonly HourSum[];
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Null on the last page. */
  readonly next: string | null;
}

/**
 * Truth about faxes, calls, CDRs. Each method is one transaction (or one statement); the steps W0c to W5 of the queue
 * design are methods of their own. A method that takes a fence answers false, and has written nothing, when the fence
 * is no longer the newest. State changes obey the table in fax/states.ts; events are appended in the same transaction.
 */
export interface FaxRecords {
  // Accepting (W0c)
  beginKey(account: AccountId, key: string, now: number): Promise<KeyState>;
  /** The request is still at work: its key stays taken. A key of which nothing is heard for 60 s is free. */
  renewKey(account: AccountId, key: string, now: number): Promise<void>;
  dropKey(account: AccountId, key: string): Promise<void>;
  /** Faxes, idempotency answer, vault keys to `live`, events `fax.accepted`, audit. @throws FaxError too_many_queued, cap_reached */
  accept(
    faxes: readonly NewFax[],
    /** `address`: where an administrator who sends has come from, for the audit log. */
    key: { readonly key: string; readonly hash: string; readonly answer: string; readonly address?: string | null },
    now: number,
  ): Promise<AcceptedFax>;

  // Rendering
  /** `accepted`, or `rendering` with a lease that has run out → `rendering`. */
  claimRender(fax: FaxId, worker: string, lease: number, now: number): Promise<Claim | undefined>;
  /**
   * The same for the fax whose turn it is: of the account that has the fewest in work, there the one that came first,
   * each step of priority counting as ten minutes. Undefined when all of them are in work.
   */
  claimNextRender(worker: string, lease: number, now: number): Promise<Claim | undefined>;
  /** → `queued`, with the pages; `nextCallAt` = notBefore or now. A fax that waits for an approval → `held`. */
  rendered(fax: FaxId, fence: number, pages: readonly PageRecord[], now: number): Promise<boolean>;

  // Calls
  /**
   * W1 for the best of all faxes that may be called now: fence + 1, lease until now + lease. Decided for all workers one
   * after the other, so that none of these is ever exceeded: one live call per destination, the channels of an account,
   * the calls of a carrier, its calls per second. The account with the fewest live calls is first; within an account
   * priority and waiting time decide. State stays `queued` until W2.
   */
  claimCalls(request: CallRequest, now: number): Promise<CallClaims>;
  /**
   * Routes or carriers of the configuration, or the rules that hold at this time, are not those that the line was made with:
   * faxes in it are planned anew. When conditions change, a claim sees it by itself.
   */
  replan(configuration: string): Promise<void>;
  /** Renews; answers what the worker has to know: still its own? asked to cancel? */
  renew(
    fax: FaxId,
    fence: number,
    lease: number,
    now: number,
  ): Promise<{ readonly held: boolean; readonly cancel: boolean }>;
  /** Gives a claim back when nothing rang. */
  release(fax: FaxId, fence: number, nextCallAt: number, now: number): Promise<boolean>;
  /** W2: call row, `queued` → `dialing`. */
  intend(
    fax: FaxId,
    fence: number,
    call: {
      readonly id: CallId;
      readonly carrier: string;
      readonly reference: string;
      readonly firstPage: number;
      /** The carrier keeps what it is given until it is asked to erase it; left out: it keeps nothing. */
      readonly stored?: boolean;
      /** Why it goes over this carrier; its CDR keeps it. */
      readonly route?: RouteDecision;
    },
    now: number,
  ): Promise<boolean>;
  /** W3, gate 2: call `in_call`, `dialing` → `sending`. */
  passGate2(call: CallId, fence: number, now: number): Promise<boolean>;
  /** The carrier took the fax under an id of its own, 1 to 200 characters. */
  taken(call: CallId, fence: number, carrierId: string): Promise<boolean>;
  negotiated(call: CallId, fence: number, remoteId: string | null, line: LineReport): Promise<void>;
  /** W4. Page numbers are those of the fax. */
  pageStarted(call: CallId, fence: number, page: number, now: number): Promise<boolean>;
  pageConfirmed(call: CallId, fence: number, page: number, line: LineReport, now: number): Promise<boolean>;
  /** W5: call result, CDR, fax state, wipe intent (when final, or when the image lives for one call only), events, audit; lease and destination released. */
  endCall(call: CallId, fence: number, result: CallResult, after: AfterCall, now: number): Promise<boolean>;
  /** Ends a fax that has no live call: CDR without a call, wipe intent, event. `fence` null: only if nobody holds a lease. */
  endUncalled(
    fax: FaxId,
    fence: number | null,
    state: 'failed' | 'canceled' | 'partial',
    cause: Cause,
    detail: string,
    now: number,
  ): Promise<boolean>;
  /** Open calls whose lease ran out before `leaseBefore` (Infinity at a start that owns everything). */
  orphanCalls(leaseBefore: number, limit: number): Promise<OrphanCall[]>;
  /** fence + 1 for whoever settles an orphan; undefined when another one does, or when its call has ended after all. */
  takeOver(fax: FaxId, fence: number, worker: string, lease: number, now: number): Promise<number | undefined>;
  /** At a start that owns everything: leases of workers other than `worker` end now, and so do uploads. Answers how many leases. */
  breakLeases(worker: string, now: number): Promise<number>;

  /** Renderings that the bell may have missed. */
  dueRenders(now: number, limit: number): Promise<{ readonly fax: FaxId; readonly priority: number }[]>;
  /** Unfinished faxes past their deadline, without a live call. */
  pastDeadline(now: number, limit: number): Promise<FaxId[]>;

  // Wishes of customers
  /** `ended`: canceled at once. `asked`: a call is live and has been asked to end. `final`: too late. */
  cancel(
    fax: FaxId,
    account: AccountId,
    now: number,
    /** The account itself when left out. */
    actor?: Actor,
  ): Promise<'ended' | 'asked' | 'final' | 'unknown'>;
  /** `uncertain` → `queued` from the first page not confirmed (`rest`) or from page 1 (`all`). */
  resend(
    fax: FaxId,
    account: AccountId,
    mode: 'rest' | 'all',
    now: number,
    actor?: Actor,
  ): Promise<'queued' | 'state_conflict' | 'image_wiped' | 'unknown'>;

  // Receiving
  /** What is known of a stored fax, whoever takes it or has taken it; undefined: it may be taken. */
  knownFax(carrier: string, reference: string): Promise<KnownFax | undefined>;
  ring(inbound: NewInbound, worker: string, lease: number, now: number): Promise<Claim>;
  receiving(
    call: CallId,
    fence: number,
    remoteId: string | null,
    now: number,
    subaddress?: Subaddress | null,
  ): Promise<boolean>;
  pageReceived(call: CallId, fence: number, page: PageRecord, line: LineReport, now: number): Promise<boolean>;
  /**
   * CDR, event; `received` when at least one page is whole, else `failed` with a wipe intent. `sealedKey`: see Fax. `copy`
   * counts for stored calls: `purge` orders the erasure at the carrier, `take_again` drops the pages.
   */
  inboundEnded(
    call: CallId,
    fence: number,
    result: CallResult,
    sealedKey: string | null,
    now: number,
    copy?: CarrierCopy,
  ): Promise<boolean>;
  /** The oldest received fax that nobody holds and nobody acknowledged, leased for `seconds`. */
  leaseNext(account: AccountId, user: UserId, seconds: number, now: number): Promise<Fax | undefined>;
  /** → `handed_over` with a wipe intent. Idempotent. */
  acknowledge(
    fax: FaxId,
    account: AccountId,
    user: UserId,
    now: number,
  ): Promise<'acknowledged' | 'state_conflict' | 'lease_held' | 'unknown'>;

  // Reading
  fax(fax: FaxId, account?: AccountId): Promise<Fax | undefined>;
  faxes(query: FaxQuery): Promise<Page<Fax>>;
  pages(fax: FaxId): Promise<PageRecord[]>;
  calls(fax: FaxId): Promise<Call[]>;
  cdrs(query: CdrQuery): Promise<Page<Cdr>>;
  /** What ended in the hours of UTC from that of `since` on; of all accounts when none is named. */
  overview(since: number, account?: AccountId): Promise<FaxOverview>;
  /** One call that has ended; undefined while it lasts, and when it is not the account's. */
  callRecord(call: CallId, account?: AccountId): Promise<CallRecord | undefined>;
  /** The ended calls of a fax, oldest first, and the record of an end without one: at most its newest 100. */
  callRecords(fax: FaxId): Promise<CallRecord[]>;
  /** All that match, in order of time, without holding them in memory. */
  streamCdrs(query: Omit<CdrQuery, 'limit' | 'cursor'>): AsyncIterable<Cdr>;
  counts(): Promise<Readonly<Record<string, number>>>;
  /** Calls that have not ended, at most `limit`, and what waits: of one account, or of all. */
  live(limit: number, account?: AccountId): Promise<LiveFigures>;
}
