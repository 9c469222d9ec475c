import type { CallEvent, CallInput, FaxCallOptions } from './call/call-io.ts';
import { FaxCall } from './call/fax-call.ts';
import { EventQueue } from './event-queue.ts';
import type { MediaPort } from './io/network.ts';
import type { Ticker } from './io/ticker.ts';
import type { AgentEvent } from './sip/agent/events.ts';
import type { Order } from './sip/agent/orders.ts';

/**
 * ms by which a deadline may be missed. A process that slept for longer may have lost its lease without knowing it yet, and
 * the far machine waits for T2 (T.30: 6 s) only: nothing of what was due may leave any more (QUEUE.md, the self-fence).
 */
const OVERSLEPT = 5_000;

/** What a live call is connected to. */
export interface CallConnections {
  readonly port: MediaPort;
  readonly ticker: Ticker;
  readonly order: (order: Order) => void;
  readonly now: () => number;
  /** Called when its last event has been given. */
  readonly over: () => void;
}

/** A fax call with its media port and its place in time; what happens in it is taken from `next`. */
export class LiveCall {
  readonly id: string;
  readonly #call: FaxCall;
  readonly #connections: CallConnections;
  readonly #events = new EventQueue();
  #over = false;

  constructor(options: FaxCallOptions, connections: CallConnections) {
    this.id = options.call;
    this.#call = new FaxCall(options);
    this.#connections = connections;
  }

  get deadline(): number | null {
    return this.#call.deadline;
  }

  /** Whether its last event has been given. */
  get over(): boolean {
    return this.#over;
  }

  /** The next event; `over` is the last one. */
  next(): Promise<CallEvent> {
    return this.#events.next();
  }

  tell(input: CallInput): void {
    this.#handle(input, this.#connections.now());
  }

  heard(event: AgentEvent): void {
    this.tell({ type: 'agent', event });
  }

  time(now: number): void {
    this.#handle({ type: 'time' }, now);
  }

  #handle(input: CallInput, now: number): void {
    const { deadline } = this.#call;
    if (deadline !== null && now - deadline > OVERSLEPT) this.#perform({ type: 'end', why: 'stopped' }, now);
    this.#perform(input, now);
  }

  #perform(input: CallInput, now: number): void {
    const { port, ticker, order, over } = this.#connections;
    for (const output of this.#call.handle(input, now)) {
      if (output.type === 'media') port.send(output.datagram, output.to);
      else if (output.type === 'order') order(output.order);
      else if (output.type === 'release') port.close();
      else this.#say(output.event);
    }
    if (!this.#over) {
      ticker.touch(this);
      return;
    }
    ticker.remove(this);
    over();
  }

  #say(event: CallEvent): void {
    if (event.type === 'over') this.#over = true;
    this.#events.push(event);
  }
}
