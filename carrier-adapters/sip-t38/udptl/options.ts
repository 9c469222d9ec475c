/** What is sent beside each packet so that a lost one can be had again (T.38 §9.1, annex C). */
export type Recovery =
  | { readonly kind: 'none' }
  /** The `depth` packets before. */
  | { readonly kind: 'redundancy'; readonly depth: number }
  /** `entries` parity packets, each over `span` packets that lie `entries` apart. */
  | { readonly kind: 'fec'; readonly entries: number; readonly span: number };

/** How datagrams to one far end are made. */
export interface SenderOptions {
  readonly recovery: Recovery;
  /** Octets of the largest datagram that it takes; recovery is left out where it does not fit. */
  readonly maxDatagram: number;
}

/** A packet that arrived or was recovered. */
export interface Received {
  /** One IFP packet, valid until the next call of the receiver. It may end in zeros that are not its own when `recovered` by parity. */
  readonly ifp: Uint8Array;
  /** Packets right before it that are lost for good. */
  readonly lost: number;
}

/** What came of the datagrams so far. */
export interface ReceiverCounts {
  /** Datagrams that were UDPTL. */
  readonly datagrams: number;
  readonly malformed: number;
  /** Packets delivered. */
  readonly delivered: number;
  /** Among them: those that came out of recovery data. */
  readonly recovered: number;
  /** Packets lost for good. */
  readonly lost: number;
  /** Datagrams whose own packet was there already, or came too late. */
  readonly late: number;
}
