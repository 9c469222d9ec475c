import { Headers } from './headers.ts';
import { NO_BODY, type ReceivedRequest, type SipResponse } from './message.ts';

/** Reason phrases (RFC 3261 §21 and the documents that added codes). */
const PHRASES: Readonly<Record<number, string>> = {
  100: 'Trying',
  180: 'Ringing',
  181: 'Call Is Being Forwarded',
  182: 'Queued',
  183: 'Session Progress',
  200: 'OK',
  202: 'Accepted',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  408: 'Request Timeout',
  410: 'Gone',
  413: 'Request Entity Too Large',
  414: 'Request-URI Too Long',
  415: 'Unsupported Media Type',
  416: 'Unsupported URI Scheme',
  420: 'Bad Extension',
  421: 'Extension Required',
  422: 'Session Interval Too Small',
  423: 'Interval Too Brief',
  480: 'Temporarily Unavailable',
  481: 'Call/Transaction Does Not Exist',
  482: 'Loop Detected',
  483: 'Too Many Hops',
  484: 'Address Incomplete',
  486: 'Busy Here',
  487: 'Request Terminated',
  488: 'Not Acceptable Here',
  491: 'Request Pending',
  500: 'Server Internal Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  504: 'Server Time-out',
  505: 'Version Not Supported',
  600: 'Busy Everywhere',
  603: 'Decline',
  606: 'Not Acceptable',
};

/** The usual phrase of a status. */
export function reasonPhrase(status: number): string {
  return PHRASES[status] ?? PHRASES[Math.floor(status / 100) * 100] ?? 'Unknown';
}

/** What a response has beyond what it takes from its request. */
export interface ResponseParts {
  /** The usual phrase when left out. */
  readonly reason?: string;
  /** Tag of To where the request had none; a 100 bears none (RFC 3261 §8.2.6.2). */
  readonly toTag?: string;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: Uint8Array;
  /** Of the body. */
  readonly contentType?: string;
}

/**
 * A response to a request (RFC 3261 §8.2.6.2): its Via lines, From, To, Call-ID and CSeq as they came; for a response
 * that may make a dialog its Record-Route as well (§12.1.1), for 100 its Timestamp (§8.2.6.1).
 *
 * @throws SipError `unsafe_value` when a part of ours would end its line
 */
export function responseTo(request: ReceivedRequest, status: number, parts: ResponseParts = {}): SipResponse {
  const headers = new Headers();
  for (const { name, key, value } of request.headers.lines()) {
    if (key === 'to') headers.append(name, taggedTo(request, value, parts.toTag));
    else if (isCopied(key, request.method, status)) headers.append(name, value);
  }
  for (const [name, value] of parts.headers ?? []) headers.append(name, value);
  if (parts.contentType !== undefined) headers.append('Content-Type', parts.contentType);
  const reason = parts.reason ?? reasonPhrase(status);
  return { kind: 'response', status, reason, headers, body: parts.body ?? NO_BODY };
}

function taggedTo(request: ReceivedRequest, to: string, tag: string | undefined): string {
  return tag === undefined || request.toTag !== null ? to : `${to};tag=${tag}`;
}

function isCopied(key: string, method: string, status: number): boolean {
  if (key === 'via' || key === 'from' || key === 'call-id' || key === 'cseq') return true;
  if (key === 'timestamp') return status === 100;
  return key === 'record-route' && method === 'INVITE' && status > 100 && status < 300;
}
