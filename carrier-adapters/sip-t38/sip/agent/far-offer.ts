import { type ReceivedRequest, type ResponseParts, responseTo, type SipResponse, tokens } from '../message/index.ts';
import { T1, T2 } from '../transaction/index.ts';
import type { Alarm } from './alarms.ts';
import { sdpOf } from './body.ts';
import type { Core } from './core.ts';
import { ALLOW } from './self.ts';
import { grantInterval, type HeaderPairs, type SessionInterval } from './session-interval.ts';
import { ACK_WAIT } from './timers.ts';

/** What offers of the far side need of their session. */
export interface OfferedSession {
  readonly call: string;
  readonly localTag: string;
  /** A re-INVITE of ours has no final response yet. */
  readonly inviting: boolean;
  /** Value of Contact. */
  readonly contact: string;
  /** The description that holds from now on. */
  agreed(sdp: string): void;
  /** A 2xx was sent: the target may be another one, and the session timer begins anew. */
  refreshed(request: ReceivedRequest, interval: SessionInterval | null, now: number): void;
  /** An INVITE transaction of the far side is over; `taken`: with a 2xx, acknowledged. */
  settled(taken: boolean, now: number): void;
  /** Our 2xx was never acknowledged (RFC 3261 §13.3.1.4). */
  unacknowledged(now: number): void;
}

/** An offer, or a wish for one, that the layer of calls has not answered. */
interface Open {
  readonly server: number;
  readonly request: ReceivedRequest;
  readonly interval: SessionInterval | null;
  readonly headers: HeaderPairs;
}

/** A 2xx to INVITE that is repeated until its ACK comes. */
interface Unacknowledged {
  readonly server: number;
  readonly cseq: number;
  readonly response: SipResponse;
  /** The offer was ours: its answer comes with ACK. */
  readonly offered: string | null;
  repeat: Alarm;
  readonly end: Alarm;
}

/** INVITE, re-INVITE and UPDATE of the far side, from the request to the ACK. */
export class FarOffer {
  readonly #core: Core;
  readonly #session: OfferedSession;
  #open: Open | null = null;
  #unacknowledged: Unacknowledged | null = null;

  constructor(core: Core, session: OfferedSession) {
    this.#core = core;
    this.#session = session;
  }

  /** Whether an INVITE of the far side is under way: ours may not begin (RFC 3261 §14.1). */
  get busy(): boolean {
    return this.#open !== null || this.#unacknowledged !== null;
  }

  /** A re-INVITE or UPDATE came; its CSeq is in order. */
  take(server: number, request: ReceivedRequest, now: number): void {
    const sdp = sdpOf(request);
    if (sdp === 'other') this.#respond(server, request, 415, { headers: [['Accept', 'application/sdp']] }, now);
    else if (request.method === 'UPDATE' && sdp === null) this.#refresh(server, request, now);
    else if (this.#open !== null) this.#respond(server, request, 500, { headers: [this.#soon()] }, now);
    // RFC 5407 §3.1.5: an answer of theirs is due in an ACK that has not come yet.
    else if (this.#session.inviting || this.#answerIsDue) this.#respond(server, request, 491, {}, now);
    else this.#offer(server, request, sdp, now);
  }

  /** Takes the first INVITE of an incoming call, which `answer` follows at once. */
  begin(server: number, request: ReceivedRequest, interval: SessionInterval | null, headers: HeaderPairs): void {
    this.#open = { server, request, interval, headers };
  }

  /** 200 with an answer, or with an offer where the request had none. */
  accept(sdp: string, now: number): void {
    const open = this.#open;
    if (open === null) return;
    this.#open = null;
    const response = this.#ok(open.request, open.headers, sdp);
    this.#core.answer(this.#session.call, open.server, response, now);
    const offered = sdpOf(open.request) === null ? sdp : null;
    if (offered === null) this.#session.agreed(sdp);
    if (open.request.method === 'INVITE') this.#repeat(open, response, offered, now);
    this.#session.refreshed(open.request, open.interval, now);
    if (open.request.method !== 'INVITE') this.#session.settled(true, now);
  }

  /** 488 or 606. `warning`: value of Warning (RFC 3261 §20.43). */
  refuse(status: number, warning: string | null, now: number): void {
    const open = this.#open;
    if (open === null) return;
    this.#open = null;
    const headers = warning === null ? [] : [['Warning', warning] as const];
    this.#respond(open.server, open.request, status, { headers }, now);
    this.#session.settled(false, now);
  }

  /** CANCEL of a re-INVITE. */
  canceled(server: number, now: number): void {
    if (this.#open?.server === server) this.refuse(487, null, now);
  }

  /** ACK to a 2xx. */
  acknowledged(request: ReceivedRequest, now: number): void {
    const waiting = this.#unacknowledged;
    if (waiting === null || waiting.cseq !== request.cseq.number) return;
    this.#stopRepeating();
    if (waiting.offered !== null) this.#takeAnswer(waiting.offered, request);
    this.#session.settled(true, now);
  }

  /** The session is over: a request without an answer gets 487 (RFC 3261 §15.1.2). */
  close(now: number): void {
    this.#stopRepeating();
    const open = this.#open;
    this.#open = null;
    if (open !== null) this.#respond(open.server, open.request, 487, {}, now);
  }

  get #answerIsDue(): boolean {
    return this.#unacknowledged !== null && this.#unacknowledged.offered !== null;
  }

  #offer(server: number, request: ReceivedRequest, sdp: string | null, now: number): void {
    const grant = grantInterval(request, this.#core.options.sessionExpires);
    if (!grant.granted) {
      this.#respond(server, request, 422, { headers: [['Min-SE', String(grant.least)]] }, now);
      return;
    }
    // A new request says that our last 2xx has come, even where its ACK was lost (RFC 5407 §3.1.4).
    const lostAck = this.#unacknowledged !== null;
    this.#stopRepeating();
    this.#open = { server, request, interval: grant.interval, headers: grant.headers };
    if (lostAck) this.#session.settled(true, now);
    this.#core.emit({ type: 'offered', call: this.#session.call, sdp });
  }

  /** UPDATE without an offer: only the session timer and the target (RFC 4028 §7.4, RFC 3311 §5.2). */
  #refresh(server: number, request: ReceivedRequest, now: number): void {
    const grant = grantInterval(request, this.#core.options.sessionExpires);
    if (!grant.granted) {
      this.#respond(server, request, 422, { headers: [['Min-SE', String(grant.least)]] }, now);
      return;
    }
    this.#core.answer(this.#session.call, server, this.#ok(request, grant.headers, null), now);
    this.#session.refreshed(request, grant.interval, now);
  }

  #ok(request: ReceivedRequest, interval: HeaderPairs, sdp: string | null): SipResponse {
    const headers: HeaderPairs = [
      ['Contact', this.#session.contact],
      ['Allow', ALLOW],
      ['Supported', 'timer'],
      ...interval,
    ];
    const body = sdp === null ? {} : { body: utf8.encode(sdp), contentType: 'application/sdp' };
    return responseTo(request, 200, { toTag: this.#session.localTag, headers, ...body });
  }

  /** RFC 3261 §13.3.1.4: also over streams, since a proxy may have lost it on a hop behind. */
  #repeat(open: Open, response: SipResponse, offered: string | null, now: number): void {
    const { alarms } = this.#core;
    const end = alarms.set(now + ACK_WAIT, (at) => {
      this.#stopRepeating();
      this.#session.unacknowledged(at);
    });
    const repeat = this.#repeatAt(open.server, response, T1, now);
    this.#unacknowledged = { server: open.server, cseq: open.request.cseq.number, response, offered, repeat, end };
  }

  #repeatAt(server: number, response: SipResponse, interval: number, now: number): Alarm {
    return this.#core.alarms.set(now + interval, (at) => {
      const waiting = this.#unacknowledged;
      if (waiting?.server !== server) return;
      this.#core.respond(server, response, at);
      waiting.repeat = this.#repeatAt(server, response, Math.min(2 * interval, T2), at);
    });
  }

  #stopRepeating(): void {
    this.#unacknowledged?.repeat.cancel();
    this.#unacknowledged?.end.cancel();
    this.#unacknowledged = null;
  }

  #takeAnswer(offered: string, request: ReceivedRequest): void {
    const { call } = this.#session;
    const sdp = sdpOf(request);
    if (sdp === null || sdp === 'other') {
      this.#core.emit({ type: 'offer_refused', call, status: 488 });
      return;
    }
    this.#session.agreed(offered);
    this.#core.emit({ type: 'offer_answered', call, sdp });
  }

  /** Between 0 and 10 seconds (RFC 3261 §14.2). */
  #soon(): readonly [string, string] {
    return ['Retry-After', String(Math.floor(this.#core.chance() * 11))];
  }

  #respond(server: number, request: ReceivedRequest, status: number, parts: ResponseParts, now: number): void {
    const response = responseTo(request, status, { toTag: this.#session.localTag, ...parts });
    this.#core.answer(this.#session.call, server, response, now);
  }
}

/** Whether the sender of a message takes UPDATE (RFC 3311 §4). */
export function takesUpdate(message: { readonly headers: ReceivedRequest['headers'] }): boolean {
  return (tokens(message.headers, 'allow') ?? []).includes('UPDATE');
}

const utf8 = new TextEncoder();
