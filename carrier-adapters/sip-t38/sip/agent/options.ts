import type { AgentEvent } from './events.ts';
import type { Endpoint, NetworkInput, NetworkOutput, TransportName } from './io.ts';
import type { Order } from './orders.ts';
import type { Trunk } from './trunk.ts';

/** A transport that listens. */
export interface Listening {
  readonly transport: TransportName;
  /** The bound socket. A wildcard address needs `advertised`. */
  readonly local: Endpoint;
  /** What Via and Contact say in its place behind NAT; null: `local`, until a response tells better (RFC 3581 §4). */
  readonly advertised: Endpoint | null;
}

/** What a user agent is made of. */
export interface AgentOptions {
  readonly trunks: readonly Trunk[];
  readonly listening: readonly Listening[];
  /** Value of User-Agent and Server; null: neither is sent. */
  readonly product: string | null;
  /** Session-Expires asked for and granted, seconds, at least 90 (RFC 4028 §4); null: session timers only as the peer wants them. */
  readonly sessionExpires: number | null;
  /** Incoming calls at once; more are answered 503. */
  readonly maxIncoming: number;
  /** Unpredictable octets. */
  readonly random: (octets: number) => Uint8Array;
  /** Lower-case hex of a digest over UTF-8 text (RFC 7616). */
  readonly hash: (algorithm: 'MD5' | 'SHA-256', text: string) => string;
}

/** What the agent is told. */
export type AgentInput =
  | NetworkInput
  | { readonly type: 'order'; readonly order: Order }
  /** The deadline has come (or any later time). */
  | { readonly type: 'time' };

/** What the agent wants done or says. */
export type AgentOutput = NetworkOutput | { readonly type: 'event'; readonly event: AgentEvent };

/**
 * A SIP user agent over all trunks (RFC 3261): no clock, no I/O, no promise inside. Times are milliseconds of one monotonic
 * clock and never go back. Nothing that a peer sends makes it throw; an order that names no trunk does.
 */
export interface SipAgent {
  handle(input: AgentInput, now: number): AgentOutput[];
  /** When `time` is due; null: never. */
  readonly deadline: number | null;
}
