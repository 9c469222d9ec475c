import type { ReceivedMessage, ReceivedRequest, ReceivedResponse, SipRequest, SipResponse } from '../message/index.ts';
import type { Hop } from './hop.ts';

/** What the transaction layer is told. Times are milliseconds of one monotonic clock. */
export type TransactionInput =
  /** A message that came in; its sender has been admitted already. */
  | { readonly type: 'received'; readonly message: ReceivedMessage; readonly from: Hop }
  /**
   * Start a client transaction. `client` names it in what follows: any text that no live one has. The request has no
   * Via: the layer writes it from `sentBy` (`host:port`), with a branch of its own. Not for ACK and CANCEL.
   */
  | {
      readonly type: 'request';
      readonly client: string;
      readonly request: SipRequest;
      readonly to: Hop;
      readonly sentBy: string;
    }
  /** Send an ACK to a 2xx: one `transmit`, which the caller keeps and repeats for each repeated 2xx (§13.2.2.4). No state. */
  | { readonly type: 'ack'; readonly request: SipRequest; readonly to: Hop; readonly sentBy: string }
  /**
   * Cancel an INVITE (§9.1): CANCEL goes out as soon as a provisional response has come, and not at all once a final one
   * has. The INVITE then ends with a response (487, or a 2xx that was on its way) or with `failed`, `timeout`, after 64 T1.
   */
  | { readonly type: 'cancel'; readonly client: string; readonly reason?: string }
  /**
   * Answer a request. A 2xx to INVITE may be given again: each time it is sent (the repetitions of §13.3.1.4 are the
   * caller's). Anything else after a final response, or for a transaction that is gone, is ignored.
   */
  | { readonly type: 'respond'; readonly server: number; readonly response: SipResponse }
  /** Sending to this hop has failed, or its connection is gone; `connection` null: whatever leads to that address and port. */
  | { readonly type: 'transport_failed'; readonly hop: Hop }
  /** The deadline has come. */
  | { readonly type: 'time' };

/** What it wants done or says. */
export type TransactionOutput =
  | { readonly type: 'transmit'; readonly bytes: Uint8Array; readonly to: Hop }
  /** A new request (never ACK or CANCEL), once; answer it by `respond`. INVITE is answered 100 by the layer after 200 ms. */
  | { readonly type: 'request'; readonly server: number; readonly request: ReceivedRequest; readonly from: Hop }
  /** An ACK that belongs to no refused INVITE: to a 2xx. */
  | { readonly type: 'ack'; readonly request: ReceivedRequest; readonly from: Hop }
  /** A CANCEL for a live INVITE without final response came and was answered 200 by the layer: answer `server` with 487. */
  | { readonly type: 'canceled'; readonly server: number; readonly request: ReceivedRequest }
  /** A response: 1xx each time it comes; a final one once, but 2xx to INVITE each time it comes within 64 T1 (RFC 6026). */
  | { readonly type: 'response'; readonly client: string; readonly response: ReceivedResponse }
  /** No final response will come. `timeout`: timer B or F (as 408, §8.1.3.1); `transport`: as 503. */
  | { readonly type: 'failed'; readonly client: string; readonly why: 'timeout' | 'transport' }
  /** Timer H: a refused INVITE was never acknowledged; the call is over all the same. */
  | { readonly type: 'unacknowledged'; readonly server: number }
  /** The transaction is gone: nothing comes for this name any more. */
  | { readonly type: 'client_ended'; readonly client: string }
  | { readonly type: 'server_ended'; readonly server: number };

/** What a layer is made of. */
export interface TransactionOptions {
  /** Uniformly random octets; branches are made of them. */
  readonly random: (bytes: number) => Uint8Array;
  /** Server transactions at once; a request beyond them is answered 503 without state. 4,096 when left out. */
  readonly maxServer?: number;
}
