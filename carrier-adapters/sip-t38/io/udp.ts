import { createSocket, type Socket, type SocketOptions } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Endpoint, NetworkInput } from '../sip/agent/io.ts';
import { bindError } from './errors.ts';
import type { FaultSink } from './network.ts';

/** Receive buffer of a SIP listener, bytes: a second of a busy trunk while the event loop is busy elsewhere. */
const SIGNALLING_BUFFER = 1 << 20;

/** Only addresses are sent to, so there is nothing to look up; a datagram then leaves in the turn in which it is due. */
const literal: NonNullable<SocketOptions['lookup']> = (address, _, done) =>
  done(null, address, address.includes(':') ? 6 : 4);

/** A bound UDP socket. @throws NetworkError */
export async function bindUdp(what: string, { address, port }: Endpoint, buffer?: number): Promise<Socket> {
  const socket = isIPv6(address)
    ? createSocket({ type: 'udp6', ipv6Only: true, lookup: literal })
    : createSocket({ type: 'udp4', lookup: literal });
  const bound = Promise.withResolvers<void>();
  socket.once('error', bound.reject);
  socket.bind({ address, port, exclusive: true }, bound.resolve);
  try {
    await bound.promise;
  } catch (error) {
    socket.close();
    throw bindError(`${what} on ${address}:${port}`, error);
  }
  socket.removeListener('error', bound.reject);
  if (buffer !== undefined) enlarge(socket, buffer);
  return socket;
}

/** The kernel may allow less; what it allows is enough to begin with. */
function enlarge(socket: Socket, buffer: number): void {
  try {
    socket.setRecvBufferSize(buffer);
  } catch {
    // Its default stays.
  }
}

/** SIP over one UDP socket. */
export class UdpTransport {
  readonly local: Endpoint;
  readonly #socket: Socket;
  readonly #heard: (input: NetworkInput) => void;
  readonly #fault: FaultSink;

  private constructor(socket: Socket, heard: (input: NetworkInput) => void, fault: FaultSink) {
    const { address, port } = socket.address();
    this.local = { address, port };
    this.#socket = socket;
    this.#heard = heard;
    this.#fault = fault;
    socket.on('error', () => fault('socket'));
    socket.on('message', (bytes, from) => {
      const remote = { address: plain(from.address), port: from.port };
      heard({ type: 'received', transport: 'udp', connection: null, local: this.local, remote, bytes });
    });
  }

  /** @throws NetworkError */
  static async open(at: Endpoint, heard: (input: NetworkInput) => void, fault: FaultSink): Promise<UdpTransport> {
    return new UdpTransport(await bindUdp('SIP over udp', at, SIGNALLING_BUFFER), heard, fault);
  }

  /** Whether this socket can reach `address`. */
  reaches(address: string): boolean {
    return isIPv6(address) === isIPv6(this.local.address);
  }

  send(remote: Endpoint, bytes: Uint8Array): void {
    if (remote.port < 1 || remote.port > 65_535) return;
    this.#socket.send(bytes, remote.port, remote.address, (error) => {
      if (error === null) return;
      this.#fault('send');
      this.#heard({ type: 'unreachable', transport: 'udp', remote });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }
}

/** An address without the zone that link-local ones come with. */
function plain(address: string): string {
  const zone = address.indexOf('%');
  return zone < 0 ? address : address.slice(0, zone);
}
