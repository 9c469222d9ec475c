import { type SipResponse, serialise } from '../message/index.ts';
import type { TransactionOutput } from './contract.ts';
import { type Hop, isReliable } from './hop.ts';
import { step, type Transitions } from './states.ts';
import { TimerSet, TRANSACTION_TIMEOUT } from './timers.ts';

type State = 'trying' | 'proceeding' | 'completed' | 'terminated';

/** RFC 3261 figure 8. */
const TRANSITIONS: Transitions<State> = {
  trying: ['proceeding', 'completed', 'terminated'],
  proceeding: ['completed', 'terminated'],
  completed: ['terminated'],
  terminated: [],
};

/** The server transaction of every method but INVITE and ACK (RFC 3261 §17.2.2). */
export class ServerOther {
  readonly server: number;
  readonly key: string;
  /** False: a CANCEL, which the layer answers itself. */
  readonly isTold: boolean;
  readonly #to: Hop;
  readonly #timers = new TimerSet<'J' | 'abandoned'>();
  #state: State = 'trying';
  #last: Uint8Array | null = null;

  constructor(server: number, key: string, to: Hop, isTold: boolean) {
    this.server = server;
    this.key = key;
    this.#to = to;
    this.isTold = isTold;
  }

  get deadline(): number | null {
    return this.#timers.next;
  }

  get isOver(): boolean {
    return this.#state === 'terminated';
  }

  /** After 64 T1 the peer has given up (timer F): an answer then would find nobody (RFC 4320 §4.2). */
  start(now: number): void {
    this.#timers.set('abandoned', now + TRANSACTION_TIMEOUT);
  }

  repeated(out: TransactionOutput[]): void {
    if (this.#last !== null) this.#transmit(this.#last, out);
  }

  respond(response: SipResponse, now: number, out: TransactionOutput[]): void {
    if (this.#state !== 'trying' && this.#state !== 'proceeding') return;
    this.#last = serialise(response);
    this.#transmit(this.#last, out);
    if (response.status >= 200) this.#complete(now);
    else if (this.#state === 'trying') this.#state = step(TRANSITIONS, this.#state, 'proceeding');
  }

  tick(now: number): void {
    if (this.#timers.take(now) !== undefined) this.#end();
  }

  #complete(now: number): void {
    this.#state = step(TRANSITIONS, this.#state, 'completed');
    this.#timers.clearAll();
    if (isReliable(this.#to.transport)) this.#end();
    else this.#timers.set('J', now + TRANSACTION_TIMEOUT);
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
