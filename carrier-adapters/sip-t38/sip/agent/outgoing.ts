import type { DigestClient } from '../digest.ts';
import {
  formatNameAddr,
  q850Cause,
  type ReceivedRequest,
  type ReceivedResponse,
  responseTo,
} from '../message/index.ts';
import type { Alarm } from './alarms.ts';
import { sdpOf } from './body.ts';
import type { Call } from './call.ts';
import type { Core } from './core.ts';
import { Dialog } from './dialog.ts';
import { Exchange, type ExchangeListener, type Failure, type Sent } from './exchange.ts';
import { cseqOf, dismiss, reason } from './in-dialog.ts';
import type { Destination } from './io.ts';
import { FORKS, REDIRECTIONS } from './limits.ts';
import type { CallOrder } from './orders.ts';
import { whereabouts } from './path.ts';
import { redirectedTo } from './redirection.ts';
import { refusalOf, signalOf } from './refusal.ts';
import { requestOf } from './request.ts';
import { ALLOW } from './self.ts';
import { type End, Session } from './session.ts';
import { askedInterval, leastAsked } from './session-interval.ts';
import { findTargets } from './targets.ts';
import { LEAST_SESSION, RING_WAIT } from './timers.ts';
import type { Trunk } from './trunk.ts';
import { fromValue, identity, numberUri } from './trunk-uri.ts';

/** What a placed call is made of. */
export interface OutgoingParts {
  readonly id: string;
  readonly trunk: Trunk;
  /** E.164 with `+`. */
  readonly to: string;
  readonly from: string | null;
  readonly sdp: string;
  /** The call is over: it is known no more. */
  readonly ended: (end: End, now: number) => void;
}

/** A placed call: INVITE until it is answered (RFC 3261 §13.2), then a session. */
export class OutgoingCall implements Call {
  readonly id: string;
  readonly callId: string;
  readonly localTag: string;
  readonly #core: Core;
  readonly #parts: OutgoingParts;
  readonly #digest: DigestClient | null;
  #uri: string;
  #cseq: number;
  #least = LEAST_SESSION;
  #redirections = 0;
  #exchange: Exchange | null = null;
  #session: Session | null = null;
  #remoteTag: string | null = null;
  /** Descriptions of provisional responses by the tag of their early dialog. */
  readonly #early = new Map<string, string | null>();
  /** Tags of forks that were sent away. */
  readonly #dismissed = new Set<string | null>();
  /** What the call will end with, once it is canceled. */
  #leaving: { readonly end: End; readonly cause: number } | null = null;
  #ring: Alarm | null = null;
  #over = false;

  constructor(core: Core, parts: OutgoingParts) {
    this.#core = core;
    this.#parts = parts;
    this.id = parts.id;
    this.callId = parts.id;
    this.localTag = core.word(8);
    this.#digest = core.digestFor(parts.trunk);
    this.#uri = numberUri(parts.trunk, parts.to);
    this.#cseq = 0;
  }

  start(now: number): void {
    this.#ring = this.#core.alarms.set(now + RING_WAIT, (at) => {
      this.#cancel({ by: 'network', status: 408, cause: null, detail: 'nobody answered' }, 19, at);
    });
    this.#core.findTargets(this.#parts.trunk, now, (targets, at) => this.#invite(targets, at));
  }

  order(order: CallOrder, now: number): void {
    if (order.type === 'hang_up') this.#hangUp(order.cause, now);
    else if (order.type === 'offer') this.#session?.offer(order.sdp, now);
    else if (order.type === 'accept_offer') this.#session?.acceptOffer(order.sdp, now);
    else if (order.type === 'refuse_offer') this.#session?.refuseOffer(order.status, order.warning, now);
  }

  request(server: number, request: ReceivedRequest, now: number): void {
    if (this.#session !== null) this.#session.request(server, request, now);
    else this.#earlyRequest(server, request, now);
  }

  ack(request: ReceivedRequest, now: number): void {
    this.#session?.ack(request, now);
  }

  canceled(server: number, _request: ReceivedRequest, now: number): void {
    this.#session?.canceled(server, now);
  }

  #invite(targets: readonly Destination[], now: number): void {
    if (this.#over) return;
    const parts = {
      trunk: this.#parts.trunk,
      call: this.id,
      digest: this.#digest,
      targets,
      compose: (to: Destination) => this.#compose(to),
    };
    const listener: ExchangeListener = {
      provisional: (response) => this.#provisional(response),
      success: (response, sent, at) => this.#success(response, sent, at),
      failure: (failure, at) => this.#failure(failure, targets, at),
    };
    this.#exchange = new Exchange(this.#core, parts, listener);
    this.#exchange.start(now);
  }

  #compose(to: Destination) {
    const { trunk, from, sdp } = this.#parts;
    return requestOf({
      method: 'INVITE',
      uri: this.#uri,
      from: fromValue(trunk, from, this.localTag),
      to: formatNameAddr({ uri: numberUri(trunk, this.#parts.to) }),
      callId: this.callId,
      cseq: ++this.#cseq,
      headers: [
        ['Contact', this.#core.self.contact(trunk, to.transport)],
        ['Allow', ALLOW],
        ...askedInterval(this.#core.options.sessionExpires, this.#least, null),
        ...identity(trunk, from),
        ...this.#core.product,
      ],
      sdp,
    });
  }

  #provisional(response: ReceivedResponse): void {
    const tag = response.toTag ?? '';
    const sdp = sdpOf(response);
    if (this.#early.size < FORKS || this.#early.has(tag)) {
      this.#early.set(tag, sdp === 'other' ? null : (sdp ?? this.#early.get(tag) ?? null));
    }
    if (this.#leaving !== null || response.status < 180 || response.status > 183) return;
    this.#core.emit({ type: 'ringing', call: this.id, status: response.status, sdp: sdp === 'other' ? null : sdp });
  }

  #success(response: ReceivedResponse, sent: Sent, now: number): void {
    if (this.#session !== null && response.toTag === this.#remoteTag) this.#session.repeatAck(sent);
    else if (this.#session !== null || this.#over) this.#sendAway(response, sent, 16, now);
    else if (this.#leaving !== null) this.#sendAway(response, sent, this.#leaving.cause, now, this.#leaving.end);
    else this.#answered(response, sent, now);
  }

  #answered(response: ReceivedResponse, sent: Sent, now: number): void {
    const sdp = this.#answerOf(response);
    if (sdp === null) {
      const end: End = { by: 'network', status: 488, cause: null, detail: 'the answer has no session description' };
      this.#leaving = { end, cause: 111 };
      this.#sendAway(response, sent, 111, now, end);
      return;
    }
    this.#ring?.cancel();
    this.#remoteTag = response.toTag;
    const session = new Session(
      this.#core,
      {
        call: this.id,
        trunk: this.#parts.trunk,
        dialog: this.#dialogOf(response, sent),
        origin: sent.to,
        digest: this.#digest,
        ownsCallId: true,
        sdp: this.#parts.sdp,
        ended: (end, at) => this.#end(end, at),
      },
      now,
    );
    this.#session = session;
    session.established(response, sent, now);
    this.#core.emit({ type: 'answered', call: this.id, sdp });
  }

  /** The answer to our offer; some peers give it in a provisional response alone, which §13.2.1 does not allow them. */
  #answerOf(response: ReceivedResponse): string | null {
    const sdp = sdpOf(response);
    if (sdp !== null && sdp !== 'other') return sdp;
    return this.#early.get(response.toTag ?? '') ?? null;
  }

  #dialogOf(response: ReceivedResponse, sent: Sent): Dialog {
    return Dialog.ofResponse(sent.request, this.localTag, cseqOf(sent), response);
  }

  /** A 2xx that nobody wants: of a fork, or one that crossed our CANCEL (§9.1, §13.2.2.4). */
  #sendAway(response: ReceivedResponse, sent: Sent, cause: number, now: number, end?: End): void {
    if (this.#dismissed.has(response.toTag) || this.#dismissed.size >= FORKS) return;
    this.#dismissed.add(response.toTag);
    const { trunk } = this.#parts;
    const dialog = this.#dialogOf(response, sent);
    const parts = { call: this.id, trunk, dialog, digest: this.#digest, invite: sent };
    dismiss(this.#core, parts, cause, now, (at) => {
      if (end !== undefined) this.#end(end, at);
    });
  }

  #failure(failure: Failure, targets: readonly Destination[], now: number): void {
    if (this.#over) return;
    if (this.#leaving !== null) {
      this.#end(this.#leaving.end, now);
      return;
    }
    if (this.#again(failure, targets, now)) return;
    const { status, response, detail } = failure;
    const cause = response === null ? null : (q850Cause(response.headers) ?? null);
    this.#end({ by: response === null ? 'network' : 'remote', status, cause, detail }, now);
  }

  /** Refusals that name another place (§8.1.3.4) or a longer session (RFC 4028 §7.3). */
  #again({ status, response, request }: Failure, targets: readonly Destination[], now: number): boolean {
    if (response === null || request === null) return false;
    const least = status === 422 ? leastAsked(request, response) : null;
    if (least !== null) {
      this.#least = least;
      this.#invite(targets, now);
      return true;
    }
    const uri = redirectedTo(response, this.#parts.trunk, this.#core);
    if (uri === null || ++this.#redirections > REDIRECTIONS) return false;
    this.#uri = uri;
    this.#redirect(uri, targets, now);
    return true;
  }

  #redirect(uri: string, targets: readonly Destination[], now: number): void {
    const { trunk } = this.#parts;
    const where = trunk.outboundProxy === null ? whereabouts(uri, trunk, this.#core) : null;
    this.#exchange = null;
    if (where === null) {
      this.#invite(targets, now);
      return;
    }
    const finding = { lookups: this.#core.lookups, chance: () => this.#core.chance() };
    findTargets(where.host, where.transport, finding, now, (found, at) => this.#invite(found, at));
  }

  /** Before the answer, the far side can hardly want anything but to end. */
  #earlyRequest(server: number, request: ReceivedRequest, now: number): void {
    this.#core.step(this.id, 'heard', signalOf(request.method));
    const isOurs = this.#early.has(request.fromTag ?? '');
    const refusal = refusalOf(request.method, isOurs);
    const status = !isOurs ? 481 : request.method === 'UPDATE' ? 491 : 200;
    const response = responseTo(request, refusal?.status ?? status, refusal?.parts ?? {});
    this.#core.answer(this.id, server, response, now);
    if (request.method !== 'BYE' || !isOurs) return;
    // BYE has overtaken its 200: what comes later is sent away.
    const cause = q850Cause(request.headers) ?? null;
    this.#exchange?.cancel(reason(cause ?? 16), now);
    this.#end({ by: 'remote', status: null, cause, detail: 'ended by the far side' }, now);
  }

  #hangUp(cause: number, now: number): void {
    if (this.#session !== null) this.#session.hangUp(cause, now);
    else this.#cancel({ by: 'local', status: 487, cause, detail: 'canceled by us' }, cause, now);
  }

  #cancel(end: End, cause: number, now: number): void {
    if (this.#session !== null || this.#leaving !== null || this.#over) return;
    this.#leaving = { end, cause };
    if (this.#exchange === null) this.#end(end, now);
    else this.#exchange.cancel(reason(cause), now);
  }

  #end(end: End, now: number): void {
    if (this.#over) return;
    this.#over = true;
    this.#ring?.cancel();
    this.#parts.ended(end, now);
  }
}
