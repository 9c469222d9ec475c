import {
  formatNameAddr,
  formatUri,
  type NameAddr,
  nameAddrs,
  parseUri,
  type ReceivedRequest,
  type ReceivedResponse,
  type SipRequest,
} from '../message/index.ts';
import { ROUTES } from './limits.ts';
import { requestOf } from './request.ts';

/** Headers and body that a request within a dialog has beside what the dialog gives. */
export interface DialogRequest {
  readonly method: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly sdp?: string | null;
  /** ACK only: the CSeq of its INVITE (RFC 3261 §13.2.2.4); left out: the next one. */
  readonly cseq?: number;
}

interface DialogParts {
  readonly callId: string;
  /** Values of From and To as our requests write them. */
  readonly local: string;
  readonly remote: string;
  readonly localTag: string;
  readonly remoteTag: string | null;
  readonly routes: readonly NameAddr[];
  readonly target: string;
  readonly localCSeq: number;
  readonly remoteCSeq: number | null;
}

/** The state of RFC 3261 §12 that two user agents share. Holds numbers: never for logs. */
export class Dialog {
  readonly callId: string;
  readonly localTag: string;
  /** Null: an RFC 2543 peer (§12.1.1). */
  readonly remoteTag: string | null;
  readonly #local: string;
  readonly #remote: string;
  readonly #routes: readonly NameAddr[];
  #target: string;
  #localCSeq: number;
  #remoteCSeq: number | null;

  private constructor(parts: DialogParts) {
    this.callId = parts.callId;
    this.localTag = parts.localTag;
    this.remoteTag = parts.remoteTag;
    this.#local = parts.local;
    this.#remote = parts.remote;
    this.#routes = parts.routes;
    this.#target = parts.target;
    this.#localCSeq = parts.localCSeq;
    this.#remoteCSeq = parts.remoteCSeq;
  }

  /**
   * The caller's side (§12.1.2): from a response that makes a dialog, and its request with the CSeq `cseq`. A missing or
   * unusable Contact leaves the first target.
   */
  static ofResponse(request: SipRequest, localTag: string, cseq: number, response: ReceivedResponse): Dialog {
    const routes = nameAddrs(response.headers, 'record-route') ?? [];
    return new Dialog({
      callId: response.callId,
      local: request.headers.get('from') ?? '',
      remote: response.headers.get('to') ?? '',
      localTag,
      remoteTag: response.toTag,
      routes: routes.slice(0, ROUTES).reverse(),
      target: contactUri(response.headers) ?? request.uri,
      localCSeq: cseq,
      remoteCSeq: null,
    });
  }

  /** The called side (§12.1.1). Null: without a usable Contact there is no dialog (§8.1.1.8). */
  static ofRequest(request: ReceivedRequest, localTag: string): Dialog | null {
    const target = contactUri(request.headers);
    const routes = nameAddrs(request.headers, 'record-route');
    if (target === null || routes === undefined || routes.length > ROUTES) return null;
    return new Dialog({
      callId: request.callId,
      local: `${request.headers.get('to') ?? ''};tag=${localTag}`,
      remote: request.headers.get('from') ?? '',
      localTag,
      remoteTag: request.fromTag,
      routes,
      target,
      localCSeq: 0,
      remoteCSeq: request.cseq.number,
    });
  }

  /** The URI that decides where requests go (§12.2.1.1, §8.1.2). */
  get nextHop(): string {
    return this.#routes[0]?.uri ?? this.#target;
  }

  /** Makes the next request, with the route set loose or strict (§12.2.1.1). */
  request(parts: DialogRequest): SipRequest {
    const cseq = parts.cseq ?? ++this.#localCSeq;
    const first = this.#routes[0];
    const strict = first !== undefined && !isLoose(first);
    const routes = strict
      ? [...this.#routes.slice(1).map(formatNameAddr), formatNameAddr({ uri: this.#target })]
      : this.#routes.map(formatNameAddr);
    return requestOf({
      method: parts.method,
      uri: strict ? first.uri : this.#target,
      from: this.#local,
      to: this.#remote,
      callId: this.callId,
      cseq,
      routes,
      headers: parts.headers,
      ...(parts.sdp !== undefined && { sdp: parts.sdp }),
    });
  }

  /** Whether a request belongs to this dialog. */
  has(request: ReceivedRequest): boolean {
    return request.callId === this.callId && request.toTag === this.localTag && request.fromTag === this.remoteTag;
  }

  /** Takes the CSeq of a request of the far side; false: it is older than one that came before (§12.2.2: 500). */
  takeCSeq(number: number): boolean {
    if (this.#remoteCSeq !== null && number <= this.#remoteCSeq) return false;
    this.#remoteCSeq = number;
    return true;
  }

  /** A target refresh (§12.2.1.2, §12.2.2): re-INVITE or UPDATE, or a 2xx to one; true: the target is another one now. */
  refresh(message: ReceivedRequest | ReceivedResponse): boolean {
    const target = contactUri(message.headers);
    if (target === null || target === this.#target) return false;
    this.#target = target;
    return true;
  }
}

/** The first SIP URI of Contact; null: none that a request could go to. */
function contactUri(headers: ReceivedRequest['headers']): string | null {
  const uri = nameAddrs(headers, 'contact')?.[0]?.uri;
  const parsed = uri === undefined ? undefined : parseUri(uri);
  if (parsed === undefined || parsed.scheme === 'tel') return null;
  // Headers in a URI are not for requests (§19.1.1 table 1).
  return parsed.headers === '' ? (uri ?? null) : formatUri({ ...parsed, headers: '' });
}

function isLoose(route: NameAddr): boolean {
  const uri = parseUri(route.uri);
  return uri !== undefined && uri.scheme !== 'tel' && uri.params.has('lr');
}
