import type { ReceivedRequest } from '../message/index.ts';
import type { CallOrder } from './orders.ts';

/** A call, placed or taken, from its INVITE to its end. */
export interface Call {
  /** The id by which the layer of calls knows it. */
  readonly id: string;
  /** Call-ID and our tag: what requests within it bear. */
  readonly callId: string;
  readonly localTag: string;
  /** Carries out an order; one that does not fit the state of the call is ignored. */
  order(order: CallOrder, now: number): void;
  /** A request with our tag in To. */
  request(server: number, request: ReceivedRequest, now: number): void;
  ack(request: ReceivedRequest, now: number): void;
  /** A CANCEL came for the INVITE of this server transaction. */
  canceled(server: number, request: ReceivedRequest, now: number): void;
}
