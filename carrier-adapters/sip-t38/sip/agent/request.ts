import { Headers, NO_BODY, type SipRequest } from '../message/index.ts';

/** What a request is made of, beside its Via. */
export interface RequestParts {
  readonly method: string;
  readonly uri: string;
  /** Values of From and To with their tags. */
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  readonly cseq: number;
  /** Values of Route, in order. */
  readonly routes?: readonly string[];
  /** Further headers, in order. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly sdp?: string | null;
}

const utf8 = new TextEncoder();

/** A request as RFC 3261 §8.1.1 wants it. */
export function requestOf(parts: RequestParts): SipRequest {
  const sdp = parts.sdp ?? null;
  const headers = new Headers([
    ['Max-Forwards', '70'],
    ...(parts.routes ?? []).map((route) => ['Route', route] as const),
    ['From', parts.from],
    ['To', parts.to],
    ['Call-ID', parts.callId],
    ['CSeq', `${parts.cseq} ${parts.method}`],
    ...(parts.headers ?? []),
    ...(sdp === null ? [] : [['Content-Type', 'application/sdp'] as const]),
  ]);
  const body = sdp === null ? NO_BODY : utf8.encode(sdp);
  return { kind: 'request', method: parts.method, uri: parts.uri, headers, body };
}
