import type { Socket } from 'node:dgram';
import type { Endpoint } from '../sip/agent/io.ts';
import { NetworkError } from './errors.ts';
import type { FaultSink, MediaPort } from './network.ts';
import { bindUdp } from './udp.ts';

/** Ports that are tried for one call before it is said that none is free. */
const TRIES = 32;
/** Receive buffer of a call, bytes: some seconds of UDPTL, so that a late turn of the event loop loses nothing. */
const BUFFER = 256 * 1_024;
/** Largest datagram that is looked at: more than any UDPTL or G.711 packet of the field has. */
const LARGEST = 4_096;

/** Ports for media as they are configured. */
export interface MediaRange {
  readonly address: string;
  /** The even ports from first to last; 0, 0: whichever the kernel gives. */
  readonly ports: readonly [number, number];
}

/** A range of UDP ports, one for each call. Taken in turn, so that stragglers of an old call do not meet a new one. */
export class MediaPorts {
  readonly #range: MediaRange;
  readonly #fault: FaultSink;
  readonly #free: number[];
  readonly #open = new Set<Socket>();

  constructor(range: MediaRange, fault: FaultSink) {
    this.#range = range;
    this.#fault = fault;
    this.#free = evenPorts(range.ports);
  }

  /** Opens the next port; null when none is free. */
  async open(advertised: string, heard: (datagram: Uint8Array, from: Endpoint) => void): Promise<MediaPort | null> {
    const bound = await this.#bind();
    if (bound === null) {
      this.#fault('limit');
      return null;
    }
    const { socket, port } = bound;
    this.#open.add(socket);
    socket.on('error', () => this.#fault('socket'));
    socket.on('message', (datagram, from) => {
      if (datagram.length <= LARGEST) heard(datagram, { address: from.address, port: from.port });
      datagram.fill(0);
    });
    return {
      advertised: { address: advertised, port: socket.address().port },
      send: (datagram, to) => this.#send(socket, datagram, to),
      close: () => this.#close(socket, port),
    };
  }

  close(): void {
    for (const socket of this.#open) socket.close();
    this.#open.clear();
  }

  /** A bound socket and the port of the range that it took; a port that another program has goes to the end of the row. */
  async #bind(): Promise<{ socket: Socket; port: number | null } | null> {
    const { address, ports } = this.#range;
    if (ports[1] === 0) return this.#tryBind(address, 0).then((socket) => socket && { socket, port: null });
    for (let left = Math.min(TRIES, this.#free.length); left > 0; left--) {
      const port = this.#free.shift();
      if (port === undefined) return null;
      const socket = await this.#tryBind(address, port);
      if (socket !== null) return { socket, port };
      this.#free.push(port);
    }
    return null;
  }

  async #tryBind(address: string, port: number): Promise<Socket | null> {
    try {
      return await bindUdp('media', { address, port }, BUFFER);
    } catch (error) {
      if (error instanceof NetworkError) return null;
      throw error;
    }
  }

  #send(socket: Socket, datagram: Uint8Array, to: Endpoint): void {
    if (!this.#open.has(socket) || to.port < 1 || to.port > 65_535) {
      datagram.fill(0);
      return;
    }
    socket.send(datagram, to.port, to.address, (error) => {
      datagram.fill(0);
      if (error !== null) this.#fault('send');
    });
  }

  #close(socket: Socket, port: number | null): void {
    if (!this.#open.delete(socket)) return;
    socket.close();
    if (port !== null) this.#free.push(port);
  }
}

function evenPorts([first, last]: readonly [number, number]): number[] {
  const from = first + (first % 2);
  return first === 0
    ? []
    : Array.from({ length: Math.max(0, Math.floor((last - from) / 2) + 1) }, (_, at) => from + 2 * at);
}
