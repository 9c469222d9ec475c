import type { CSeq } from './cseq.ts';
import type { Headers } from './headers.ts';
import type { NameAddr } from './name-addr.ts';
import type { Via } from './via.ts';

/** A request (RFC 3261 §7.1). */
export interface SipRequest {
  readonly kind: 'request';
  /** In the case in which it was written: methods are case-sensitive. */
  readonly method: string;
  /** The Request-URI as text; `parseUri` reads it. */
  readonly uri: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** A response (RFC 3261 §7.2). */
export interface SipResponse {
  readonly kind: 'response';
  /** 100 to 699. */
  readonly status: number;
  /** The peer's words: not for logs. */
  readonly reason: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

export type SipMessage = SipRequest | SipResponse;

/** What every message must have (RFC 3261 §8.1.1), read and checked when it came in. */
export interface Essentials {
  /** The topmost one. */
  readonly via: Via;
  readonly from: NameAddr;
  /** The tag of From; null from an RFC 2543 peer. */
  readonly fromTag: string | null;
  readonly to: NameAddr;
  readonly toTag: string | null;
  readonly callId: string;
  readonly cseq: CSeq;
}

export type ReceivedRequest = SipRequest & Essentials;
export type ReceivedResponse = SipResponse & Essentials;
export type ReceivedMessage = ReceivedRequest | ReceivedResponse;

export const NO_BODY = new Uint8Array(0);
