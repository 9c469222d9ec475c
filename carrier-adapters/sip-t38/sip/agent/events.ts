import type { Inquired } from './inquiry.ts';

/** What the agent tells the layer of calls; see `Order` for what `call` is. SDP is passed on as it came (≤ 64 KiB). */
export type AgentEvent =
  /** A call comes in; `ring`, `answer`, `reject` or `hang_up` is due. */
  | IncomingEvent
  /** Placed call: 180 to 183; `sdp` when it brought one (early media). May come several times. */
  | { readonly type: 'ringing'; readonly call: string; readonly status: number; readonly sdp: string | null }
  /** Placed call: 200 with the answer to our offer; ACK has been sent. */
  | { readonly type: 'answered'; readonly call: string; readonly sdp: string }
  /** Incoming call: ACK for our 200 has come, with the answer if the offer was ours. */
  | { readonly type: 'confirmed'; readonly call: string }
  /** The far side offers anew by re-INVITE or UPDATE; `accept_offer` or `refuse_offer` is due. Null: it wants our offer. */
  | { readonly type: 'offered'; readonly call: string; readonly sdp: string | null }
  /** Our offer was taken. */
  | { readonly type: 'offer_answered'; readonly call: string; readonly sdp: string }
  /**
   * Our offer was refused; the session stays as it was. 491: the far side's own offer came first and was taken (waits and
   * repetitions of RFC 3261 §14.1 are the agent's), or another one is under way.
   */
  | { readonly type: 'offer_refused'; readonly call: string; readonly status: number }
  /** The call is over, once and whatever the reason; its id is forgotten. */
  | EndedEvent
  /** How a trunk stands, on each change. */
  | TrunkEvent
  | ProbedEvent
  | InquiredEvent
  /** A line of the call ladder: a request by its method, a response by status and reason, e.g. `200 OK`; holds no number. */
  | {
      readonly type: 'step';
      readonly call: string;
      readonly direction: 'sent' | 'heard';
      readonly signal: string;
      /** CSeq's method of a response, `T.38` or such is up to others. */
      readonly info?: string;
    }
  /** All is unregistered and ended after `stop`. */
  | { readonly type: 'stopped' };

/** A call that comes in. Its strings are the peer's claim; numbers are personal data. */
export interface IncomingEvent {
  readonly type: 'incoming';
  readonly call: string;
  readonly trunk: string;
  /** User part of the Request-URI, unescaped, at most 64 characters: usually digits with or without `+`. */
  readonly to: string;
  /** Of P-Asserted-Identity if there is one, else of From; null: withheld or none. */
  readonly from: string | null;
  /** Null: the INVITE has no offer and wants ours in `answer`. */
  readonly sdp: string | null;
}

/** How a call ended. */
export interface EndedEvent {
  readonly type: 'ended';
  readonly call: string;
  /** `local`: by our order; `remote`: by the far side; `network`: no answer, no route, transport or session timer. */
  readonly by: 'local' | 'remote' | 'network';
  /** Final status of the INVITE (408 and 503 also when they are our own finding, RFC 3261 §8.1.3.1); null: the call had been answered. */
  readonly status: number | null;
  /** Q.850 cause of a Reason header, 1 to 127. */
  readonly cause: number | null;
  /** Why, in a few words without anything personal. */
  readonly detail: string;
}

/** How a trunk stands. */
export interface TrunkEvent {
  readonly type: 'trunk';
  readonly trunk: string;
  readonly state: 'resolved' | 'unresolvable' | 'registered' | 'register_failed' | 'unregistered';
  /** Status of the registrar's refusal; 408 or 503 as in `ended`; null without one. */
  readonly status: number | null;
  /** Registered: seconds granted. Failed: seconds until the next try. Null otherwise. */
  readonly seconds: number | null;
  readonly detail: string;
}

/** What came of an OPTIONS probe. */
export interface ProbedEvent {
  readonly type: 'probed';
  readonly probe: string;
  /** Any SIP response means that the trunk lives; null: none came (or the name did not resolve, see `detail`). */
  readonly status: number | null;
  /** Where the response came from, e.g. `udp 192.0.2.1:5060`; the tried targets when none came. */
  readonly detail: string;
  /** Methods of Allow. */
  readonly allow: readonly string[];
}

/** What came of an `inquire`: the response with its headers and body, for whoever checks a trunk. Numbers may stand in it. */
export interface InquiredEvent {
  readonly type: 'inquired';
  readonly inquiry: string;
  readonly answer: Inquired;
}
