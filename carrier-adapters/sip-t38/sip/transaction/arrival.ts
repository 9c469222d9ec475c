import {
  BRANCH_COOKIE,
  formatVia,
  parseTopVia,
  type ReceivedRequest,
  type ReceivedResponse,
  type SipRequest,
  type Via,
  vias,
} from '../message/index.ts';
import { defaultPort, type Hop } from './hop.ts';

/**
 * A request with the place that it came from written into its topmost Via (RFC 3261 §18.2.1, RFC 3581 §4): `received`
 * where the peer calls itself otherwise or asks for `rport`, and the port where it asks.
 */
export function withSource(request: ReceivedRequest, from: Hop): ReceivedRequest {
  const { via } = request;
  const address = from.address.includes(':') ? `[${from.address}]` : from.address;
  const asksPort = via.params.has('rport');
  if (via.host === address && !asksPort && !via.params.has('received')) return request;
  const params = new Map(via.params);
  if (asksPort) params.set('rport', String(from.port));
  params.set('received', from.address);
  const headers = request.headers.copy();
  const line = headers.get('via') ?? '';
  const marked: Via = { ...via, params };
  headers.replaceFirst('via', formatVia(marked) + line.slice(parseTopVia(line)?.length ?? line.length));
  return { ...request, headers, via: marked };
}

/**
 * Where the responses to a request go (RFC 3261 §18.2.2, RFC 3581 §4): to where it came from. `maddr` is not followed:
 * it would let a stranger aim our answers at others.
 */
export function responseHop(request: ReceivedRequest, from: Hop): Hop {
  const { transport, address, connection } = from;
  const asksPort = transport === 'udp' && request.via.params.has('rport');
  const port = asksPort ? from.port : (request.via.port ?? defaultPort(transport));
  return { transport, address, port, connection };
}

/**
 * What the requests of one server transaction have in common (RFC 3261 §17.2.3), `method` put in the place of its own:
 * an ACK or CANCEL finds its INVITE. Without the cookie of RFC 3261, or with nothing but the cookie, the fields that
 * RFC 2543 peers repeat stand in for the branch.
 */
export function serverKey(request: ReceivedRequest, method: string): string {
  const { via } = request;
  const sentBy = `${via.host}:${via.port ?? ''}`;
  const branch = via.branch ?? '';
  if (branch.startsWith(BRANCH_COOKIE) && branch.length > BRANCH_COOKIE.length)
    return `${branch}\n${sentBy}\n${method}`;
  const tag = request.fromTag ?? '';
  return `\n${branch}\n${sentBy}\n${request.uri}\n${tag}\n${request.callId}\n${request.cseq.number}\n${method}`;
}

/** What a response and its client transaction have in common (RFC 3261 §17.1.3): topmost branch and method of CSeq. */
export function clientKey(branch: string, method: string): string {
  return `${branch} ${method}`;
}

/** What a response repeats of its request beside the branch (RFC 3261 §8.2.6.2). */
export interface RequestIdentity {
  readonly callId: string;
  readonly cseq: number;
}

export function identityOf(request: SipRequest): RequestIdentity {
  const cseq = Number.parseInt(request.headers.get('cseq') ?? '', 10);
  return { callId: request.headers.get('call-id') ?? '', cseq };
}

/**
 * Whether a response belongs to the request whose branch it bears. One with a second Via is none of ours (§8.1.3.3), and one
 * of another call must not end this one.
 */
export function answers(response: ReceivedResponse, { callId, cseq }: RequestIdentity): boolean {
  return response.callId === callId && response.cseq.number === cseq && vias(response.headers)?.length === 1;
}
