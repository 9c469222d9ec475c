import type { DigestClient } from '../digest.ts';
import { formatNameAddr, type ReceivedResponse, type SipRequest } from '../message/index.ts';
import type { Core } from './core.ts';
import { Dialog } from './dialog.ts';
import { Exchange, type Failure, type Sent } from './exchange.ts';
import { cseqOf, dismiss, reason } from './in-dialog.ts';
import type { Destination } from './io.ts';
import { requestOf } from './request.ts';
import { ALLOW, SUPPORTED } from './self.ts';
import type { Trunk } from './trunk.ts';
import { fromValue, ownUri, trunkUri } from './trunk-uri.ts';

/** What a trunk can be asked without a call to anybody. */
export type Question =
  | { readonly method: 'OPTIONS' }
  /** Without `contact` the registrar only tells its bindings (RFC 3261 §10.2.3). `expires` 0 takes `contact` back. */
  | { readonly method: 'REGISTER'; readonly contact: 'own' | string | null; readonly expires: number }
  /** Calls `user`, which should be no telephone number; it is canceled as soon as anything rings, and cut when it is answered. */
  | { readonly method: 'INVITE'; readonly user: string; readonly sdp: string };

/** What came of a question. */
export interface Inquired {
  /** Of the final response; 408 and 503 without one are our own finding (RFC 3261 §8.1.3.1). */
  readonly status: number;
  readonly response: ReceivedResponse | null;
  /** The request as it went out last; null: there was nowhere to send it. */
  readonly request: SipRequest | null;
  /** Where that was. */
  readonly to: Destination | null;
  /** All places that the trunk's name leads to, best first. */
  readonly targets: readonly Destination[];
  /** From the first sending to the answer, challenges included. */
  readonly ms: number;
  /** Whether 180 to 183 came. */
  readonly rang: boolean;
  /** Why there is no response, in a few words. */
  readonly detail: string;
}

/** Q.850 cause of calls that nobody was meant to take. */
const NORMAL_CLEARING = 16;
/** ms after which a call that was neither refused nor rings is canceled. */
const CALL_TIME = 15_000;

/** Asks a trunk one question; `done` is called once. */
export function inquire(
  core: Core,
  parts: { readonly inquiry: string; readonly trunk: Trunk; readonly question: Question },
  now: number,
  done: (answer: Inquired) => void,
): void {
  core.findTargets(parts.trunk, now, (targets, at) => new Inquiry(core, parts, targets, done).start(at));
}

class Inquiry {
  readonly #core: Core;
  readonly #id: string;
  readonly #trunk: Trunk;
  readonly #question: Question;
  readonly #targets: readonly Destination[];
  readonly #done: (answer: Inquired) => void;
  readonly #callId: string;
  readonly #tag: string;
  readonly #digest: DigestClient | null;
  readonly #exchange: Exchange;
  #cseq = 0;
  #to: Destination | null = null;
  #since = 0;
  #rang = false;
  #told = false;

  constructor(
    core: Core,
    parts: { readonly inquiry: string; readonly trunk: Trunk; readonly question: Question },
    targets: readonly Destination[],
    done: (answer: Inquired) => void,
  ) {
    this.#core = core;
    this.#id = parts.inquiry;
    this.#trunk = parts.trunk;
    this.#question = parts.question;
    this.#targets = targets;
    this.#done = done;
    this.#callId = core.word(12);
    this.#tag = core.word(8);
    this.#digest = core.digestFor(parts.trunk);
    const exchange = {
      trunk: parts.trunk,
      call: null,
      digest: this.#digest,
      targets,
      compose: (to: Destination) => this.#compose(to),
    };
    this.#exchange = new Exchange(core, exchange, {
      provisional: (response, now) => this.#proceed(response, now),
      success: (response, sent, now) => this.#succeed(response, sent, now),
      failure: (failure, now) => this.#fail(failure, now),
    });
  }

  start(now: number): void {
    this.#since = now;
    if (this.#question.method === 'INVITE') {
      this.#core.alarms.set(now + CALL_TIME, (at) => this.#exchange.cancel(reason(NORMAL_CLEARING), at));
    }
    this.#exchange.start(now);
  }

  #compose(to: Destination): SipRequest {
    this.#to = to;
    const common = { callId: this.#callId, cseq: ++this.#cseq };
    const question = this.#question;
    switch (question.method) {
      case 'OPTIONS':
        return requestOf({ ...common, ...this.#options(to) });
      case 'REGISTER':
        return requestOf({ ...common, ...this.#register(to, question) });
      case 'INVITE':
        return requestOf({ ...common, ...this.#invite(to, question) });
    }
  }

  #options(to: Destination) {
    const { host, port } = this.#trunk.server;
    const uri = trunkUri(null, host, port);
    const headers = [this.#contact(to), ['Accept', 'application/sdp'] as const, ...this.#core.product];
    const from = fromValue(this.#trunk, null, this.#tag);
    return { method: 'OPTIONS', uri, from, to: formatNameAddr({ uri }), headers };
  }

  #register(to: Destination, { contact, expires }: Extract<Question, { readonly method: 'REGISTER' }>) {
    const address = ownUri(this.#trunk, this.#trunk.user);
    const said = contact === 'own' ? this.#contact(to) : (['Contact', formatNameAddr({ uri: contact ?? '' })] as const);
    const binding = contact === null ? [] : [said, ['Expires', String(expires)] as const];
    return {
      method: 'REGISTER',
      uri: trunkUri(null, this.#trunk.server.host, null),
      from: formatNameAddr({ uri: address, params: new Map([['tag', this.#tag]]) }),
      to: formatNameAddr({ uri: address }),
      headers: [...binding, ...this.#core.product],
    };
  }

  #invite(to: Destination, { user, sdp }: Extract<Question, { readonly method: 'INVITE' }>) {
    const uri = trunkUri(user, this.#trunk.server.host, this.#trunk.server.port);
    return {
      method: 'INVITE',
      uri,
      from: fromValue(this.#trunk, null, this.#tag),
      to: formatNameAddr({ uri }),
      headers: [this.#contact(to), ['Allow', ALLOW] as const, ['Supported', SUPPORTED] as const, ...this.#core.product],
      sdp,
    };
  }

  #contact(to: Destination) {
    return ['Contact', this.#core.self.contact(this.#trunk, to.transport)] as const;
  }

  #proceed({ status }: ReceivedResponse, now: number): void {
    if (this.#question.method !== 'INVITE' || status < 180 || this.#rang) return;
    this.#rang = true;
    this.#exchange.cancel(reason(NORMAL_CLEARING), now);
  }

  #succeed(response: ReceivedResponse, sent: Sent, now: number): void {
    if (this.#question.method === 'INVITE') this.#hangUp(response, sent, now);
    this.#tell({ status: response.status, response, request: sent.request, detail: '' }, now);
  }

  #hangUp(response: ReceivedResponse, invite: Sent, now: number): void {
    const dialog = Dialog.ofResponse(invite.request, this.#tag, cseqOf(invite), response);
    const parts = { call: this.#id, trunk: this.#trunk, dialog, digest: this.#digest, invite };
    dismiss(this.#core, parts, NORMAL_CLEARING, now);
  }

  #fail(failure: Failure, now: number): void {
    this.#tell(failure, now);
  }

  #tell({ status, response, request, detail }: Failure, now: number): void {
    if (this.#told) return;
    this.#told = true;
    this.#done({
      ...{ status, response, request, detail },
      to: this.#to,
      targets: this.#targets,
      ms: now - this.#since,
      rang: this.#rang,
    });
  }
}
