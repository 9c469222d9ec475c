import type { CallLadder } from '../../../gateway/fax/ladder.ts';
import type { Codec, Endpoint, ErrorCorrection } from '../sdp/media.ts';
import type { AgentEvent, EndedEvent } from '../sip/agent/events.ts';
import type { Order } from '../sip/agent/orders.ts';
import type { AnswererOptions } from '../t30/machine.ts';
import type { Outcome } from '../t30/outcome.ts';
import type { PageGeometry, PageTerms } from '../t30/page-terms.ts';
import type { LineState, RemoteStation } from '../t30/remote-station.ts';
import type { Pace } from '../t38/terminal-io.ts';
import type { Recovery } from '../udptl/options.ts';

/** What both directions of a call are made of. */
interface Terms {
  /** Id of the call at the SIP agent. */
  readonly call: string;
  /** What SDP says of our media port. */
  readonly local: Endpoint;
  /** Best first. */
  readonly codecs: readonly Codec[];
  /** ms until we ask for T.38 ourselves: after the answer, or of an answerer after its ACK. */
  readonly t38Wait: number;
  /** bit/s. */
  readonly maxRate: number;
  readonly ecm: boolean;
  readonly errorCorrection: ErrorCorrection;
  /** What `errorCorrection` means here in numbers. */
  readonly recovery: Recovery;
  /** `agreed`: that of a modem until both ends turn out to be Internet-aware. Left out: that of a gateway's modem. */
  readonly pace?: Pace | 'agreed';
  /** Media is taken from wherever it comes first. */
  readonly latch: boolean;
  /** TSI or CSI. */
  readonly stationId: string;
  readonly random: (octets: number) => Uint8Array;
}

/** A call to place. */
export interface PlacedCall extends Terms {
  readonly direction: 'out';
  readonly trunk: string;
  readonly to: string;
  readonly from: string | null;
  readonly pages: readonly PageGeometry[];
  /** ms that it may ring. */
  readonly ringTime: number;
}

/** A call that has come in and is to be taken. */
export interface TakenCall extends Terms {
  readonly direction: 'in';
  /** Null: the caller wants our offer. */
  readonly offer: string | null;
  /** The machine that takes it; left out: one that records every width. */
  readonly machine?: Partial<Pick<AnswererOptions, 'width' | 'refusesTraining'>>;
}

export type FaxCallOptions = PlacedCall | TakenCall;

/** What a call is told. */
export type CallInput =
  /** Places or answers it; once, first. */
  | { readonly type: 'begin' }
  /** Taken: refuses it instead; the status of its INVITE and the Q.850 cause of its Reason. */
  | { readonly type: 'refuse'; readonly status: number; readonly cause: number }
  /** An event of the SIP agent that bears this call's id. */
  | { readonly type: 'agent'; readonly event: AgentEvent }
  /** A datagram at its media port; it may be changed afterwards. */
  | { readonly type: 'media'; readonly datagram: Uint8Array; readonly from: Endpoint }
  /** Placed: the page that `want_page` asked for, coded by its terms. Zeroed by the caller after the call has let go of it. */
  | { readonly type: 'page'; readonly coded: Uint8Array }
  | { readonly type: 'page_missing' }
  /** Taken: the answer to `page_end`. */
  | { readonly type: 'page_verdict'; readonly verdict: 'good' | 'fair' | 'bad' | 'failed' }
  /** Ends it decently, DCN and BYE; no image octet leaves from now on. */
  | { readonly type: 'end'; readonly why: EndWish }
  /** Ends it at once, BYE alone. */
  | { readonly type: 'cut'; readonly why: EndWish }
  /** Nothing more will be heard of it: what is known is told now. */
  | { readonly type: 'abandon' }
  /** The deadline has come. */
  | { readonly type: 'time' };

/** Why we end a call: on request, or because we must or stop. */
export type EndWish = 'canceled' | 'stopped' | 'cut';

/** What a call wants done or says. */
export type CallOutput =
  | { readonly type: 'order'; readonly order: Order }
  /** The receiver owns the datagram, and zeroes it once it has left. */
  | { readonly type: 'media'; readonly datagram: Uint8Array; readonly to: Endpoint }
  | { readonly type: 'event'; readonly event: CallEvent }
  /** The media port is no longer needed; after this only the agent's `ended` may follow. */
  | { readonly type: 'release' };

/** What happens in a call, as a fax sees it. Pages are counted from 0 within the call. */
export type CallEvent =
  | { readonly type: 'ringing' }
  | { readonly type: 'answered' }
  | { readonly type: 'identified'; readonly remote: RemoteStation }
  | { readonly type: 'negotiated'; readonly line: LineState }
  | { readonly type: 'want_page'; readonly index: number; readonly terms: PageTerms }
  | { readonly type: 'page_progress'; readonly index: number; readonly octets: number }
  | { readonly type: 'page_confirmed'; readonly index: number; readonly line: LineState }
  | { readonly type: 'retrain' }
  | { readonly type: 'page_begin'; readonly terms: PageTerms }
  /** The receiver owns the octets. */
  | { readonly type: 'page_data'; readonly octets: Uint8Array; readonly gap: number }
  | { readonly type: 'page_end'; readonly line: LineState }
  | { readonly type: 'page_void' }
  /** The last event. */
  | { readonly type: 'over'; readonly end: CallEnd };

/** How a call ended, before it is mapped to a cause. */
export type Ending =
  /** It was never answered. */
  | { readonly by: 'refusal'; readonly ended: EndedEvent }
  /** It rang for too long. */
  | { readonly by: 'ring_time' }
  /** Nothing of a fax was heard. */
  | { readonly by: 'silence' }
  /** No T.38 although a fax machine is there, or no media at all that both sides have. */
  | { readonly by: 'media'; readonly detail: string }
  | { readonly by: 'procedure'; readonly outcome: Outcome }
  /** SIP ended it after the answer. */
  | { readonly by: 'hang_up'; readonly ended: EndedEvent }
  | { readonly by: 'wish'; readonly why: EndWish };

/** What is known of a call that has ended. */
export interface CallEnd {
  readonly ending: Ending;
  readonly pagesConfirmed: number;
  /** A page has begun to leave (placed) or to come (taken) and is not confirmed. */
  readonly pageInFlight: boolean;
  /** That page was followed by its post-message command: nothing but the confirmation is missing. */
  readonly pageWhole: boolean;
  readonly remote: RemoteStation | null;
  readonly line: LineState | null;
  readonly ladder: CallLadder;
}
