import type { DigestClient } from '../digest.ts';
import {
  q850Cause,
  type ReceivedRequest,
  type ReceivedResponse,
  type ResponseParts,
  responseTo,
} from '../message/index.ts';
import type { Core } from './core.ts';
import type { Dialog } from './dialog.ts';
import type { EndedEvent } from './events.ts';
import type { Failure, Sent } from './exchange.ts';
import { FarOffer, type OfferedSession, takesUpdate } from './far-offer.ts';
import { acknowledge, ask, cseqOf, type DialogWay, sayBye } from './in-dialog.ts';
import type { Destination, NetworkOutput } from './io.ts';
import { type InviteListener, type OfferingSession, OwnOffer } from './own-offer.ts';
import { Path } from './path.ts';
import { refusalOf, requirementOf, signalOf } from './refusal.ts';
import { ALLOW, SUPPORTED } from './self.ts';
import {
  agreedInterval,
  askedInterval,
  type Granted,
  type HeaderPairs,
  leastAsked,
  type SessionInterval,
} from './session-interval.ts';
import { SessionTimer, type SessionTimerListener } from './session-timer.ts';
import { LEAST_SESSION } from './timers.ts';
import type { Trunk } from './trunk.ts';

/** How a call ended, as event `ended` says it. */
export type End = Omit<EndedEvent, 'type' | 'call'>;

/** What an answered call is made of. */
export interface SessionParts {
  readonly call: string;
  readonly trunk: Trunk;
  readonly dialog: Dialog;
  /** Where the INVITE went or came from. */
  readonly origin: Destination;
  readonly digest: DigestClient | null;
  /** A placed call: the Call-ID is ours. */
  readonly ownsCallId: boolean;
  /** The description of ours that holds. */
  readonly sdp: string;
  /** Told once, when nothing is left to be done. */
  readonly ended: (end: End, now: number) => void;
}

/** An answered call: its dialog from the 2xx to BYE (RFC 3261 §12 to §15). */
export class Session implements OfferingSession, OfferedSession, SessionTimerListener {
  readonly call: string;
  readonly ownsCallId: boolean;
  readonly #core: Core;
  readonly #parts: SessionParts;
  readonly #way: DialogWay;
  readonly #own: OwnOffer;
  readonly #far: FarOffer;
  readonly #timer: SessionTimer;
  /** Seconds that a session timer has at least; a 422 raises it. */
  #least = LEAST_SESSION;
  #interval: SessionInterval | null = null;
  #peerTakesUpdate = false;
  /** The description of ours that was agreed last. */
  #sdp: string;
  /** The last ACK that we sent, by the CSeq of its INVITE. */
  #ack: { readonly cseq: number; readonly sent: readonly NetworkOutput[] } | null = null;
  /** False: an incoming call whose 2xx has no ACK yet; BYE has to wait for it (§15). */
  #confirmed: boolean;
  #leaving: { readonly end: End; readonly cause: number } | null = null;
  #over = false;

  constructor(core: Core, parts: SessionParts, now: number) {
    this.#core = core;
    this.#parts = parts;
    this.call = parts.call;
    this.ownsCallId = parts.ownsCallId;
    this.#sdp = parts.sdp;
    this.#confirmed = parts.ownsCallId;
    this.#own = new OwnOffer(core, this);
    this.#far = new FarOffer(core, this);
    this.#timer = new SessionTimer(core, this);
    this.#way = { ...parts, path: new Path(core, parts.trunk, parts.origin) };
    this.#way.path.lead(parts.dialog.nextHop, now);
  }

  get localTag(): string {
    return this.#parts.dialog.localTag;
  }

  get inviting(): boolean {
    return this.#own.inviting;
  }

  get mayInvite(): boolean {
    return !this.#far.busy && this.#leaving === null && !this.#over;
  }

  get contact(): string {
    return this.#core.self.contact(this.#parts.trunk, this.#parts.origin.transport);
  }

  /** Placed call: the 2xx has come; ACK goes out and the session timer starts (§13.2.2.4). */
  established(response: ReceivedResponse, sent: Sent, now: number): void {
    this.#peerTakesUpdate = takesUpdate(response);
    this.#acknowledge(sent, now);
    this.#restart(agreedInterval(response), now);
  }

  /** A 2xx of this dialog that was acknowledged before has come again. */
  repeatAck(sent: Sent): void {
    if (this.#ack?.cseq === cseqOf(sent)) for (const output of this.#ack.sent) this.#core.send(output);
  }

  /** Incoming call: 200 goes out, and again until its ACK comes (§13.3.1.4). */
  answer(server: number, request: ReceivedRequest, grant: Granted, sdp: string, now: number): void {
    this.#peerTakesUpdate = takesUpdate(request);
    this.#far.begin(server, request, grant.interval, grant.headers);
    this.#far.accept(sdp, now);
  }

  // Orders of the layer of calls.

  offer(sdp: string, now: number): void {
    if (this.#leaving === null && !this.#over) this.#own.offer(sdp, now);
  }

  acceptOffer(sdp: string, now: number): void {
    this.#far.accept(sdp, now);
  }

  refuseOffer(status: number, warning: string | null, now: number): void {
    this.#far.refuse(status, warning, now);
  }

  hangUp(cause: number, now: number): void {
    this.#leave({ by: 'local', status: null, cause, detail: 'ended by us' }, cause, now);
  }

  // Requests of the far side.

  /** A request with the tag of this call. */
  request(server: number, request: ReceivedRequest, now: number): void {
    const { dialog } = this.#parts;
    this.#core.step(this.call, 'heard', signalOf(request.method));
    if (!dialog.has(request)) this.#respond(server, request, 481, {}, now);
    else if (!dialog.takeCSeq(request.cseq.number)) this.#respond(server, request, 500, {}, now);
    else if (request.method === 'BYE') this.#takeBye(server, request, now);
    else if (this.#leaving !== null) this.#respond(server, request, 481, {}, now);
    else this.#take(server, request, now);
  }

  /** An ACK with the tag of this call. */
  ack(request: ReceivedRequest, now: number): void {
    if (!this.#parts.dialog.has(request)) return;
    this.#core.step(this.call, 'heard', 'ACK');
    this.#far.acknowledged(request, now);
  }

  canceled(server: number, now: number): void {
    this.#far.canceled(server, now);
  }

  // What offers, ours and theirs, want of their session.

  invite(sdp: string, listener: InviteListener, now: number): void {
    const headers = (to: Destination) => [...this.#refreshHeaders(to), ['Allow', ALLOW] as const];
    const success = (response: ReceivedResponse, sent: Sent, at: number) => {
      if (this.#ack?.cseq === cseqOf(sent)) {
        this.repeatAck(sent);
        return;
      }
      this.#retarget(response, at);
      this.#acknowledge(sent, at);
      if (!this.#over) this.#restart(agreedInterval(response), at);
      listener.success(response, at);
    };
    ask(this.#core, this.#way, { method: 'INVITE', headers, sdp }, { ...listener, success }, now);
  }

  agreed(sdp: string): void {
    this.#sdp = sdp;
  }

  raiseInterval(least: number): void {
    this.#least = Math.max(this.#least, least);
  }

  refreshed(request: ReceivedRequest, interval: SessionInterval | null, now: number): void {
    this.#retarget(request, now);
    this.#restart(interval, now);
  }

  settled(taken: boolean, now: number): void {
    const isFirst = !this.#confirmed;
    this.#confirmed = true;
    if (this.#leaving !== null) this.#bye(now);
    else if (isFirst) this.#core.emit({ type: 'confirmed', call: this.call });
    else if (taken) this.#own.superseded(now);
    this.#own.unblocked(now);
  }

  unacknowledged(now: number): void {
    const waited = !this.#confirmed;
    this.#confirmed = true; // BYE waits no longer (§15, §13.3.1.4)
    if (waited && this.#leaving !== null) this.#bye(now);
    this.#leave({ by: 'network', status: null, cause: null, detail: 'our answer was never acknowledged' }, 102, now);
  }

  lost({ status, detail }: Failure, now: number): void {
    const why = status === 481 ? 'the far side does not know the call any more' : detail;
    this.#leave({ by: 'network', status: null, cause: null, detail: why }, 41, now);
  }

  // Session timer.

  refresh(now: number): void {
    if (this.#peerTakesUpdate) this.#update(now);
    else this.#own.refresh(this.#sdp, now);
  }

  expired(now: number): void {
    this.#leave({ by: 'network', status: null, cause: null, detail: 'the session timer has run out' }, 102, now);
  }

  /** UPDATE without an offer: it does not touch the media (RFC 4028 §7.4). */
  #update(now: number): void {
    const headers = (to: Destination) => this.#refreshHeaders(to);
    const success = (response: ReceivedResponse, _sent: Sent, at: number) => {
      this.#retarget(response, at);
      if (!this.#over) this.#restart(agreedInterval(response), at);
    };
    const failure = (failed: Failure, at: number) => this.#updateFailed(failed, at);
    ask(this.#core, this.#way, { method: 'UPDATE', headers }, { success, failure }, now);
  }

  #updateFailed(failure: Failure, now: number): void {
    if (this.#leaving !== null || this.#over) return;
    const { status, response, request } = failure;
    const least = status === 422 && response && request ? leastAsked(request, response) : null;
    if (least !== null) {
      this.raiseInterval(least);
      this.#update(now);
    } else if (response === null || status === 481 || status === 408) this.lost(failure, now);
    else {
      this.#peerTakesUpdate = false;
      this.#own.refresh(this.#sdp, now);
    }
  }

  #refreshHeaders(to: Destination): HeaderPairs {
    const seconds = this.#interval?.seconds ?? this.#core.options.sessionExpires;
    // Who refreshes now goes on to do so (RFC 4028 §7.4); of this request we are the UAC.
    const refresher = this.#interval === null ? null : this.#interval.refresher === 'us' ? 'uac' : 'uas';
    return [
      ['Contact', this.#core.self.contact(this.#parts.trunk, to.transport)],
      ...askedInterval(seconds, this.#least, refresher),
    ];
  }

  #restart(interval: SessionInterval | null, now: number): void {
    if (this.#leaving !== null || this.#over) return;
    this.#interval = interval;
    this.#timer.restart(interval, now);
  }

  #retarget(message: ReceivedRequest | ReceivedResponse, now: number): void {
    const { dialog } = this.#parts;
    if (!this.#over && dialog.refresh(message)) this.#way.path.lead(dialog.nextHop, now);
  }

  #acknowledge(invite: Sent, now: number): void {
    const cseq = cseqOf(invite);
    this.#ack = { cseq, sent: [] };
    acknowledge(this.#core, this.#way, invite, now, (sent) => {
      this.#ack = { cseq, sent };
    });
  }

  #take(server: number, request: ReceivedRequest, now: number): void {
    const refusal = refusalOf(request.method, true) ?? requirementOf(request);
    if (refusal !== null) this.#respond(server, request, refusal.status, refusal.parts, now);
    else if (request.method === 'INVITE' || request.method === 'UPDATE') this.#far.take(server, request, now);
    // OPTIONS (§11.2) and INFO, of which a fax call needs nothing.
    else this.#respond(server, request, 200, { headers: ABILITIES }, now);
  }

  #takeBye(server: number, request: ReceivedRequest, now: number): void {
    this.#respond(server, request, 200, {}, now);
    const cause = q850Cause(request.headers) ?? null;
    this.#end(this.#leaving?.end ?? { by: 'remote', status: null, cause, detail: 'ended by the far side' }, now);
  }

  #respond(server: number, request: ReceivedRequest, status: number, parts: ResponseParts, now: number): void {
    const response = responseTo(request, status, { toTag: this.localTag, ...parts });
    this.#core.answer(this.call, server, response, now);
  }

  #leave(end: End, cause: number, now: number): void {
    if (this.#leaving !== null || this.#over) return;
    this.#leaving = { end, cause };
    this.#quiet(now);
    if (this.#confirmed) this.#bye(now);
  }

  #bye(now: number): void {
    const leaving = this.#leaving;
    if (leaving === null || this.#over) return;
    sayBye(this.#core, this.#way, leaving.cause, now, (at) => this.#end(leaving.end, at));
  }

  #quiet(now: number): void {
    this.#timer.stop();
    this.#own.close();
    // What waits for ACK goes on waiting: BYE may not come before it.
    if (this.#confirmed) this.#far.close(now);
  }

  #end(end: End, now: number): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer.stop();
    this.#own.close();
    this.#far.close(now);
    this.#way.path.release();
    this.#parts.ended(end, now);
  }
}

const ABILITIES: HeaderPairs = [
  ['Allow', ALLOW],
  ['Accept', 'application/sdp'],
  ['Supported', SUPPORTED],
];
