import type { Suite } from '../handshake/suite.ts';

/** What sealing and opening need of a session: a `ServerSession` and a `ClientSession` both have it. */
export interface MessageSession {
  /** 16 octets. */
  readonly sid: Uint8Array;
  /** 64 octets: requests. */
  readonly c2s: Uint8Array;
  /** 64 octets: responses. */
  readonly s2c: Uint8Array;
  /** The 256-bit suite when left out. */
  readonly suite?: Suite;
}
