import type { TransportName } from './io.ts';

/** A host that SIP may go to: a domain (SRV records are looked up when `port` is null) or an address. */
export interface SipHost {
  readonly host: string;
  readonly port: number | null;
}

/** How digits are written in the user part of a URI, from E.164: `+4930…`, `4930…` or `004930…`. */
export type NumberFormat = 'plus' | 'digits' | 'double_zero';

/**
 * `from`: as user of From. `identity`: in P-Asserted-Identity (RFC 3325 §9.1), From being the trunk's `user`. `both`: in
 * both. `none`: nowhere.
 */
export type CallerId = 'from' | 'identity' | 'both' | 'none';

/** User name and password of a digest (RFC 8760). */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** A SIP trunk as it is configured. */
export interface Trunk {
  /** Name in orders and events. */
  readonly name: string;
  /** The provider: host of the Request-URI and of To, registrar, and where requests go without `outboundProxy`. */
  readonly server: SipHost;
  readonly transport: TransportName;
  /** Where requests go in place of `server`; named in no header (RFC 3261 §8.1.2). */
  readonly outboundProxy: SipHost | null;
  /** How we answer 401 and 407; null: a challenge ends the request. */
  readonly credentials: Credentials | null;
  /** Registered trunk: REGISTER is kept up while the agent runs. Null: a static trunk. */
  readonly register: Registering | null;
  /** Host of the From URI; null: `server.host`. */
  readonly fromDomain: string | null;
  /** User of From when a call names no number of its own; registered trunks: of the address of record. */
  readonly user: string;
  readonly numberFormat: NumberFormat;
  /** Where the calling number of a placed call is told. */
  readonly callerId: CallerId;
  /** Addresses and CIDRs that inbound calls come from, beside those that `server` and `outboundProxy` resolve to. */
  readonly peers: readonly string[];
  /** The peer must answer our own challenge with these; null: its address is enough. */
  readonly inboundAuth: Credentials | null;
}

/** Registration of a trunk (RFC 3261 §10). */
export interface Registering {
  /** Seconds asked for; the registrar may grant others. */
  readonly expires: number;
  /** User part of our Contact, by which the provider calls us. */
  readonly contactUser: string;
  /** Seconds between CRLF keep-alives over the flow of the registration (RFC 5626 §3.5); 0: none. */
  readonly keepAlive: number;
}
