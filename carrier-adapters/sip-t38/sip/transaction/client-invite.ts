import { type ReceivedResponse, type SipRequest, serialise } from '../message/index.ts';
import { clientKey, identityOf, type RequestIdentity } from './arrival.ts';
import type { TransactionOutput } from './contract.ts';
import { type Hop, isReliable } from './hop.ts';
import { cancelOf, refusalAck } from './requests.ts';
import { step, type Transitions } from './states.ts';
import { T1, TIMER_D, TimerSet, TRANSACTION_TIMEOUT } from './timers.ts';

type State = 'calling' | 'proceeding' | 'completed' | 'accepted' | 'terminated';

/** RFC 3261 figure 5, with the Accepted state of RFC 6026 figure 1. */
const TRANSITIONS: Transitions<State> = {
  calling: ['proceeding', 'completed', 'accepted', 'terminated'],
  proceeding: ['completed', 'accepted', 'terminated'],
  completed: ['terminated'],
  accepted: ['terminated'],
  terminated: [],
};

/** The INVITE client transaction (RFC 3261 §17.1.1, RFC 6026 §7.2). */
export class ClientInvite {
  readonly client: string;
  readonly branch: string;
  readonly to: Hop;
  readonly identity: RequestIdentity;
  /** As it was sent, with its Via. */
  readonly #request: SipRequest;
  readonly #bytes: Uint8Array;
  readonly #timers = new TimerSet<'A' | 'B' | 'D' | 'M' | 'canceled'>();
  #state: State = 'calling';
  #interval = T1;
  #ack: Uint8Array | null = null;
  #cancel: 'unwanted' | 'wanted' | 'sent' = 'unwanted';
  #cancelReason: string | undefined;

  constructor(client: string, branch: string, request: SipRequest, to: Hop) {
    this.client = client;
    this.branch = branch;
    this.#request = request;
    this.to = to;
    this.identity = identityOf(request);
    this.#bytes = serialise(request);
  }

  get deadline(): number | null {
    return this.#timers.next;
  }

  get isOver(): boolean {
    return this.#state === 'terminated';
  }

  get key(): string {
    return clientKey(this.branch, 'INVITE');
  }

  start(now: number, out: TransactionOutput[]): void {
    if (!isReliable(this.to.transport)) this.#timers.set('A', now + T1);
    this.#timers.set('B', now + TRANSACTION_TIMEOUT);
    this.#transmit(this.#bytes, out);
  }

  /** A CANCEL is wanted; once is enough. */
  cancel(reason: string | undefined): void {
    if (this.#cancel !== 'unwanted') return;
    this.#cancel = 'wanted';
    this.#cancelReason = reason;
  }

  /**
   * The CANCEL that is wanted, once, as soon as it may go out: a provisional response has come and no final one (§9.1).
   * From then on a final response is waited for 64 T1 and no longer.
   */
  takeCancel(now: number): SipRequest | null {
    if (this.#cancel !== 'wanted' || this.#state !== 'proceeding') return null;
    this.#cancel = 'sent';
    this.#timers.set('canceled', now + TRANSACTION_TIMEOUT);
    return cancelOf(this.#request, this.#cancelReason);
  }

  received(response: ReceivedResponse, now: number, out: TransactionOutput[]): void {
    if (response.status < 200) this.#provisional(response, out);
    else if (response.status < 300) this.#success(response, now, out);
    else this.#refusal(response, now, out);
  }

  /** Only while the request itself is being sent: later nothing of ours is on its way (§17.1.1.2). */
  transportFailed(out: TransactionOutput[]): void {
    if (this.#state === 'calling') this.#fail('transport', out);
  }

  tick(now: number, out: TransactionOutput[]): void {
    for (let timer = this.#timers.take(now); timer !== undefined; timer = this.#timers.take(now)) {
      if (timer === 'A') this.#repeat(now, out);
      else if (timer === 'B' || timer === 'canceled') this.#fail('timeout', out);
      else this.#end();
    }
  }

  #provisional(response: ReceivedResponse, out: TransactionOutput[]): void {
    if (this.#state === 'calling') {
      this.#state = step(TRANSITIONS, this.#state, 'proceeding');
      this.#timers.clear('A', 'B');
    }
    if (this.#state === 'proceeding') out.push({ type: 'response', client: this.client, response });
  }

  #success(response: ReceivedResponse, now: number, out: TransactionOutput[]): void {
    if (this.#state === 'calling' || this.#state === 'proceeding') {
      this.#state = step(TRANSITIONS, this.#state, 'accepted');
      this.#timers.clearAll();
      this.#timers.set('M', now + TRANSACTION_TIMEOUT);
    }
    // Repetitions and the 2xx of other branches of a fork go up as well (RFC 6026 §7.2).
    if (this.#state === 'accepted') out.push({ type: 'response', client: this.client, response });
  }

  #refusal(response: ReceivedResponse, now: number, out: TransactionOutput[]): void {
    if (this.#state === 'completed' && this.#ack !== null) this.#transmit(this.#ack, out);
    if (this.#state !== 'calling' && this.#state !== 'proceeding') return;
    this.#state = step(TRANSITIONS, this.#state, 'completed');
    this.#timers.clearAll();
    this.#ack = serialise(refusalAck(this.#request, response));
    this.#transmit(this.#ack, out);
    out.push({ type: 'response', client: this.client, response });
    if (isReliable(this.to.transport)) this.#end();
    else this.#timers.set('D', now + TIMER_D);
  }

  /** Timer A doubles without end: B ends it. */
  #repeat(now: number, out: TransactionOutput[]): void {
    this.#interval *= 2;
    this.#timers.set('A', now + this.#interval);
    this.#transmit(this.#bytes, out);
  }

  #fail(why: 'timeout' | 'transport', out: TransactionOutput[]): void {
    if (this.#state !== 'calling' && this.#state !== 'proceeding') return;
    this.#end();
    out.push({ type: 'failed', client: this.client, why });
  }

  #end(): void {
    this.#state = step(TRANSITIONS, this.#state, 'terminated');
    this.#timers.clearAll();
  }

  #transmit(bytes: Uint8Array, out: TransactionOutput[]): void {
    out.push({ type: 'transmit', bytes, to: this.to });
  }
}
