import type { Destination, Endpoint, NetworkInput, SrvRecord } from '../sip/agent/io.ts';
import type { Listening } from '../sip/agent/options.ts';

/** Sockets for SIP: every configured transport, open. */
export interface Signalling {
  readonly listening: readonly Listening[];
  /** Never throws; what does not get there is told as `unreachable`, if it can be told at all. */
  send(to: Destination, bytes: Uint8Array): void;
  /** Closes a connection after what was sent over it; `closed` follows. */
  disconnect(connection: string): void;
  close(): Promise<void>;
}

/** One UDP socket for the media of one call: RTP first, UDPTL after the switch. */
export interface MediaPort {
  /** What SDP says of it. */
  readonly advertised: Endpoint;
  /** Never throws; what does not get there is lost, as on any network. The port owns the datagram, and zeroes it once it has left. */
  send(datagram: Uint8Array, to: Endpoint): void;
  close(): void;
}

/** The network as the engine uses it: real sockets, or a virtual one in tests. */
export interface Network {
  /** @throws NetworkError */
  openSignalling(heard: (input: NetworkInput) => void): Promise<Signalling>;
  /** Null: no port is free. A datagram is zeroed when `heard` returns. */
  openMedia(heard: (datagram: Uint8Array, from: Endpoint) => void): Promise<MediaPort | null>;
  /** SRV records of a name; empty: none, or the look-up failed. */
  services(name: string): Promise<readonly SrvRecord[]>;
  /** Addresses of a name of the families that are in use, best first; empty: none, or the look-up failed. */
  addresses(name: string): Promise<readonly string[]>;
}

/** Faults of the network that nobody asked about, by what they are: counted, never fatal. */
export type FaultSink = (fault: 'socket' | 'send' | 'connection' | 'dns' | 'limit') => void;
