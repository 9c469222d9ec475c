import type { ReceivedResponse } from '../message/index.ts';
import { formatNameAddr, formatUri } from '../message/index.ts';
import { parseAddress } from './address.ts';
import type { Endpoint, TransportName } from './io.ts';
import type { Listening } from './options.ts';
import { defaultPort } from './targets.ts';
import type { Trunk } from './trunk.ts';

/** Methods that we take (RFC 3261 §20.5). */
export const METHODS = ['INVITE', 'ACK', 'CANCEL', 'BYE', 'OPTIONS', 'UPDATE', 'INFO'] as const;
export const ALLOW = METHODS.join(', ');

/** Extensions that we know (RFC 4028). */
export const SUPPORTED = 'timer';

/** How the agent is called from outside, per trunk and transport. */
export class Self {
  readonly #listening: readonly Listening[];
  /** What responses have told of our address as it is seen from a trunk (RFC 3581 §4). */
  readonly #learned = new Map<Trunk, Endpoint>();

  constructor(listening: readonly Listening[]) {
    this.#listening = listening;
  }

  listens(transport: TransportName): boolean {
    return this.#listening.some((listening) => listening.transport === transport);
  }

  /** `host:port` of Via; the response finds its way by `rport` even where this is a private address. */
  sentBy(transport: TransportName): string {
    return hostPort(this.#own(transport));
  }

  /** Value of Contact: where the far side sends requests within a dialog, or calls of this trunk. */
  contact(trunk: Trunk, transport: TransportName): string {
    return formatNameAddr({ uri: this.contactUri(trunk, transport) });
  }

  contactUri(trunk: Trunk, transport: TransportName): string {
    const learned = transport === 'udp' ? this.#learned.get(trunk) : undefined;
    const { address, port } = learned ?? this.#own(transport);
    return formatUri({
      scheme: 'sip',
      user: trunk.register?.contactUser ?? trunk.user,
      password: null,
      host: bracketed(address),
      port: port === 0 ? null : port,
      params: new Map(transport === 'udp' ? [] : [['transport', transport]]),
      headers: '',
    });
  }

  /** Reads from a response over UDP how we are seen; true: our Contact for this trunk is another one now. */
  learn(trunk: Trunk, transport: TransportName, response: ReceivedResponse): boolean {
    const own = this.#listening.find((listening) => listening.transport === transport);
    if (transport !== 'udp' || own === undefined || own.advertised !== null) return false;
    const { host, port, params } = response.via;
    const address = unbracketed(params.get('received') ?? host);
    const seen = Number(params.get('rport') ?? port ?? defaultPort(transport));
    if (parseAddress(address) === null || !Number.isInteger(seen) || seen < 1 || seen > 65_535) return false;
    const before = this.#learned.get(trunk) ?? own.local;
    if (before.address === address && before.port === seen) return false;
    this.#learned.set(trunk, { address, port: seen });
    return true;
  }

  #own(transport: TransportName): Endpoint {
    const own = this.#listening.find((listening) => listening.transport === transport) ?? this.#listening[0];
    if (own === undefined) return { address: '127.0.0.1', port: 0 };
    const endpoint = own.advertised ?? own.local;
    // A transport that only opens connections has no port of its own that others could call.
    return own.transport === transport ? endpoint : { address: endpoint.address, port: defaultPort(transport) };
  }
}

/** IPv6 as a URI has it. */
export function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** The address or name in a URI's host. */
export function unbracketed(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

function hostPort({ address, port }: Endpoint): string {
  return port === 0 ? bracketed(address) : `${bracketed(address)}:${port}`;
}
