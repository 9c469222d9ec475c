import type { Question } from './inquiry.ts';

/**
 * What the layer of calls tells the agent. `call` is the id of a call: for a placed call the gateway's reference, which is
 * also its Call-ID; for an incoming one the id that event `incoming` gave. An order for a call that is over is ignored.
 */
export type Order =
  /** Registers the trunks that want it and takes calls from now on. */
  | { readonly type: 'start' }
  /** No new calls; calls that live go on. */
  | { readonly type: 'drain' }
  /** Unregisters; what still lives is ended with BYE or CANCEL. Event `stopped` follows. */
  | { readonly type: 'stop' }
  /** Places a call with an offer (RFC 3264 §5). Numbers are E.164 with `+`; `from` null: the user of the trunk. */
  | {
      readonly type: 'place';
      readonly call: string;
      readonly trunk: string;
      readonly to: string;
      readonly from: string | null;
      readonly sdp: string;
    }
  /** Incoming call: 180 Ringing. */
  | { readonly type: 'ring'; readonly call: string }
  /** Incoming call: 200 with an answer (with an offer, when `incoming` had no SDP; its answer comes as `offer_answered`). */
  | { readonly type: 'answer'; readonly call: string; readonly sdp: string }
  /** Incoming call: a final refusal, 300 to 699. */
  | { readonly type: 'reject'; readonly call: string; readonly status: number; readonly cause: number | null }
  /**
   * A new offer within an answered call, by re-INVITE. One at a time: a second one is refused at once (`offer_refused` 491).
   * Ends in `offer_answered` or `offer_refused`, or in `ended`.
   */
  | { readonly type: 'offer'; readonly call: string; readonly sdp: string }
  /** Answers `offered` (with an offer of ours, when that had no SDP). */
  | { readonly type: 'accept_offer'; readonly call: string; readonly sdp: string }
  /** Refuses `offered`: 488 or 606, with a value of Warning (RFC 3261 §20.43) when given. */
  | { readonly type: 'refuse_offer'; readonly call: string; readonly status: number; readonly warning: string | null }
  /**
   * Ends the call whatever its state: CANCEL, a refusal with 487 or 480, or BYE; `cause` is the Q.850 cause in Reason
   * (RFC 3326), 16 for a normal end. Event `ended` follows when the far side has answered or T1 × 64 have passed.
   */
  | { readonly type: 'hang_up'; readonly call: string; readonly cause: number }
  /** Asks a trunk with OPTIONS (RFC 3261 §11); `probed` follows. */
  | { readonly type: 'probe'; readonly probe: string; readonly trunk: string }
  /** Asks a trunk one of the questions of `inquiry.ts`; `inquired` follows. */
  | { readonly type: 'inquire'; readonly inquiry: string; readonly trunk: string; readonly question: Question };

/** Orders that belong to one live call. */
export type CallOrder = Exclude<Extract<Order, { readonly call: string }>, { readonly type: 'place' }>;
