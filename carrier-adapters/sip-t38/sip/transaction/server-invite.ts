import { parseNameAddr, type ReceivedRequest, responseTo, type SipResponse, serialise } from '../message/index.ts';
import type { TransactionOutput } from './contract.ts';
import { type Hop, isReliable } from './hop.ts';
import { step, type Transitions } from './states.ts';
import { T1, T2, T4, TimerSet, TRANSACTION_TIMEOUT, TRYING_DELAY } from './timers.ts';

type State = 'proceeding' | 'completed' | 'confirmed' | 'accepted' | 'terminated';

/** RFC 3261 figure 7, with the Accepted state of RFC 6026 figure 3. */
const TRANSITIONS: Transitions<State> = {
  proceeding: ['completed', 'accepted', 'terminated'],
  completed: ['confirmed', 'terminated'],
  confirmed: ['terminated'],
  accepted: ['terminated'],
  terminated: [],
};

/** The INVITE server transaction (RFC 3261 §17.2.1, RFC 6026 §7.1). */
export class ServerInvite {
  readonly server: number;
  readonly key: string;
  readonly isTold = true;
  readonly #to: Hop;
  readonly #timers = new TimerSet<'trying' | 'G' | 'H' | 'I' | 'L'>();
  #state: State = 'proceeding';
  #interval = T1;
  /** What is sent again when the request comes again; null: nothing was sent, or nothing may be. */
  #last: Uint8Array | null = null;
  /** Until the first response, which may have to be a 100. */
  #request: ReceivedRequest | null;
  #toTag: string | null = null;

  constructor(server: number, key: string, request: ReceivedRequest, to: Hop) {
    this.server = server;
    this.key = key;
    this.#to = to;
    this.#request = request;
  }

  get deadline(): number | null {
    return this.#timers.next;
  }

  get isOver(): boolean {
    return this.#state === 'terminated';
  }

  /** Whether a CANCEL still has something to end (§9.2). */
  get isProceeding(): boolean {
    return this.#state === 'proceeding';
  }

  /** The tag of the responses so far (above 100); null before the first. */
  get toTag(): string | null {
    return this.#toTag;
  }

  start(now: number): void {
    this.#timers.set('trying', now + TRYING_DELAY);
  }

  /** The same request again: the peer has not heard the last response. In Accepted that is the caller's matter (RFC 6026). */
  repeated(out: TransactionOutput[]): void {
    if (this.#last !== null) this.#transmit(this.#last, out);
  }

  respond(response: SipResponse, now: number, out: TransactionOutput[]): void {
    const isSuccess = response.status >= 200 && response.status < 300;
    if (this.#state !== 'proceeding' && !(this.#state === 'accepted' && isSuccess)) return;
    this.#timers.clear('trying');
    this.#request = null;
    const bytes = serialise(response);
    if (response.status > 100) this.#toTag ??= tagOf(response);
    if (isSuccess) this.#accept(now);
    else {
      this.#last = bytes;
      if (response.status >= 300) this.#complete(now);
    }
    this.#transmit(bytes, out);
  }

  /** An ACK of this transaction; true when it is for the caller: it acknowledges a 2xx. */
  acknowledged(now: number): boolean {
    if (this.#state === 'accepted') return true;
    if (this.#state !== 'completed') return false;
    this.#state = step(TRANSITIONS, this.#state, 'confirmed');
    this.#last = null;
    this.#timers.clearAll();
    if (isReliable(this.#to.transport)) this.#end();
    else this.#timers.set('I', now + T4);
    return false;
  }

  tick(now: number, out: TransactionOutput[]): void {
    for (let timer = this.#timers.take(now); timer !== undefined; timer = this.#timers.take(now)) {
      if (timer === 'trying') this.#trying(now, out);
      else if (timer === 'G') this.#repeat(now, out);
      else if (timer === 'H') this.#unacknowledged(out);
      else this.#end();
    }
  }

  #trying(now: number, out: TransactionOutput[]): void {
    if (this.#request !== null) this.respond(responseTo(this.#request, 100), now, out);
  }

  #accept(now: number): void {
    if (this.#state !== 'proceeding') return;
    this.#state = step(TRANSITIONS, this.#state, 'accepted');
    this.#last = null;
    this.#timers.set('L', now + TRANSACTION_TIMEOUT);
  }

  #complete(now: number): void {
    this.#state = step(TRANSITIONS, this.#state, 'completed');
    if (!isReliable(this.#to.transport)) this.#timers.set('G', now + T1);
    this.#timers.set('H', now + TRANSACTION_TIMEOUT);
  }

  #repeat(now: number, out: TransactionOutput[]): void {
    this.#interval = Math.min(2 * this.#interval, T2);
    this.#timers.set('G', now + this.#interval);
    this.repeated(out);
  }

  #unacknowledged(out: TransactionOutput[]): void {
    this.#end();
    out.push({ type: 'unacknowledged', server: this.server });
  }

  #end(): void {
    this.#state = step(TRANSITIONS, this.#state, 'terminated');
    this.#last = null;
    this.#timers.clearAll();
  }

  #transmit(bytes: Uint8Array, out: TransactionOutput[]): void {
    out.push({ type: 'transmit', bytes, to: this.#to });
  }
}

function tagOf(response: SipResponse): string | null {
  return parseNameAddr(response.headers.get('to') ?? '')?.params.get('tag') ?? null;
}
