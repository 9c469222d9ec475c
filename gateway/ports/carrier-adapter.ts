import type { CallResult, LineReport } from '../fax/call-result.ts';
import type { Cause } from '../fax/cause.ts';
import type { E164 } from '../fax/number.ts';
import type { LineSettings } from '../fax/policy.ts';

/** What a carrier can do; the dispatch stage and the retry rules ask here, never for a carrier's name. */
export interface CarrierCapabilities {
  /** The same reference placed twice is one call. */
  readonly idempotencyKey: boolean;
  /** A call can be found again by its reference. */
  readonly lookupByRef: boolean;
  readonly perPageStatus: boolean;
  readonly cancellable: boolean;
  readonly inbound: 'none' | 'push' | 'poll';
  /** False: it is set up for receiving only, and no route leads over it. Left out: it sends. */
  readonly outbound?: boolean;
  /** `stream`: pages go out piece by piece as the line takes them; `push`: one file; `pull`: it fetches one by `OutgoingCall.link`. */
  readonly mediaDelivery: 'stream' | 'push' | 'pull';
  /** We drive the call ourselves, so that a dead worker's far machine hangs up by itself (T.30 T1, T2). */
  readonly leaseBound: boolean;
}

/** Geometry of a page to be sent, and its coded data piece by piece (T.6, decrypted; each chunk is zeroed when the next is asked for). */
export interface OutgoingPage {
  /** 1-based within the fax. */
  readonly number: number;
  readonly width: number;
  readonly rows: number;
  readonly xDpi: number;
  readonly yDpi: number;
  readonly bytes: number;
  open(): AsyncIterable<Uint8Array>;
}

/** What a link gives: the pages as TIFF (profile F of RFC 3949) or PDF, pixel by pixel the same. */
export type MediaFormat = 'tiff' | 'pdf';

/** A link by which the carrier itself fetches the pages of one call, once. It holds only while the call is live. */
export interface MediaLink {
  /**
   * Makes the link; called once, after the first `page_started`. The URL has 256 random bits in its path and ends with
   * `/REFERENCE.tiff` or `.pdf`. Undefined: the fax's account does not allow links.
   *
   * @param wanted.ttl seconds, at most 600
   * @param wanted.sources CIDR rules of who may fetch; none: anybody who has the URL
   * @throws Error when the records do not answer
   */
  open(wanted: {
    readonly format: MediaFormat;
    readonly ttl: number;
    readonly sources: readonly string[];
  }): Promise<URL | undefined>;
  /** Ends the link. `unseen`: nobody has begun to fetch and nobody can: no page has left. @throws Error as `open` */
  revoke(): Promise<'seen' | 'unseen'>;
}

/** One call to place. */
export interface OutgoingCall {
  readonly reference: string;
  readonly from: E164 | null;
  readonly to: E164;
  /** Transmitting subscriber identification, ≤ 20 characters. */
  readonly csid: string;
  readonly settings: LineSettings;
  /** Pages from the first one not yet confirmed to the last. */
  readonly pages: readonly OutgoingPage[];
  /** Aborted on cancel (`reason` is 'canceled'), on drain's end, or when the lease is lost ('fenced': nothing more may be sent but DCN/BYE). */
  readonly signal: AbortSignal;
  /** For carriers with `mediaDelivery: 'pull'`, where the gateway can be reached; the caller ends it with the call. */
  readonly link?: MediaLink;
}

/**
 * Steps of a placed call, in order. A carrier yields each *before* the thing that it names happens and goes on only
 * when the next one is asked for: the caller writes its journal in between. So between `answered` and the next request
 * stands gate 2, and no byte of page k leaves before `page_started` k has been taken and another step was asked for.
 */
export type CallStep =
  | { readonly type: 'ringing' }
  | { readonly type: 'answered' }
  /**
   * A carrier that takes a whole fax has taken this one under an id of its own (1 to 200 printable ASCII characters):
   * yielded once, before anything that follows the fax, so that whoever comes after a crash can ask for it.
   */
  | { readonly type: 'taken'; readonly carrierId: string }
  | { readonly type: 'negotiated'; readonly remoteId: string | null; readonly line: LineReport }
  | { readonly type: 'page_started'; readonly page: number }
  | { readonly type: 'progress'; readonly page: number; readonly sent: number; readonly line: LineReport }
  | { readonly type: 'page_confirmed'; readonly page: number; readonly line: LineReport }
  | { readonly type: 'retrain'; readonly page: number };

/** What a look-up by reference found. */
export type LookupAnswer =
  | { readonly found: 'never_placed' }
  | { readonly found: 'live' }
  | { readonly found: 'ended'; readonly result: CallResult }
  | { readonly found: 'unknown' };

/** A page that comes in. */
export interface IncomingPageInfo {
  readonly width: number;
  readonly xDpi: number;
  readonly yDpi: number;
}

/** Where a carrier puts an incoming call's pages. Each promise is a promise to the caller on the line. */
export interface IncomingCall {
  /**
   * The call was answered and image data may come. `subaddress`: digits of T.30's SUB, from a carrier that offered the call
   * as `subaddressed`. A rejection ends the call before any page: nobody has this subaddress.
   */
  answered(remoteId: string | null, subaddress?: string | null): Promise<void>;
  /** Opens page k; its T.6 data follow in `write` (the chunk is consumed before the promise resolves and may be zeroed after it). */
  beginPage(info: IncomingPageInfo): Promise<void>;
  write(chunk: Uint8Array): Promise<void>;
  /** The page is whole: resolves when it is sealed and durable, and only then may the carrier confirm it (MCF). */
  endPage(report: { readonly rows: number; readonly line: LineReport }): Promise<void>;
  /** The page is not good: what was written is dropped and it comes again. */
  dropPage(): Promise<void>;
  /**
   * The call is over, after any number of pages. `copy` is for calls that were offered as stored; left out: `purge` when
   * the cause is `ok`, else `take_again`. What fails on our side makes it `take_again`, whatever is said here. Of a stored
   * call it rejects when the end could not be written: the fax will be offered again.
   */
  ended(result: CallResult, copy?: CarrierCopy): Promise<void>;
}

/**
 * What is to become of the carrier's copy of a received fax. `purge`: all of it is durable here; the gateway has the
 * carrier erase it (`CarrierAdapter.purge`), the adapter does not. `take_again`: the pages of this try are dropped, and the
 * next offer is accepted. `leave`: nothing here can read it; it stays where it is and is not taken again.
 */
export type CarrierCopy = 'purge' | 'take_again' | 'leave';

/** A call that rings. */
export interface OfferedCall {
  readonly carrier: string;
  /** Of a stored fax: the carrier's own id of it. */
  readonly reference: string;
  readonly from: E164 | null;
  readonly to: E164;
  /**
   * The carrier keeps the whole fax under `reference` until it is purged: it is taken once, over all processes and all
   * restarts, and what was taken of it only in part is dropped and taken again.
   */
  readonly stored?: true;
  /** The carrier hears T.30's SUB and tells it with `answered`: who receives the call may be decided then. */
  readonly subaddressed?: true;
}

/**
 * What is known of a stored fax that is offered again. `receiving`: it is being taken now. `received`: it is here, and its
 * purge at the carrier is under way. `rejected`: it ended as `leave`.
 */
export type KnownFax = 'receiving' | 'received' | 'rejected';

/** Who takes incoming calls: the reception stage. */
export interface CallReception {
  /** A call rings. `refused` names the cause to give to the far side; with `known` the fax was offered before, and nothing is lost. */
  offer(
    call: OfferedCall,
  ): Promise<{ readonly accepted: IncomingCall } | { readonly refused: Cause; readonly known?: KnownFax }>;
}

/** What an operator allows of a carrier, over all processes; null is no limit. */
export interface CarrierLimits {
  /** Outbound calls at once. */
  readonly maxCalls: number | null;
  readonly callsPerSecond: number | null;
}

/** A callback of a carrier as it came in; nothing of it has been checked. */
export interface CarrierCallback {
  readonly method: string;
  /** Path and query as they were asked for. A signature over a URL takes its origin from the settings, never from here. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Exactly the octets that a signature covers. */
  readonly body: Uint8Array;
  /** Address that it came from. */
  readonly source: string;
}

/** What the carrier is answered. */
export interface CallbackAnswer {
  readonly status: number;
  readonly contentType?: string;
  readonly body?: string;
}

/**
 * What became of the carrier's own copies. `purged`: deleted, and looked for again and not found. `kept`: the carrier said
 * no, or did not answer; it is tried again. `none`: it never had any, or keeps none.
 */
export interface PurgeReport {
  readonly outcome: 'purged' | 'kept' | 'none';
  /** The carrier's own words, for the receipt; never a number or page content. */
  readonly detail: string;
  /** Of `kept`: another try cannot change it, so none is made. */
  readonly final?: true;
}

/** A number that the account has at a carrier. */
export interface CarrierNumber {
  readonly number: E164;
  /** What the carrier calls it, or where it is; may be empty. */
  readonly label: string;
}

/** The account's numbers at a carrier, or in a few words why they are not known. */
export type CarrierNumbers =
  | { readonly ok: true; readonly numbers: readonly CarrierNumber[] }
  | { readonly ok: false; readonly detail: string };

/** A configured carrier. Every implementation passes the conformance suite in test/conformance. */
export interface CarrierAdapter {
  /** Name in the configuration, kept in calls and CDRs. */
  readonly name: string;
  /** Folder name of the adapter. */
  readonly kind: string;
  readonly capabilities: CarrierCapabilities;
  /** Left out: none. */
  readonly limits?: CarrierLimits;
  /** Connects, and hands every incoming call to `reception` from then on. */
  start(reception: CallReception): Promise<void>;
  /** No new incoming calls; live ones end by themselves. */
  drain(): Promise<void>;
  /** Closes everything; live calls are cut. */
  stop(): Promise<void>;
  /** Places one call. The generator returns its result and never throws for anything that a line or peer does. */
  place(call: OutgoingCall): AsyncGenerator<CallStep, CallResult>;
  /**
   * What became of the call with this reference; `unknown` when the carrier cannot say.
   *
   * @param carrierId what the call's `taken` named; left out when it never came that far
   */
  lookup(reference: string, carrierId?: string): Promise<LookupAnswer>;
  /** Takes the carrier's callbacks. Absent: it has none, or they are not needed. Never throws. */
  callback?(request: CarrierCallback): Promise<CallbackAnswer>;
  /**
   * Octets that the body of a callback may have, judged by all that comes before it; absent: 262,144. For carriers that put
   * a fax into the callback: whoever has not shown who they are must not fill the memory.
   */
  callbackLimit?(head: Omit<CarrierCallback, 'body'>): number;
  /**
   * Erases what the carrier keeps of an ended call, and makes sure. Absent: it keeps nothing. Never throws. Asked again
   * after `kept`, a crash, or by hand, so that it is idempotent.
   *
   * @param reference ours of a call that was placed; the carrier's of a fax that was received
   * @param carrierId as for `lookup`
   */
  purge?(reference: string, carrierId?: string): Promise<PurgeReport>;
  /** Numbers by which faxes may come in. Absent: the carrier's API lists none. Never throws. */
  numbers?(): Promise<CarrierNumbers>;
  health(): Promise<{ readonly ok: boolean; readonly detail: string }>;
}
