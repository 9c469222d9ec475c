import type { Params } from './params.ts';

/** An element of From, To, Contact, Route, Record-Route, P-Asserted-Identity (RFC 3261 §20.10, §25.1). Personal data. */
export interface NameAddr {
  /** Without quotes and escapes; null when there is none. */
  readonly display: string | null;
  /** The URI as text, without angle brackets; `parseUri` reads it. */
  readonly uri: string;
  /** Parameters of the header, such as `tag` or `expires`; those of the URI are within it. */
  readonly params: Params;
}
