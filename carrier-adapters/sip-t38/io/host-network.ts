import { isIPv6 } from 'node:net';
import type { Clock } from '../../../gateway/ports/clock.ts';
import type { Destination, Endpoint, NetworkInput, SrvRecord } from '../sip/agent/io.ts';
import type { Listening } from '../sip/agent/options.ts';
import { MediaPorts, type MediaRange } from './media-ports.ts';
import type { FaultSink, MediaPort, Network, Signalling } from './network.ts';
import { addressTowards, anyAddress, isWildcard } from './own-address.ts';
import { DnsCache } from './resolver.ts';
import { StreamTransport } from './streams.ts';
import { UdpTransport } from './udp.ts';

/** A socket that listens for SIP. */
export interface ListenSettings {
  readonly transport: 'udp' | 'tcp' | 'tls';
  readonly address: string;
  readonly port: number;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
}

/** What the network of this host is used for. */
export interface HostNetworkOptions {
  readonly listen: readonly ListenSettings[];
  readonly media: MediaRange;
  /** What the world sees in place of our addresses; null: they are what they are. */
  readonly publicAddress: string | null;
  /** CA certificates (PEM) in place of the public ones. */
  readonly authorities: string | undefined;
  /** Names or addresses of the peers: they tell which of our addresses a wildcard stands for. */
  readonly peers: readonly string[];
  readonly clock: Clock;
  readonly fault: FaultSink;
}

type Transport = UdpTransport | StreamTransport;

/** The sockets and resolver of this host. */
export class HostNetwork implements Network {
  readonly #options: HostNetworkOptions;
  readonly #dns: DnsCache;
  readonly #media: MediaPorts;
  #mediaAddress: Promise<string> | undefined;

  constructor(options: HostNetworkOptions) {
    this.#options = options;
    const v6 = options.listen.some(({ address }) => isIPv6(address));
    const v4 = options.listen.some(({ address }) => !isIPv6(address));
    this.#dns = new DnsCache(options.clock, options.fault, { v4, v6 });
    this.#media = new MediaPorts(options.media, options.fault);
  }

  async openSignalling(heard: (input: NetworkInput) => void): Promise<Signalling> {
    const open: { readonly settings: ListenSettings; readonly transport: Transport }[] = [];
    try {
      for (const settings of this.#options.listen) {
        open.push({ settings, transport: await this.#openTransport(settings, heard) });
      }
    } catch (error) {
      await Promise.all(open.map(({ transport }) => transport.close()));
      throw error;
    }
    const listening = await Promise.all(
      open.map(({ settings, transport }) => this.#listening(settings.transport, transport.local)),
    );
    return {
      listening,
      send: (to, bytes) => send(open, to, bytes, heard),
      disconnect: (id) => {
        for (const { transport } of open) if (transport instanceof StreamTransport) transport.disconnect(id);
      },
      close: async () => {
        this.#media.close();
        await Promise.all(open.map(({ transport }) => transport.close()));
      },
    };
  }

  async openMedia(heard: (datagram: Uint8Array, from: Endpoint) => void): Promise<MediaPort | null> {
    this.#mediaAddress ??= this.#seenAs(this.#options.media.address);
    return this.#media.open(await this.#mediaAddress, heard);
  }

  services(name: string): Promise<readonly SrvRecord[]> {
    return this.#dns.services(name);
  }

  addresses(name: string): Promise<readonly string[]> {
    return this.#dns.addresses(name);
  }

  #openTransport(settings: ListenSettings, heard: (input: NetworkInput) => void): Promise<Transport> {
    const { transport, address, port, certificate, key } = settings;
    const { fault, clock, authorities } = this.#options;
    if (transport === 'udp') return UdpTransport.open({ address, port }, heard, fault);
    const tls = { certificate, key, authorities };
    return StreamTransport.open({ transport, at: { address, port }, tls, heard, fault, clock });
  }

  async #listening(transport: ListenSettings['transport'], local: Endpoint): Promise<Listening> {
    const seen = await this.#seenAs(local.address);
    return { transport, local, advertised: seen === local.address ? null : { address: seen, port: local.port } };
  }

  /** What others see in place of a bound address: as configured, or what a wildcard stands for on the way to a peer. */
  async #seenAs(address: string): Promise<string> {
    const { publicAddress, peers } = this.#options;
    if (publicAddress !== null && isIPv6(publicAddress) === isIPv6(address)) return publicAddress;
    if (!isWildcard(address)) return address;
    for (const peer of peers) {
      for (const target of await this.#dns.addresses(peer)) {
        const ours = isIPv6(target) === isIPv6(address) ? await addressTowards(target) : null;
        if (ours !== null) return ours;
      }
    }
    return anyAddress(isIPv6(address));
  }
}

function send(
  open: readonly { readonly settings: ListenSettings; readonly transport: Transport }[],
  to: Destination,
  bytes: Uint8Array,
  heard: (input: NetworkInput) => void,
): void {
  const way = open.find(
    ({ settings, transport }) => settings.transport === to.transport && transport.reaches(to.remote.address),
  );
  if (way === undefined) {
    setImmediate(() => heard({ type: 'unreachable', transport: to.transport, remote: to.remote }));
  } else if (way.transport instanceof UdpTransport) {
    way.transport.send(to.remote, bytes);
  } else {
    way.transport.send(to, bytes);
  }
}
