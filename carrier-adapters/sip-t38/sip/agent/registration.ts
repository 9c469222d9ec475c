import type { DigestClient } from '../digest.ts';
import {
  formatNameAddr,
  nameAddrs,
  number,
  parseUri,
  type ReceivedResponse,
  retryAfter,
  type SipRequest,
  sameUri,
} from '../message/index.ts';
import type { Alarm } from './alarms.ts';
import type { Core } from './core.ts';
import type { TrunkEvent } from './events.ts';
import { Exchange, type Failure, type Sent } from './exchange.ts';
import type { Destination } from './io.ts';
import { LONGEST_REGISTRATION } from './limits.ts';
import { requestOf } from './request.ts';
import { sameTarget } from './targets.ts';
import { MOVE_REST, REGISTER_REFRESH, REGISTER_RETRY } from './timers.ts';
import type { Registering, Trunk } from './trunk.ts';
import { ownUri, trunkUri } from './trunk-uri.ts';

/** The registration of one trunk, kept up until it is stopped (RFC 3261 §10.2). */
export class Registration {
  readonly #core: Core;
  readonly #trunk: Trunk;
  readonly #register: Registering;
  readonly #digest: DigestClient | null;
  readonly #callId: string;
  readonly #tag: string;
  #cseq = 0;
  /** Seconds asked for; a 423 raises them. */
  #expires: number;
  /** The Contact that the registrar has, and where it was said. */
  #bound: string | null = null;
  #flow: Destination | null = null;
  #failures = 0;
  #busy = false;
  /** We are seen elsewhere than the REGISTER under way says. */
  #again = false;
  #movedAt = Number.NEGATIVE_INFINITY;
  #told: Told | null = null;
  #alarm: Alarm | null = null;
  #keepAlive: Alarm | null = null;
  #stopped: ((now: number) => void) | null = null;

  constructor(core: Core, trunk: Trunk, register: Registering) {
    this.#core = core;
    this.#trunk = trunk;
    this.#register = register;
    this.#digest = core.digestFor(trunk);
    // The same Call-ID for all registrations of a run, CSeq going up (§10.2).
    this.#callId = core.word(12);
    this.#tag = core.word(8);
    this.#expires = register.expires;
  }

  /** Registers now. */
  start(now: number): void {
    this.#alarm?.cancel();
    if (this.#busy) {
      this.#again = true;
      return;
    }
    this.#busy = true;
    this.#core.findTargets(this.#trunk, now, (targets, at) => this.#send(targets, this.#expires, at));
  }

  /** Takes the binding back (§10.2.2) and calls `done` when the registrar has answered or will not. */
  stop(now: number, done: (now: number) => void): void {
    this.#alarm?.cancel();
    this.#keepAlive?.cancel();
    if (this.#stopped !== null) return;
    this.#stopped = done;
    if (!this.#busy) this.#unregister(now);
  }

  /** We are seen at another address than before: the binding is wrong. */
  moved(now: number): void {
    if (this.#stopped !== null) return;
    if (this.#busy) this.#again = true;
    else if (this.#bound !== null) this.#startAgain(now);
  }

  /** A connection to this place is gone: calls could not come over it any more. */
  disconnected(to: Destination, now: number): void {
    if (this.#flow === null || this.#stopped !== null || this.#busy || !sameTarget(to, this.#flow)) return;
    this.#alarm?.cancel();
    this.#wait(1_000 + 4_000 * this.#core.chance(), now);
  }

  #send(targets: readonly Destination[], expires: number, now: number): void {
    new Exchange(
      this.#core,
      {
        trunk: this.#trunk,
        call: null,
        digest: this.#digest,
        targets,
        compose: (to) => this.#compose(to, expires),
      },
      {
        success: (response, sent, at) => this.#granted(response, sent, expires, at),
        failure: (failure, at) => this.#failed(failure, targets, expires, at),
      },
    ).start(now);
  }

  #compose(to: Destination, expires: number): SipRequest {
    const { server, user } = this.#trunk;
    const address = ownUri(this.#trunk, user);
    // What is taken back is what was bound, even if we are seen elsewhere by now.
    const contact =
      expires === 0 && this.#bound !== null
        ? formatNameAddr({ uri: this.#bound })
        : this.#core.self.contact(this.#trunk, to.transport);
    return requestOf({
      method: 'REGISTER',
      uri: trunkUri(null, server.host, null),
      from: formatNameAddr({ uri: address, params: new Map([['tag', this.#tag]]) }),
      to: formatNameAddr({ uri: address }),
      callId: this.#callId,
      cseq: ++this.#cseq,
      headers: [['Contact', contact], ['Expires', String(expires)], ...this.#core.product],
    });
  }

  #granted(response: ReceivedResponse, sent: Sent, asked: number, now: number): void {
    this.#busy = false;
    if (asked === 0) {
      this.#gone(now);
      return;
    }
    this.#failures = 0;
    this.#flow = sent.to;
    this.#core.flows.set(this.#trunk, sent.to);
    this.#bound = contactOf(sent.request);
    const seconds = Math.min(grantedSeconds(response, this.#bound) ?? asked, LONGEST_REGISTRATION);
    if (this.#stopped !== null) {
      this.#unregister(now);
      return;
    }
    this.#tell({ state: 'registered', status: null, seconds, detail: 'registered' });
    this.#keepUp(sent.to, now);
    if (this.#again) this.#startAgain(now);
    else this.#wait(this.#refreshAfter(seconds), now);
  }

  #failed({ status, response, detail }: Failure, targets: readonly Destination[], asked: number, now: number): void {
    const least = status === 423 && response !== null ? number(response.headers, 'min-expires') : undefined;
    if (least !== undefined && least > asked && asked > 0 && least <= LONGEST_REGISTRATION) {
      this.#expires = least; // §10.2.8
      this.#send(targets, least, now);
      return;
    }
    this.#busy = false;
    if (this.#stopped !== null) {
      this.#gone(now);
      return;
    }
    this.#bound = null;
    this.#flow = null;
    this.#core.flows.delete(this.#trunk);
    this.#keepAlive?.cancel();
    const wait = this.#retryAfter(response);
    this.#tell({ state: 'register_failed', status, seconds: Math.ceil(wait / 1_000), detail });
    this.#again = false;
    this.#wait(wait, now);
  }

  /** At once, but not over and over again for a registrar that sees us somewhere else each time. */
  #startAgain(now: number): void {
    this.#again = false;
    this.#alarm?.cancel();
    const wait = Math.max(this.#movedAt + MOVE_REST - now, 0);
    this.#movedAt = now + wait;
    this.#wait(wait, now);
  }

  #unregister(now: number): void {
    if (this.#bound === null || this.#flow === null) {
      this.#gone(now);
      return;
    }
    this.#busy = true;
    this.#send([this.#flow], 0, now);
  }

  #gone(now: number): void {
    this.#bound = null;
    this.#core.flows.delete(this.#trunk);
    this.#tell({ state: 'unregistered', status: null, seconds: null, detail: 'unregistered' });
    this.#stopped?.(now);
  }

  #wait(milliseconds: number, now: number): void {
    this.#alarm = this.#core.alarms.set(now + milliseconds, (at) => this.start(at));
  }

  #refreshAfter(seconds: number): number {
    const { least, most } = REGISTER_REFRESH;
    return Math.max(seconds * 1_000 * (least + (most - least) * this.#core.chance()), 1_000);
  }

  /** RFC 5626 §4.5, and no sooner than the registrar says. */
  #retryAfter(response: ReceivedResponse | null): number {
    const { least, most } = REGISTER_RETRY;
    const upper = Math.min(least * 2 ** this.#failures, most);
    this.#failures = Math.min(this.#failures + 1, 16);
    const asked = (response === null ? 0 : (retryAfter(response.headers) ?? 0)) * 1_000;
    return Math.max(upper * (0.5 + 0.5 * this.#core.chance()), Math.min(asked, most));
  }

  /** CRLF keeps the way through NAT open (RFC 5626 §3.5.1; over UDP as most registrars take it). */
  #keepUp(to: Destination, now: number): void {
    this.#keepAlive?.cancel();
    const seconds = this.#register.keepAlive;
    if (seconds === 0) return;
    this.#keepAlive = this.#core.alarms.set(now + seconds * 1_000, (at) => {
      this.#core.send({ type: 'send', to, bytes: KEEP_ALIVE });
      this.#keepUp(to, at);
    });
  }

  /** A refresh that grants the same is no news. */
  #tell(event: Told): void {
    const isNews = event.state !== 'registered' || this.#told?.state !== 'registered';
    if (!isNews && this.#told?.seconds === event.seconds) return;
    this.#told = event;
    this.#core.emit({ type: 'trunk', trunk: this.#trunk.name, ...event });
  }
}

type Told = Pick<TrunkEvent, 'state' | 'status' | 'seconds' | 'detail'>;

const KEEP_ALIVE = new TextEncoder().encode('\r\n\r\n');

/** The URI of the Contact that a request of ours has. */
function contactOf(request: SipRequest): string | null {
  return nameAddrs(request.headers, 'contact')?.[0]?.uri ?? null;
}

/** Seconds that the registrar grants our Contact (§10.2.4); undefined: it does not say. */
function grantedSeconds(response: ReceivedResponse, contact: string | null): number | undefined {
  const ours = contact === null ? undefined : parseUri(contact);
  for (const { uri, params } of nameAddrs(response.headers, 'contact') ?? []) {
    const theirs = parseUri(uri);
    const text = params.get('expires') ?? '';
    if (ours === undefined || theirs === undefined || !sameUri(ours, theirs) || !/^[0-9]{1,9}$/.test(text)) continue;
    return Number(text);
  }
  return number(response.headers, 'expires');
}
