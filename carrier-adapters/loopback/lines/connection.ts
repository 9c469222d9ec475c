import type { Clock } from '../../../gateway/ports/clock.ts';
import type { AgentEvent, EndedEvent } from '../../sip-t38/sip/agent/events.ts';
import type { Order } from '../../sip-t38/sip/agent/orders.ts';
import { WAY } from './cable.ts';

/** One end of a connection: it hears what SIP would tell it. */
export interface End {
  heard(event: AgentEvent): void;
}

/** Q.850: normal call clearing. */
const NORMAL_CLEARING = 16;

type Side = 'caller' | 'called';
type Ending = Pick<EndedEvent, 'by' | 'status' | 'cause' | 'detail'>;

/**
 * The signalling of one call: what either end orders of a SIP agent, the other hears as its event, a moment later. There
 * are no messages, transactions and trunks in between.
 */
export class Connection {
  readonly #call: string;
  readonly #clock: Clock;
  /** The caller has dialled with this offer. */
  readonly #dialled: (offer: string) => void;
  readonly #ends: Partial<Record<Side, End>> = {};
  readonly #ended = Promise.withResolvers<void>();
  #over = false;

  constructor(call: string, clock: Clock, dialled: (offer: string) => void) {
    this.#call = call;
    this.#clock = clock;
    this.#dialled = dialled;
  }

  /** Whether either end has hung up, or the call was refused. */
  get over(): boolean {
    return this.#over;
  }

  /** Resolves when it is over. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  connect(side: Side, end: End): void {
    this.#ends[side] = end;
  }

  ringing(): void {
    this.#tell('caller', { type: 'ringing', call: this.#call, status: 180, sdp: null });
  }

  /** The call is not answered. @param status what SIP would say, with the Q.850 cause */
  refuse(status: number, cause: number, detail: string): void {
    if (this.#over) return;
    this.#close();
    this.#end('caller', { by: 'remote', status, cause, detail });
  }

  /** Carries out what the end on `side` wants. */
  order(side: Side, order: Order): void {
    if (this.#over) return;
    const call = this.#call;
    const other = side === 'caller' ? 'called' : 'caller';
    switch (order.type) {
      case 'place':
        this.#dialled(order.sdp);
        break;
      case 'answer':
        this.#tell('caller', { type: 'answered', call, sdp: order.sdp });
        this.#tell('called', { type: 'confirmed', call }, 2 * WAY);
        break;
      case 'reject':
        this.refuse(order.status, order.cause ?? NORMAL_CLEARING, 'refused');
        this.#end('called', { by: 'local', status: order.status, cause: order.cause, detail: 'refused' });
        break;
      case 'offer':
        this.#tell(other, { type: 'offered', call, sdp: order.sdp });
        break;
      case 'accept_offer':
        this.#tell(other, { type: 'offer_answered', call, sdp: order.sdp });
        break;
      case 'refuse_offer':
        this.#tell(other, { type: 'offer_refused', call, status: order.status });
        break;
      case 'hang_up':
        this.#hangUp(side, other, order.cause);
        break;
      default:
    }
  }

  #hangUp(side: Side, other: Side, cause: number): void {
    this.#close();
    this.#end(other, { by: 'remote', status: null, cause, detail: 'the far side hung up' });
    this.#end(side, { by: 'local', status: null, cause, detail: 'hung up' });
  }

  #close(): void {
    this.#over = true;
    this.#ended.resolve();
  }

  #end(side: Side, ending: Ending): void {
    this.#tell(side, { type: 'ended', call: this.#call, ...ending });
  }

  #tell(side: Side, event: AgentEvent, after = WAY): void {
    this.#clock.after(after, () => this.#ends[side]?.heard(event));
  }
}
