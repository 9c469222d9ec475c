import type { Params } from './params.ts';

/** One element of Via (RFC 3261 §20.42). */
export interface Via {
  /** Upper case: UDP, TCP, TLS, or whatever else was written. */
  readonly transport: string;
  /** Lower case; an IPv6 address in brackets. */
  readonly host: string;
  /** Null: the default of the transport. */
  readonly port: number | null;
  /** `branch`, `received`, `rport`, `maddr`, `ttl` and others. */
  readonly params: Params;
  readonly branch: string | null;
}
