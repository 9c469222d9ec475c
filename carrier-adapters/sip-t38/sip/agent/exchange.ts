import type { DigestClient } from '../digest.ts';
import { type ReceivedResponse, reasonPhrase, retryAfter, type SipRequest } from '../message/index.ts';
import type { Core } from './core.ts';
import type { Destination } from './io.ts';
import { CHALLENGES } from './limits.ts';
import type { Trunk } from './trunk.ts';

/** What one request needs to be sent, perhaps several times. */
export interface ExchangeParts {
  readonly trunk: Trunk;
  /** Whose ladder it belongs to; null: of no call. */
  readonly call: string | null;
  /** Answers challenges; null: they are final. */
  readonly digest: DigestClient | null;
  /** Where to try, in order; the next one only while no answer came (RFC 3263 §4.3). */
  readonly targets: readonly Destination[];
  /** The request for one try, each with a CSeq above the last one (RFC 3261 §22.2). */
  readonly compose: (to: Destination) => SipRequest;
}

/** Who waits for the end of an exchange. */
export interface ExchangeListener {
  /** 101 to 199. */
  provisional?(response: ReceivedResponse, now: number): void;
  /** 2xx; to INVITE each time one comes, also of forks. */
  success(response: ReceivedResponse, sent: Sent, now: number): void;
  /** A final refusal, once; without response 408 or 503 of our own finding (RFC 3261 §8.1.3.1). */
  failure(failure: Failure, now: number): void;
}

/** A request as it went out. */
export interface Sent {
  readonly request: SipRequest;
  readonly to: Destination;
}

/** Why a request came to nothing. */
export interface Failure {
  readonly status: number;
  readonly response: ReceivedResponse | null;
  /** What was refused; null: nothing could be sent. */
  readonly request: SipRequest | null;
  readonly detail: string;
}

const NO_TARGET: Failure = { status: 503, response: null, request: null, detail: 'the host has no address' };

/** One request until its final response: through targets that fail and challenges. */
export class Exchange {
  readonly #core: Core;
  readonly #parts: ExchangeParts;
  readonly #listener: ExchangeListener;
  readonly #targets: Destination[];
  #client: string | null = null;
  #challenges = 0;
  #provisional = false;
  #heard = 0;
  #canceled = false;
  #over = false;
  #unlearn = () => {};

  constructor(core: Core, parts: ExchangeParts, listener: ExchangeListener) {
    this.#core = core;
    this.#parts = parts;
    this.#listener = listener;
    this.#targets = [...parts.targets];
  }

  start(now: number): void {
    const to = this.#targets.shift();
    if (to === undefined) this.#fail(NO_TARGET, now);
    else this.#send(to, now);
  }

  /** INVITE only: CANCEL goes out when it may (RFC 3261 §9.1), and nothing is tried any more. */
  cancel(reason: string, now: number): void {
    this.#canceled = true;
    if (this.#over || this.#client === null) return;
    this.#step('sent', 'CANCEL');
    this.#core.transact({ type: 'cancel', client: this.#client, reason }, now);
  }

  #send(to: Destination, now: number): void {
    const { compose, digest } = this.#parts;
    const plain = compose(to);
    const request = digest?.authorize(plain) ?? plain;
    this.#unlearn();
    this.#unlearn = this.#core.gate.learn(to.remote.address);
    this.#step('sent', request.method);
    const sent = { request, to };
    this.#client = this.#core.request(
      request,
      to,
      {
        response: (response, at) => this.#take(response, sent, at),
        failed: (why, at) => this.#unanswered(why, sent, at),
      },
      now,
    );
  }

  #take(response: ReceivedResponse, sent: Sent, now: number): void {
    this.#hear(response);
    this.#core.resting.wake(sent.to);
    this.#core.learn(this.#parts.trunk, sent.to.transport, response, now);
    if (response.status < 200) this.#proceed(response, now);
    else if (response.status < 300) this.#succeed(response, sent, now);
    else this.#refused(response, sent, now);
  }

  /** Provisional responses that are repeated stand in the ladder once. */
  #hear({ status, cseq }: ReceivedResponse): void {
    if (status < 200 && status === this.#heard) return;
    this.#heard = status;
    this.#step('heard', `${status} ${reasonPhrase(status)}`, cseq.method);
  }

  #proceed(response: ReceivedResponse, now: number): void {
    if (this.#over || response.status === 100) return;
    this.#provisional = true;
    this.#listener.provisional?.(response, now);
  }

  #succeed(response: ReceivedResponse, sent: Sent, now: number): void {
    this.#over = true;
    this.#unlearn();
    this.#listener.success(response, sent, now);
  }

  #refused(response: ReceivedResponse, sent: Sent, now: number): void {
    if (this.#over) return;
    if (this.#answerChallenge(response, sent, now)) return;
    if (response.status === 503) {
      this.#core.resting.rest(sent.to, retryAfter(response.headers), now);
      if (this.#tryNext(now)) return;
    }
    const { request } = sent;
    this.#fail({ status: response.status, response, request, detail: 'refused by the far side' }, now);
  }

  /** 401 and 407 (RFC 3261 §22.2, §22.3). */
  #answerChallenge(response: ReceivedResponse, { request, to }: Sent, now: number): boolean {
    if (response.status !== 401 && response.status !== 407) return false;
    if (this.#canceled || this.#parts.digest === null || ++this.#challenges > CHALLENGES) return false;
    if (this.#parts.digest.challenged(request, response) === 'refused') return false;
    this.#send(to, now);
    return true;
  }

  #unanswered(why: 'timeout' | 'transport', { request, to }: Sent, now: number): void {
    if (this.#over) return;
    this.#core.resting.rest(to, undefined, now);
    if (this.#tryNext(now)) return;
    const [status, detail] = why === 'timeout' ? [408, 'no answer'] : [503, 'the address cannot be reached'];
    this.#fail({ status, response: null, request, detail }, now);
  }

  /** The next target, unless someone was found at this one or nobody wants it any more. */
  #tryNext(now: number): boolean {
    const next = this.#provisional || this.#canceled ? undefined : this.#targets.shift();
    if (next === undefined) return false;
    this.#send(next, now);
    return true;
  }

  #fail(failure: Failure, now: number): void {
    this.#over = true;
    this.#unlearn();
    this.#listener.failure(failure, now);
  }

  #step(direction: 'sent' | 'heard', signal: string, method?: string): void {
    if (this.#parts.call !== null) this.#core.step(this.#parts.call, direction, signal, method);
  }
}
