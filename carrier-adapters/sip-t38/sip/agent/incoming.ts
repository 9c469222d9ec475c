import { q850Cause, type ReceivedRequest, type ResponseParts, responseTo } from '../message/index.ts';
import type { Alarm } from './alarms.ts';
import { sdpOf } from './body.ts';
import type { Call } from './call.ts';
import type { Core } from './core.ts';
import type { Dialog } from './dialog.ts';
import { reason } from './in-dialog.ts';
import type { Destination } from './io.ts';
import type { CallOrder } from './orders.ts';
import { refusalOf, signalOf } from './refusal.ts';
import { ALLOW } from './self.ts';
import { type End, Session } from './session.ts';
import type { Granted } from './session-interval.ts';
import { RING_REPEAT, RING_WAIT } from './timers.ts';
import type { Trunk } from './trunk.ts';

/** What a taken call is made of. */
export interface IncomingParts {
  readonly id: string;
  readonly trunk: Trunk;
  readonly server: number;
  readonly request: ReceivedRequest;
  readonly dialog: Dialog;
  readonly origin: Destination;
  readonly granted: Granted;
  readonly ended: (end: End, now: number) => void;
}

/** A taken call: from its INVITE to our answer (RFC 3261 §13.3), then a session. */
export class IncomingCall implements Call {
  readonly id: string;
  readonly callId: string;
  readonly localTag: string;
  readonly #core: Core;
  readonly #parts: IncomingParts;
  #session: Session | null = null;
  #ring: Alarm | null = null;
  readonly #wait: Alarm;
  #over = false;

  constructor(core: Core, parts: IncomingParts, now: number) {
    this.#core = core;
    this.#parts = parts;
    this.id = parts.id;
    this.callId = parts.dialog.callId;
    this.localTag = parts.dialog.localTag;
    this.#wait = core.alarms.set(now + RING_WAIT, (at) => {
      this.#refuse(480, 19, { by: 'network', status: 480, cause: 19, detail: 'nobody took the call' }, at);
    });
  }

  /** The INVITE that it came with. */
  get invite(): ReceivedRequest {
    return this.#parts.request;
  }

  order(order: CallOrder, now: number): void {
    switch (order.type) {
      case 'ring':
        this.#startRinging(now);
        return;
      case 'answer':
        this.#answer(order.sdp, now);
        return;
      case 'reject':
        this.#reject(order.status, order.cause, now);
        return;
      case 'hang_up':
        if (this.#session === null) this.#reject(480, order.cause, now);
        else this.#session.hangUp(order.cause, now);
        return;
      case 'offer':
        this.#session?.offer(order.sdp, now);
        return;
      case 'accept_offer':
        this.#session?.acceptOffer(order.sdp, now);
        return;
      case 'refuse_offer':
        this.#session?.refuseOffer(order.status, order.warning, now);
        return;
    }
  }

  request(server: number, request: ReceivedRequest, now: number): void {
    if (this.#session !== null) this.#session.request(server, request, now);
    else this.#earlyRequest(server, request, now);
  }

  ack(request: ReceivedRequest, now: number): void {
    this.#session?.ack(request, now);
  }

  /** CANCEL of the INVITE itself is answered with 487 (§9.2). */
  canceled(server: number, request: ReceivedRequest, now: number): void {
    if (this.#session !== null) {
      this.#session.canceled(server, now);
      return;
    }
    this.#core.step(this.id, 'heard', 'CANCEL');
    const cause = q850Cause(request.headers) ?? null;
    this.#refuse(487, null, { by: 'remote', status: 487, cause, detail: 'canceled by the far side' }, now);
  }

  /** 180, again each minute so that no proxy gives the call up (§13.3.1.1). */
  #startRinging(now: number): void {
    if (this.#session !== null || this.#over) return;
    this.#ring?.cancel();
    this.#respond(
      180,
      {
        headers: [
          ['Contact', this.#contact],
          ['Allow', ALLOW],
        ],
      },
      now,
    );
    this.#ring = this.#core.alarms.set(now + RING_REPEAT, (at) => this.#startRinging(at));
  }

  #answer(sdp: string, now: number): void {
    if (this.#session !== null || this.#over) return;
    this.#ring?.cancel();
    this.#wait.cancel();
    const { trunk, dialog, origin, server, request, granted } = this.#parts;
    const session = new Session(
      this.#core,
      {
        call: this.id,
        trunk,
        dialog,
        origin,
        digest: this.#core.digestFor(trunk),
        ownsCallId: false,
        sdp,
        ended: (end, at) => this.#end(end, at),
      },
      now,
    );
    this.#session = session;
    session.answer(server, request, granted, sdp, now);
  }

  #reject(status: number, cause: number | null, now: number): void {
    if (this.#session !== null) return;
    this.#refuse(status, cause, { by: 'local', status, cause, detail: 'refused by us' }, now);
  }

  #refuse(status: number, cause: number | null, end: End, now: number): void {
    if (this.#over) return;
    const headers = cause === null ? [] : [['Reason', reason(cause)] as const];
    this.#respond(status, { headers }, now);
    this.#end(end, now);
  }

  /** Within the early dialog that our 180 has made. */
  #earlyRequest(server: number, request: ReceivedRequest, now: number): void {
    const { dialog } = this.#parts;
    this.#core.step(this.id, 'heard', signalOf(request.method));
    const status = !dialog.has(request) ? 481 : dialog.takeCSeq(request.cseq.number) ? 200 : 500;
    if (status === 200) this.#earlyMethod(server, request, now);
    else this.#core.answer(this.id, server, responseTo(request, status), now);
  }

  #earlyMethod(server: number, request: ReceivedRequest, now: number): void {
    const { method } = request;
    const refusal = refusalOf(method, true);
    // A new offer while ours is due (RFC 3311 §5.2), or a second INVITE before the first is answered (§14.2).
    const tooEarly = method === 'INVITE' || (method === 'UPDATE' && sdpOf(request) !== null);
    const soon = { headers: [['Retry-After', '2'] as const] };
    const [status, parts] = tooEarly ? [500, soon] : [200, {}];
    const response = responseTo(request, refusal?.status ?? status, refusal?.parts ?? parts);
    this.#core.answer(this.id, server, response, now);
    if (method !== 'BYE') return;
    const cause = q850Cause(request.headers) ?? null;
    this.#refuse(487, null, { by: 'remote', status: 487, cause, detail: 'ended by the far side' }, now);
  }

  get #contact(): string {
    return this.#core.self.contact(this.#parts.trunk, this.#parts.origin.transport);
  }

  #respond(status: number, parts: ResponseParts, now: number): void {
    const response = responseTo(this.#parts.request, status, { toTag: this.localTag, ...parts });
    this.#core.answer(this.id, this.#parts.server, response, now);
  }

  #end(end: End, now: number): void {
    if (this.#over) return;
    this.#over = true;
    this.#ring?.cancel();
    this.#wait.cancel();
    this.#parts.ended(end, now);
  }
}
