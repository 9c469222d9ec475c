import { connect as connectTcp, createServer, isIP, type Server, type Socket } from 'node:net';
import {
  checkServerIdentity,
  connect as connectTls,
  createServer as createTlsServer,
  type SecureContextOptions,
} from 'node:tls';
import type { Clock } from '../../../gateway/ports/clock.ts';
import type { Destination, Endpoint, NetworkInput } from '../sip/agent/io.ts';
import { bindError, NetworkError } from './errors.ts';
import type { FaultSink } from './network.ts';

/** Connections of one transport, in both directions. */
const CONNECTIONS = 512;
/** Connections from one address that others have opened. */
const CONNECTIONS_FROM_ONE = 16;
/** Octets that wait to be taken by a peer; one that reads so slowly is cut. */
const WAITING = 256 * 1_024;
/** ms until a connection must stand: well within the 32 s that a transaction waits (RFC 3261 §17.1.1.2, timer B). */
const CONNECT_TIME = 8_000;
/** ms without an octet either way: longer than any registration that we ask for by default. */
const IDLE_TIME = 600_000;
/** ms in which a connection from outside must have said something. */
const FIRST_WORD_TIME = 20_000;

/** Our own certificate, and whom we trust. */
export interface TlsSettings {
  /** Chain and key, PEM; with them the listener takes connections, and calls out show them when asked. */
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  /** PEM in place of the public authorities. */
  readonly authorities: string | undefined;
}

/** What a stream transport is made of. */
export interface StreamOptions {
  readonly transport: 'tcp' | 'tls';
  readonly at: Endpoint;
  readonly tls: TlsSettings;
  readonly heard: (input: NetworkInput) => void;
  readonly fault: FaultSink;
  readonly clock: Clock;
}

interface Connection {
  readonly id: string;
  readonly socket: Socket;
  readonly remote: Endpoint;
  readonly incoming: boolean;
  /** Calls off the watch over its first octet or its set-up. */
  unwatch: () => void;
}

let connections = 0;

/** SIP over TCP or TLS: a listener, and connections to peers, each used for whatever goes to its far end. */
export class StreamTransport {
  readonly #options: StreamOptions;
  readonly #server: Server;
  readonly #connections = new Map<string, Connection>();
  local: Endpoint;

  private constructor(options: StreamOptions) {
    this.#options = options;
    this.local = options.at;
    this.#server = this.#createServer();
    this.#server.maxConnections = CONNECTIONS;
    this.#server.on('drop', () => options.fault('limit'));
    this.#server.on('tlsClientError', () => options.fault('connection'));
  }

  /** @throws NetworkError */
  static async open(options: StreamOptions): Promise<StreamTransport> {
    const transport = new StreamTransport(options);
    await transport.#listen();
    return transport;
  }

  /** Whether connections from this socket's address can reach `address`. */
  reaches(address: string): boolean {
    return isIP(address) === isIP(this.local.address);
  }

  /** Sends over the connection of `to`, or any other to its far end, or a new one. */
  send(to: Destination, bytes: Uint8Array): void {
    const connection = this.#open(to) ?? this.#connect(to);
    if (connection === undefined) {
      this.#unreachable(to.remote);
    } else if (connection.socket.writableLength + bytes.length > WAITING) {
      this.#options.fault('limit');
      connection.socket.destroy();
    } else {
      connection.socket.write(bytes);
    }
  }

  disconnect(id: string): boolean {
    const connection = this.#connections.get(id);
    connection?.socket.end();
    return connection !== undefined;
  }

  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const { socket } of this.#connections.values()) socket.destroy();
    return closed;
  }

  #createServer(): Server {
    const { transport, tls } = this.#options;
    const taken = (socket: Socket) => this.#taken(socket);
    if (transport === 'tcp') return createServer({ noDelay: true }, taken);
    try {
      return createTlsServer({ ...credentialsOf(tls), noDelay: true, handshakeTimeout: CONNECT_TIME }, taken);
    } catch (error) {
      throw new NetworkError(
        'certificate_invalid',
        `certificate and key of SIP over tls cannot be used: ${String(error)}`,
      );
    }
  }

  async #listen(): Promise<void> {
    const { transport, at, fault } = this.#options;
    const listening = Promise.withResolvers<void>();
    this.#server.once('error', listening.reject);
    this.#server.listen({ host: at.address, port: at.port, exclusive: true }, listening.resolve);
    try {
      await listening.promise;
    } catch (error) {
      throw bindError(`SIP over ${transport} on ${at.address}:${at.port}`, error);
    }
    this.#server.removeListener('error', listening.reject);
    this.#server.on('error', () => fault('socket'));
    const bound = this.#server.address();
    if (bound !== null && typeof bound === 'object') this.local = { address: bound.address, port: bound.port };
  }

  #taken(socket: Socket): void {
    const remote = remoteOf(socket);
    const same = [...this.#connections.values()].filter(
      (one) => one.incoming && one.remote.address === remote?.address,
    );
    if (remote === null || same.length >= CONNECTIONS_FROM_ONE) {
      this.#options.fault('limit');
      socket.on('error', () => {});
      socket.destroy();
      return;
    }
    this.#keep(socket, remote, true, FIRST_WORD_TIME);
  }

  #open({ connection, remote }: Destination): Connection | undefined {
    const named = connection === null ? undefined : this.#connections.get(connection);
    if (named !== undefined && isUsable(named)) return named;
    for (const other of this.#connections.values()) {
      if (same(other.remote, remote) && isUsable(other)) return other;
    }
    return undefined;
  }

  #connect({ remote, serverName }: Destination): Connection | undefined {
    const { transport, fault } = this.#options;
    if (transport === 'tls' && serverName === null) return undefined;
    if (this.#connections.size >= CONNECTIONS || !this.reaches(remote.address) || remote.port > 65_535) {
      fault('limit');
      return undefined;
    }
    const connection = this.#keep(this.#dial(remote, serverName), remote, false, CONNECT_TIME);
    connection.socket.once(transport === 'tls' ? 'secureConnect' : 'connect', () => connection.unwatch());
    return connection;
  }

  #dial({ address: host, port }: Endpoint, serverName: string | null): Socket {
    const { transport, tls } = this.#options;
    if (transport === 'tcp') return connectTcp({ host, port, noDelay: true });
    const name = serverName ?? '';
    return connectTls({
      ...credentialsOf(tls),
      host,
      port,
      // An address cannot stand in SNI (RFC 6066 §3), but the certificate is checked for it as for a name (RFC 5922 §7.1).
      servername: isIP(name) === 0 ? name : '',
      checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
    });
  }

  /** Watches over a connection from its first moment to `closed`. */
  #keep(socket: Socket, remote: Endpoint, incoming: boolean, patience: number): Connection {
    const { clock, transport, fault, heard } = this.#options;
    const connection: Connection = {
      id: `${transport}-${++connections}`,
      socket,
      remote,
      incoming,
      unwatch: clock.after(patience, () => socket.destroy()),
    };
    let served = incoming;
    this.#connections.set(connection.id, connection);
    socket.setTimeout(IDLE_TIME, () => socket.destroy());
    socket.once(transport === 'tls' ? 'secureConnect' : 'connect', () => {
      served = true;
    });
    socket.on('error', () => fault('connection'));
    socket.on('data', (bytes: Uint8Array) => {
      connection.unwatch();
      heard({ type: 'received', transport, connection: connection.id, local: this.local, remote, bytes });
    });
    socket.on('close', () => {
      connection.unwatch();
      this.#connections.delete(connection.id);
      heard({ type: 'closed', connection: connection.id });
      if (!served) heard({ type: 'unreachable', transport, remote });
    });
    return connection;
  }

  /** Told in a turn of its own, as everything that the network tells. */
  #unreachable(remote: Endpoint): void {
    const { transport, heard } = this.#options;
    setImmediate(() => heard({ type: 'unreachable', transport, remote }));
  }
}

function credentialsOf({ certificate, key, authorities }: TlsSettings): SecureContextOptions {
  return {
    minVersion: 'TLSv1.2',
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(key === undefined ? {} : { key }),
    ...(authorities === undefined ? {} : { ca: authorities }),
  };
}

function isUsable({ socket }: Connection): boolean {
  return socket.writable && !socket.destroyed;
}

function same(one: Endpoint, other: Endpoint): boolean {
  return one.address === other.address && one.port === other.port;
}

function remoteOf({ remoteAddress, remotePort }: Socket): Endpoint | null {
  return remoteAddress === undefined || remotePort === undefined ? null : { address: remoteAddress, port: remotePort };
}
