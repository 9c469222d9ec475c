/**
 * What an offer and its answer have agreed on: one stream of media, voice or fax, between two sockets.
 */

/** Where a stream is received: an IP address in its text form, and a UDP port. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** The two codings of G.711 by their names of RFC 3551 §6; their static payload types are 0 and 8. */
export type Codec = 'PCMU' | 'PCMA';

/** Which way a stream goes, as the one who says it sees it (RFC 8866 §6.7). */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** Error correction of UDPTL (T.38 §9.1, annex C): what is sent with each packet beside the packet itself. */
export type ErrorCorrection = 'none' | 'redundancy' | 'fec';

/** Versions of T.38 by their number in T38FaxVersion; 0 and 1 have the field types of 1998, later ones those of 2002. */
export type T38Version = 0 | 1 | 2 | 3;

/** How T.38 is spoken in this session. */
export interface T38Terms {
  readonly version: T38Version;
  /** bit/s that neither end wants to exceed. */
  readonly maxBitRate: number;
  /** TCF travels end to end: the only way over UDP (T.38 §8.2). */
  readonly rateManagement: 'transferredTCF';
  /** Octets of the largest UDPTL datagram that may be sent to the far end; never less than MIN_DATAGRAM. */
  readonly maxDatagram: number;
  /** What the far end is sent; it may send otherwise, which a UDPTL packet says itself. */
  readonly errorCorrection: ErrorCorrection;
}

/** A stream of G.711. */
export interface AudioMedia {
  readonly kind: 'audio';
  readonly local: Endpoint;
  /** null: the far end is on hold (address 0.0.0.0 or ::) and nothing may be sent. */
  readonly remote: Endpoint | null;
  readonly codec: Codec;
  readonly payloadType: number;
  /** As we see it: nothing is sent unless it is `sendrecv` or `sendonly`. */
  readonly direction: Direction;
}

/** A stream of T.38 over UDPTL. */
export interface T38Media {
  readonly kind: 't38';
  readonly local: Endpoint;
  /** null: where to send to is not known before a packet has come. */
  readonly remote: Endpoint | null;
  readonly terms: T38Terms;
}

/** One stream, as negotiated. */
export type Media = AudioMedia | T38Media;

/** Audio that can be had here. */
export interface AudioAbility {
  readonly local: Endpoint;
  /** Best first; never empty. */
  readonly codecs: readonly Codec[];
}

/** T.38 that can be had here. */
export interface T38Ability {
  readonly local: Endpoint;
  /** The latest version spoken. */
  readonly version: T38Version;
  /** bit/s: 2400 to 14400. */
  readonly maxBitRate: number;
  readonly errorCorrection: ErrorCorrection;
}

/** What may be answered to an offer. An offer with both kinds gets the preferred one. */
export interface Ability {
  readonly audio: AudioAbility | null;
  readonly t38: T38Ability | null;
  readonly prefer: 'audio' | 't38';
}

/** Why an offer or an answer cannot be taken: the response's status and its Warning (RFC 3261 §20.43). */
export interface Refusal {
  readonly status: 488;
  /** 300 to 399. */
  readonly code: number;
  /** Words without numbers or addresses of the peer. */
  readonly text: string;
}
