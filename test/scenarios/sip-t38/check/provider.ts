/** A provider's SIP server as the check of a trunk meets it: scripted, on a virtual network. */
import { createHash } from 'node:crypto';
import { createDigestServer } from '../../../../carrier-adapters/sip-t38/sip/digest-server.ts';
import {
  nameAddrs,
  parseMessage,
  type ReceivedRequest,
  type ResponseParts,
  responseTo,
  serialise,
} from '../../../../carrier-adapters/sip-t38/sip/message/index.ts';
import type { VirtualClock } from '../../calls/virtual-clock.ts';
import { SIP_PORT, type VirtualNetwork } from '../call/virtual-network.ts';

export const PROVIDER = '192.0.2.9';
export const ACCOUNT = { username: 'gw', password: 'open sesame' };

/** What it answers, or null for silence. */
export type Answer = readonly [status: number, parts?: ResponseParts];
export type Script = (request: ReceivedRequest, provider: Provider) => Answer | null;

/** Answers every request by its script, and remembers what it was asked. */
export class Provider {
  /** Methods in order, and `REGISTER?` for one that only asks. */
  readonly heard: string[] = [];
  /** Contacts that are registered, with their expiry. */
  readonly bindings = new Map<string, number>();
  readonly #clock: VirtualClock;
  readonly #network: VirtualNetwork;
  readonly #script: Script;
  readonly #digest = createDigestServer({
    realm: 'telco',
    hash: (algorithm, text) =>
      createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
        .update(text)
        .digest('hex'),
    mac: (text) => createHash('sha256').update(`provider ${text}`).digest('hex'),
    password: (username) => (username === ACCOUNT.username ? ACCOUNT.password : undefined),
  });

  constructor(network: VirtualNetwork, clock: VirtualClock, script: Script) {
    this.#network = network;
    this.#clock = clock;
    this.#script = script;
    network.bind({ address: PROVIDER, port: SIP_PORT }, (bytes, from) => this.#hear(bytes, from));
  }

  /** A challenge, where the request does not answer one rightly. */
  challenge(request: ReceivedRequest): Answer | null {
    const now = this.#clock.monotonic();
    const verdict = this.#digest.verify(request, 'anybody', now);
    if ('ok' in verdict) return null;
    return [401, { headers: this.#digest.challenge('anybody', now, verdict.refused === 'stale') }];
  }

  /** What a registrar does (RFC 3261 §10.3). */
  register(request: ReceivedRequest, least = 0): Answer {
    const contact = nameAddrs(request.headers, 'contact')?.[0]?.uri;
    const expires = Number(request.headers.get('expires') ?? '0');
    if (expires > 0 && expires < least) return [423, { headers: [['Min-Expires', String(least)]] }];
    if (contact !== undefined && expires > 0) this.bindings.set(contact, expires);
    else if (contact !== undefined) this.bindings.delete(contact);
    return [
      200,
      { headers: [...this.bindings].map(([uri, left]) => ['Contact', `<${uri}>;expires=${left}`] as const) },
    ];
  }

  #hear(bytes: Uint8Array, from: { readonly address: string; readonly port: number }): void {
    const parsed = parseMessage(bytes);
    if (!('message' in parsed) || parsed.message.kind !== 'request') return;
    const request = parsed.message;
    this.heard.push(request.method === 'REGISTER' && !request.headers.has('contact') ? 'REGISTER?' : request.method);
    const answer = request.method === 'ACK' ? null : this.#script(request, this);
    if (answer === null) return;
    const response = responseTo(request, answer[0], { toTag: 'provider', ...answer[1] });
    const via = response.headers.get('via') ?? '';
    response.headers.replaceFirst('via', via.replace(/;rport(?=;|$)/, `;rport=${from.port};received=${from.address}`));
    const to = from;
    this.#network.send({ kind: 'sip', from: { address: PROVIDER, port: SIP_PORT }, to, bytes: serialise(response) });
  }
}
