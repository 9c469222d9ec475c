import { type ReceivedResponse, retryAfter } from '../message/index.ts';
import type { Alarm } from './alarms.ts';
import { sdpOf } from './body.ts';
import type { Core } from './core.ts';
import type { Failure } from './exchange.ts';
import { GLARES } from './limits.ts';
import { leastAsked } from './session-interval.ts';
import { GLARE_OTHER, GLARE_OWNER } from './timers.ts';

/** What our offers need of their session. */
export interface OfferingSession {
  readonly call: string;
  /** Whether the Call-ID is ours: it decides who waits longer after 491 (RFC 3261 §14.1). */
  readonly ownsCallId: boolean;
  /** Whether a re-INVITE may begin now: none of the far side's is under way (§14.1). */
  readonly mayInvite: boolean;
  /** Sends a re-INVITE; `success` comes again with each repeated 2xx. */
  invite(sdp: string, listener: InviteListener, now: number): void;
  /** The description that holds from now on. */
  agreed(sdp: string): void;
  /** A 422 wants at least so many seconds between refreshes. */
  raiseInterval(least: number): void;
  /** The dialog is gone on the other side (481), or nobody answers (RFC 3261 §12.2.1.2). */
  lost(failure: Failure, now: number): void;
}

/** Who waits for the end of a re-INVITE. */
export interface InviteListener {
  success(response: ReceivedResponse, now: number): void;
  failure(failure: Failure, now: number): void;
}

interface Turn {
  /** `refresh`: only for the session timer; its result is told to nobody. */
  readonly purpose: 'offer' | 'refresh';
  readonly sdp: string;
  glares: number;
}

/** Our own re-INVITEs: one at a time, and repeated after glare (RFC 3261 §14.1, RFC 3264 §4). */
export class OwnOffer {
  readonly #core: Core;
  readonly #session: OfferingSession;
  #turn: Turn | null = null;
  #inviting = false;
  #wait: Alarm | null = null;
  /** What begins when the one on its way has ended. */
  #next: Turn | null = null;

  constructor(core: Core, session: OfferingSession) {
    this.#core = core;
    this.#session = session;
  }

  /** Whether a re-INVITE of ours has no final response yet. */
  get inviting(): boolean {
    return this.#inviting;
  }

  offer(sdp: string, now: number): void {
    if (this.#turn?.purpose === 'offer' || this.#next?.purpose === 'offer') this.#tellRefused(491);
    else this.#begin({ purpose: 'offer', sdp, glares: 0 }, now);
  }

  /** Repeats what was agreed last, so that the session timer starts anew; an offer under way does that as well. */
  refresh(sdp: string, now: number): void {
    if (this.#turn === null) this.#begin({ purpose: 'refresh', sdp, glares: 0 }, now);
    else this.#next ??= { purpose: 'refresh', sdp, glares: 0 };
  }

  /** The far side's INVITE transaction is over: ours may begin. */
  unblocked(now: number): void {
    if (this.#turn !== null && !this.#inviting && this.#wait === null) this.#send(this.#turn, now);
  }

  /** The far side's offer was taken: ours is void unless it is on its way already. */
  superseded(now: number): void {
    if (this.#turn === null || this.#inviting) return;
    const { purpose } = this.#turn;
    this.#end(now);
    if (purpose === 'offer') this.#tellRefused(491);
  }

  /** The session is over. */
  close(): void {
    this.#wait?.cancel();
    this.#turn = null;
    this.#next = null;
  }

  #begin(turn: Turn, now: number): void {
    if (this.#inviting) {
      this.#next = turn;
      return;
    }
    // A refresh that only waits gives way: the offer refreshes as well.
    this.#wait?.cancel();
    this.#wait = null;
    this.#turn = turn;
    this.#send(turn, now);
  }

  #send(turn: Turn, now: number): void {
    if (!this.#session.mayInvite) return;
    this.#inviting = true;
    const listener: InviteListener = {
      success: (response, at) => this.#succeed(turn, response, at),
      failure: (failure, at) => this.#fail(turn, failure, at),
    };
    this.#session.invite(turn.sdp, listener, now);
  }

  #succeed(turn: Turn, response: ReceivedResponse, now: number): void {
    this.#inviting = false;
    if (this.#turn !== turn) return;
    const sdp = sdpOf(response);
    this.#end(now);
    if (turn.purpose === 'refresh') return;
    if (typeof sdp !== 'string' || sdp === 'other') {
      this.#tellRefused(488);
      return;
    }
    this.#session.agreed(turn.sdp);
    this.#core.emit({ type: 'offer_answered', call: this.#session.call, sdp });
  }

  #fail(turn: Turn, failure: Failure, now: number): void {
    this.#inviting = false;
    if (this.#turn !== turn) return;
    if (this.#again(turn, failure, now)) return;
    this.#end(now);
    if (failure.response === null || failure.status === 481 || failure.status === 408) this.#session.lost(failure, now);
    else if (turn.purpose === 'offer') this.#tellRefused(failure.status);
  }

  /** Refusals that only want time or another interval. */
  #again(turn: Turn, { status, response, request }: Failure, now: number): boolean {
    if (response === null || ++turn.glares > GLARES) return false;
    const least = status === 422 && request !== null ? leastAsked(request, response) : null;
    if (least !== null) {
      this.#session.raiseInterval(least);
      this.#send(turn, now);
      return true;
    }
    const wait = this.#waitAfter(status, response);
    if (wait === null) return false;
    this.#wait = this.#core.alarms.set(now + wait, (at) => {
      this.#wait = null;
      this.unblocked(at);
    });
    return true;
  }

  /** §14.1 for 491; 500 with Retry-After comes of requests that crossed (§14.2). */
  #waitAfter(status: number, response: ReceivedResponse): number | null {
    const seconds = retryAfter(response.headers);
    if (status === 500 && seconds !== undefined && seconds <= 10) return seconds * 1_000;
    if (status !== 491) return null;
    const { least, most, step } = this.#session.ownsCallId ? GLARE_OWNER : GLARE_OTHER;
    return least + step * Math.floor(this.#core.chance() * ((most - least) / step + 1));
  }

  #end(now: number): void {
    this.#wait?.cancel();
    this.#wait = null;
    this.#turn = null;
    const next = this.#next;
    this.#next = null;
    if (next !== null) this.#begin(next, now);
  }

  #tellRefused(status: number): void {
    this.#core.emit({ type: 'offer_refused', call: this.#session.call, status });
  }
}
