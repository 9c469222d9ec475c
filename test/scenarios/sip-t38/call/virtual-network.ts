import type { MediaPort, Network, Signalling } from '../../../../carrier-adapters/sip-t38/io/network.ts';
import type { Endpoint, NetworkInput } from '../../../../carrier-adapters/sip-t38/sip/agent/io.ts';
import type { Clock } from '../../../../gateway/ports/clock.ts';

/** One datagram on its way. */
export interface Packet {
  readonly kind: 'sip' | 'media';
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly bytes: Uint8Array;
}

/** What becomes of a datagram: where it goes (another place than was asked for, with another sender), or nothing. */
export type Route = (packet: Packet) => Packet | null;

/** ms from one host to another. */
const DELAY = 10;
export const SIP_PORT = 5_060;

type Hearer = (bytes: Uint8Array, from: Endpoint) => void;

const keyOf = ({ address, port }: Endpoint) => `${address}:${port}`;

/** An IP network in memory, on a clock of its own: UDP alone, no loss but what `route` does. */
export class VirtualNetwork {
  readonly #clock: Clock;
  readonly #sockets = new Map<string, Hearer>();
  #ports = 40_000;
  route: Route = (packet) => packet;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The ports that are open at an address. */
  openAt(address: string): number[] {
    const prefix = `${address}:`;
    const open = [...this.#sockets.keys()].filter((key) => key.startsWith(prefix));
    return open.map((key) => Number(key.slice(prefix.length)));
  }

  /** A host with one SIP socket. */
  host(address: string): Network {
    const at: Endpoint = { address, port: SIP_PORT };
    return {
      openSignalling: async (heard) => this.#signalling(at, heard),
      openMedia: async (heard) => this.#media(address, heard),
      services: async () => [],
      addresses: async (name) => [name],
    };
  }

  /** Opens a socket. */
  bind(at: Endpoint, heard: Hearer): () => void {
    this.#sockets.set(keyOf(at), heard);
    return () => {
      if (this.#sockets.get(keyOf(at)) === heard) this.#sockets.delete(keyOf(at));
    };
  }

  send(packet: Packet): void {
    const routed = this.route({ ...packet, bytes: packet.bytes.slice() });
    if (routed === null) return;
    this.#clock.after(DELAY, () => this.#sockets.get(keyOf(routed.to))?.(routed.bytes, routed.from));
  }

  #signalling(local: Endpoint, heard: (input: NetworkInput) => void): Signalling {
    const close = this.bind(local, (bytes, remote) =>
      heard({ type: 'received', transport: 'udp', connection: null, local, remote, bytes }),
    );
    return {
      listening: [{ transport: 'udp', local, advertised: null }],
      send: ({ remote }, bytes) => this.send({ kind: 'sip', from: local, to: remote, bytes }),
      disconnect: () => {},
      close: async () => close(),
    };
  }

  #media(address: string, heard: Hearer): MediaPort {
    const local: Endpoint = { address, port: this.#ports };
    this.#ports += 2;
    const close = this.bind(local, heard);
    return {
      advertised: local,
      send: (bytes, to) => this.send({ kind: 'media', from: local, to, bytes }),
      close,
    };
  }
}
