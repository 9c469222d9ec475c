/** Transports of SIP that the agent knows (RFC 3261 §18, TLS included). */
export type TransportName = 'udp' | 'tcp' | 'tls';

/** An IP address (no brackets around IPv6, no zone) and a port. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Where a message goes. */
export interface Destination {
  readonly transport: TransportName;
  readonly remote: Endpoint;
  /**
   * The connection that must be used while it is open (a response, or a request to a peer behind NAT). Null, or when it
   * is closed: any open connection to `remote`, else a new one. Always null over UDP.
   */
  readonly connection: string | null;
  /** TLS: the name that the certificate must bear (RFC 5922 §7.1); null: no new connection may be made. */
  readonly serverName: string | null;
}

/** What the agent wants from the network. */
export type NetworkOutput =
  /** One datagram, or octets of a stream. */
  | { readonly type: 'send'; readonly to: Destination; readonly bytes: Uint8Array }
  /** The connection breaks the rules of framing or is no longer needed. */
  | { readonly type: 'disconnect'; readonly connection: string }
  /** A look-up, answered once by `resolved` with the same `query` number. */
  | { readonly type: 'resolve'; readonly query: number; readonly kind: 'srv' | 'address'; readonly name: string };

/** One SRV record (RFC 2782). */
export interface SrvRecord {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: string;
}

/** What the network tells the agent. */
export type NetworkInput =
  /** A datagram, or the next octets of a stream. `connection` is the id that io/ gave to the connection; null over UDP. */
  | {
      readonly type: 'received';
      readonly transport: TransportName;
      readonly connection: string | null;
      readonly local: Endpoint;
      readonly remote: Endpoint;
      readonly bytes: Uint8Array;
    }
  /** A connection is gone, whoever closed it. */
  | { readonly type: 'closed'; readonly connection: string }
  /** What was sent to `remote` cannot get there: refused, unreachable, no TLS, bad certificate, ICMP. */
  | { readonly type: 'unreachable'; readonly transport: TransportName; readonly remote: Endpoint }
  /** Answer to `resolve` of `kind: 'srv'`; empty: there are none. */
  | { readonly type: 'resolved'; readonly query: number; readonly services: readonly SrvRecord[] }
  /** Answer to `resolve` of `kind: 'address'`: A and AAAA, best first; empty: there are none, or the look-up failed. */
  | { readonly type: 'resolved'; readonly query: number; readonly addresses: readonly string[] };
