// The messages of SIP: read `message.ts` first, then `parse.ts`.

export { type AuthParams, parseAuthParams } from './auth-params.ts';
export type { CSeq, RAck } from './cseq.ts';
export { escapeUri, unescapeUri } from './escape.ts';
export { createFramer, type Framed, type FrameErrorCode, type Framer } from './framer.ts';
export { type HeaderLine, Headers, headerKey } from './headers.ts';
export { DATAGRAM_LIMIT, STREAM_LIMIT } from './limits.ts';
export {
  type Essentials,
  NO_BODY,
  type ReceivedMessage,
  type ReceivedRequest,
  type ReceivedResponse,
  type SipMessage,
  type SipRequest,
  type SipResponse,
} from './message.ts';
export { formatNameAddr, type NameAddr, parseNameAddr } from './name-addr.ts';
export type { Params } from './params.ts';
export { type Parsed, type ParseErrorCode, parseMessage } from './parse.ts';
export { type ResponseParts, reasonPhrase, responseTo } from './response.ts';
export { quote, unquote } from './scanner.ts';
export { serialise } from './serialise.ts';
export { formatUri, parseUri, type SipUri, sameUri, type TelUri, type Uri } from './uri.ts';
export { BRANCH_COOKIE, formatVia, parseTopVia, type Via } from './via.ts';
export {
  type ContentType,
  contentType,
  minSe,
  nameAddrs,
  number,
  q850Cause,
  type Reason,
  rack,
  reasons,
  retryAfter,
  type SessionExpires,
  sessionExpires,
  tokens,
  vias,
} from './views.ts';
