import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Where a connection is led to: a Unix socket's path or a TCP port of this host. */
export type Target = string | number;

/**
 * A stretch of wire between a process and a server that can be cut: nothing is refused and nothing is closed, bytes
 * just do not arrive any more, in either direction, until it is mended.
 */
export class Wire {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #cut = false;

  private constructor(target: () => Target | undefined) {
    this.#server = createServer({ pauseOnConnect: true }, (near) => this.#join(near, target()));
  }

  /** A wire that begins at a free port of 127.0.0.1; `target` is asked for each connection, undefined refuses it. */
  static async to(target: () => Target | undefined, port = 0): Promise<Wire> {
    const wire = new Wire(target);
    wire.#server.listen(port, '127.0.0.1');
    await once(wire.#server, 'listening');
    return wire;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  cut(): void {
    this.#cut = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  mend(): void {
    this.#cut = false;
    for (const pair of this.#pairs) for (const socket of pair) socket.resume();
  }

  close(): void {
    this.#server.close();
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  #join(near: Socket, target: Target | undefined): void {
    if (target === undefined) {
      near.destroy();
      return;
    }
    const far = typeof target === 'string' ? connect(target) : connect(target, '127.0.0.1');
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    lead(near, far);
    lead(far, near);
    for (const socket of pair) socket.once('close', () => this.#pairs.delete(pair));
    if (this.#cut) far.pause();
    else near.resume();
  }
}

/** What comes from `from` goes to `to`, and so does its end. */
function lead(from: Socket, to: Socket): void {
  from.on('data', (bytes) => to.write(bytes));
  from.on('error', () => to.destroy());
  from.on('end', () => to.end());
  from.on('close', () => to.destroy());
}
