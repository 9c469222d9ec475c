import { type ReceivedResponse, type SipRequest, serialise } from '../message/index.ts';
import { clientKey, identityOf, type RequestIdentity } from './arrival.ts';
import type { TransactionOutput } from './contract.ts';
import { type Hop, isReliable } from './hop.ts';
import { step, type Transitions } from './states.ts';
import { T1, T2, T4, TimerSet, TRANSACTION_TIMEOUT } from './timers.ts';

type State = 'trying' | 'proceeding' | 'completed' | 'terminated';

/** RFC 3261 figure 6. */
const TRANSITIONS: Transitions<State> = {
  trying: ['proceeding', 'completed', 'terminated'],
  proceeding: ['completed', 'terminated'],
  completed: ['terminated'],
  terminated: [],
};

/** The client transaction of every method but INVITE (RFC 3261 §17.1.2). */
export class ClientOther {
  /** Null: a CANCEL of the layer's own, of which nobody is told anything. */
  readonly client: string | null;
  readonly key: string;
  readonly to: Hop;
  readonly identity: RequestIdentity;
  readonly #bytes: Uint8Array;
  readonly #timers = new TimerSet<'E' | 'F' | 'K'>();
  #state: State = 'trying';
  #interval = T1;

  constructor(client: string | null, branch: string, request: SipRequest, to: Hop) {
    this.client = client;
    this.key = clientKey(branch, request.method);
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

  start(now: number, out: TransactionOutput[]): void {
    if (!isReliable(this.to.transport)) this.#timers.set('E', now + T1);
    this.#timers.set('F', now + TRANSACTION_TIMEOUT);
    this.#transmit(out);
  }

  received(response: ReceivedResponse, now: number, out: TransactionOutput[]): void {
    if (this.#state !== 'trying' && this.#state !== 'proceeding') return;
    if (response.status >= 200) this.#complete(now);
    else if (this.#state === 'trying') this.#state = step(TRANSITIONS, this.#state, 'proceeding');
    if (this.client !== null) out.push({ type: 'response', client: this.client, response });
  }

  transportFailed(out: TransactionOutput[]): void {
    if (this.#state !== 'completed' && this.#state !== 'terminated') this.#fail('transport', out);
  }

  tick(now: number, out: TransactionOutput[]): void {
    for (let timer = this.#timers.take(now); timer !== undefined; timer = this.#timers.take(now)) {
      if (timer === 'E') this.#repeat(now, out);
      else if (timer === 'F') this.#fail('timeout', out);
      else this.#end();
    }
  }

  #complete(now: number): void {
    this.#state = step(TRANSITIONS, this.#state, 'completed');
    this.#timers.clearAll();
    if (isReliable(this.to.transport)) this.#end();
    else this.#timers.set('K', now + T4);
  }

  /** Timer E doubles up to T2; once a provisional response has come it is T2 (§17.1.2.2). */
  #repeat(now: number, out: TransactionOutput[]): void {
    this.#interval = this.#state === 'proceeding' ? T2 : Math.min(2 * this.#interval, T2);
    this.#timers.set('E', now + this.#interval);
    this.#transmit(out);
  }

  #fail(why: 'timeout' | 'transport', out: TransactionOutput[]): void {
    this.#end();
    if (this.client !== null) out.push({ type: 'failed', client: this.client, why });
  }

  #end(): void {
    this.#state = step(TRANSITIONS, this.#state, 'terminated');
    this.#timers.clearAll();
  }

  #transmit(out: TransactionOutput[]): void {
    out.push({ type: 'transmit', bytes: this.#bytes, to: this.to });
  }
}
