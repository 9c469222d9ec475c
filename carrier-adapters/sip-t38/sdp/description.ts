/** Words of an attribute `a=name` or `a=name:value` (RFC 8866 §5.13); `value` is null for a flag. */
export interface Attribute {
  readonly name: string;
  readonly value: string | null;
}

/** A media line and what stands below it (RFC 8866 §5.14). */
export interface MediaDescription {
  /** `audio`, `image`, or whatever the peer named; lower case. */
  readonly kind: string;
  /** 0: refused, or not wanted any more. */
  readonly port: number;
  /** As written, e.g. `RTP/AVP`, `udptl`. */
  readonly protocol: string;
  readonly formats: readonly string[];
  /** Address of its own c= line; null: that of the session holds. */
  readonly address: string | null;
  readonly attributes: readonly Attribute[];
}

/** A session description, as far as offer and answer need it. */
export interface SessionDescription {
  /** Session id and version of o=, as written. */
  readonly id: string;
  readonly version: string;
  /** Address of the session's c= line. */
  readonly address: string | null;
  readonly attributes: readonly Attribute[];
  readonly media: readonly MediaDescription[];
}
