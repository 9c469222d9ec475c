import { createFramer, type Framed, type Framer } from '../message/index.ts';
import type { Endpoint, NetworkOutput, TransportName } from './io.ts';
import { CONNECTIONS } from './limits.ts';

/** A connection that octets have come over. */
export interface Stream {
  readonly connection: string;
  readonly transport: TransportName;
  readonly remote: Endpoint;
  readonly framer: Framer;
}

const PONG = new TextEncoder().encode('\r\n');

/** The open TCP and TLS connections, each with what it has of a message. */
export class Streams {
  readonly #streams = new Map<string, Stream>();

  /** Messages that are complete now; null: the connection has to be closed. */
  push(
    connection: string,
    transport: TransportName,
    remote: Endpoint,
    bytes: Uint8Array,
    send: (output: NetworkOutput) => void,
  ): Uint8Array[] | null {
    const stream = this.#streams.get(connection) ?? this.#open(connection, transport, remote);
    const framed = stream?.framer.push(bytes) ?? [];
    const isDead = stream === null || framed.some(({ type }) => type === 'error');
    if (framed.some(({ type }) => type === 'ping') && !isDead) {
      send({ type: 'send', to: { transport, remote, connection, serverName: null }, bytes: PONG });
    }
    if (!isDead) return messagesOf(framed);
    this.#streams.delete(connection);
    return null;
  }

  /** It is gone; undefined: nothing has come over it. */
  close(connection: string): Stream | undefined {
    const stream = this.#streams.get(connection);
    this.#streams.delete(connection);
    return stream;
  }

  #open(connection: string, transport: TransportName, remote: Endpoint): Stream | null {
    if (this.#streams.size >= CONNECTIONS) return null;
    const stream = { connection, transport, remote, framer: createFramer() };
    this.#streams.set(connection, stream);
    return stream;
  }
}

function messagesOf(framed: readonly Framed[]): Uint8Array[] {
  return framed.flatMap((piece) => (piece.type === 'message' ? [piece.bytes] : []));
}
