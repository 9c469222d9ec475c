/** What carries SIP (RFC 3261 §18). */
export type Transport = 'udp' | 'tcp' | 'tls';

/** The other end of a hop: where bytes go to or came from. */
export interface Hop {
  readonly transport: Transport;
  /** IP address without brackets. */
  readonly address: string;
  readonly port: number;
  /** The connection (TCP, TLS) or local socket (UDP) as io/ names it; null: io/ chooses or opens one. */
  readonly connection: string | null;
}

/** Whether the transport repeats what is lost by itself: then no timer of ours does. */
export function isReliable(transport: Transport): boolean {
  return transport !== 'udp';
}

/** Port where a sent-by names none (RFC 3261 §18.2.2). */
export function defaultPort(transport: Transport): number {
  return transport === 'tls' ? 5061 : 5060;
}
