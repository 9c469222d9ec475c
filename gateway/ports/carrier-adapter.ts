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
  /** `stream`: pages go out piece by piece as the line takes them; `push`/`pull`: one file. */
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
}

/**
 * Steps of a placed call, in order. A carrier yields each *before* the thing that it names happens and goes on only
 * when the next one is asked for: the caller writes its journal in between. So between `answered` and the next request
 * stands gate 2, and no byte of page k leaves before `page_started` k has been taken and another step was asked for.
 */
export type CallStep =
  | { readonly type: 'ringing' }
  | { readonly type: 'answered' }
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
  /** The call was answered and image data may come. */
  answered(remoteId: string | null): Promise<void>;
  /** Opens page k; its T.6 data follow in `write` (the chunk is consumed before the promise resolves and may be zeroed after it). */
  beginPage(info: IncomingPageInfo): Promise<void>;
  write(chunk: Uint8Array): Promise<void>;
  /** The page is whole: resolves when it is sealed and durable, and only then may the carrier confirm it (MCF). */
  endPage(report: { readonly rows: number; readonly line: LineReport }): Promise<void>;
  /** The page is not good: what was written is dropped and it comes again. */
  dropPage(): Promise<void>;
  /** The call is over, after any number of pages. */
  ended(result: CallResult): Promise<void>;
}

/** Who takes incoming calls: the reception stage. */
export interface CallReception {
  /** A call rings. `refused` names the cause to give to the far side. */
  offer(call: {
    readonly carrier: string;
    readonly reference: string;
    readonly from: E164 | null;
    readonly to: E164;
  }): Promise<{ readonly accepted: IncomingCall } | { readonly refused: Cause }>;
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
}

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
  /** What became of the call with this reference; `unknown` when the carrier cannot say. */
  lookup(reference: string): Promise<LookupAnswer>;
  /** Takes the carrier's callbacks. Absent: it has none, or they are not needed. Never throws. */
  callback?(request: CarrierCallback): Promise<CallbackAnswer>;
  /** Erases what the carrier keeps of an ended call, and makes sure. Absent: it keeps nothing. Never throws. */
  purge?(reference: string): Promise<PurgeReport>;
  health(): Promise<{ readonly ok: boolean; readonly detail: string }>;
}
