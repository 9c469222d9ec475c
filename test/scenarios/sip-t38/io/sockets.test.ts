import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { NetworkError } from '../../../../carrier-adapters/sip-t38/io/errors.ts';
import { HostNetwork, type HostNetworkOptions } from '../../../../carrier-adapters/sip-t38/io/host-network.ts';
import type { Signalling } from '../../../../carrier-adapters/sip-t38/io/network.ts';
import type {
  Destination,
  Endpoint,
  NetworkInput,
  TransportName,
} from '../../../../carrier-adapters/sip-t38/sip/agent/io.ts';
import { systemClock } from '../../../../ops/system-clock.ts';
import { selfSigned } from '../../../../ops/tls/certificate.ts';

const HOME = '127.0.0.1';
const text = new TextEncoder();
const words = (bytes: Uint8Array) => Buffer.from(bytes).toString();

/** A host of the network, and what it hears. */
class Host {
  readonly network: HostNetwork;
  readonly faults: string[] = [];
  readonly #heard: NetworkInput[] = [];
  #wake = () => {};
  #signalling: Signalling | undefined;

  constructor(options: Partial<HostNetworkOptions> = {}) {
    this.network = new HostNetwork({
      listen: [{ transport: 'udp', address: HOME, port: 0 }],
      media: { address: HOME, ports: [0, 0] },
      publicAddress: null,
      authorities: undefined,
      peers: [],
      clock: systemClock,
      fault: (fault) => this.faults.push(fault),
      ...options,
    });
  }

  get signalling(): Signalling {
    if (this.#signalling === undefined) throw new Error('not open');
    return this.#signalling;
  }

  async open(): Promise<this> {
    this.#signalling = await this.network.openSignalling((input) => {
      this.#heard.push(input);
      this.#wake();
    });
    return this;
  }

  at(transport: TransportName): Endpoint {
    const found = this.signalling.listening.find((one) => one.transport === transport);
    if (found === undefined) throw new Error('no such transport');
    return found.local;
  }

  /** The next input of a type; others before it are passed over. */
  async next<T extends NetworkInput['type']>(type: T): Promise<Extract<NetworkInput, { readonly type: T }>> {
    for (;;) {
      const input = this.#heard.shift();
      if (input === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      } else if (isA(input, type)) return input;
    }
  }
}

function isA<T extends NetworkInput['type']>(
  input: NetworkInput,
  type: T,
): input is Extract<NetworkInput, { readonly type: T }> {
  return input.type === type;
}

const to = (transport: TransportName, remote: Endpoint, change: Partial<Destination> = {}): Destination => ({
  transport,
  remote,
  connection: null,
  serverName: 'localhost',
  ...change,
});

const stream = (transport: 'tcp' | 'tls', more: Partial<HostNetworkOptions['listen'][number]> = {}) => ({
  listen: [{ transport, address: HOME, port: 0, ...more }],
});

describe('SIP over UDP', () => {
  test('a datagram arrives with where it came from', async () => {
    const [one, other] = [await new Host().open(), await new Host().open()];
    one.signalling.send(to('udp', other.at('udp')), text.encode('OPTIONS'));
    const { bytes, remote, local, connection } = await other.next('received');
    assert.equal(words(bytes), 'OPTIONS');
    assert.deepEqual([remote, local, connection], [one.at('udp'), other.at('udp'), null]);
    await Promise.all([one.signalling.close(), other.signalling.close()]);
  });

  test('a port that another program has stops the start, naming it', async () => {
    const one = await new Host().open();
    const { port } = one.at('udp');
    await assert.rejects(
      new Host({ listen: [{ transport: 'udp', address: HOME, port }] }).open(),
      (error) =>
        error instanceof NetworkError && error.code === 'address_in_use' && error.message.includes(`${HOME}:${port}`),
    );
    await one.signalling.close();
  });

  test('an address that is not ours stops the start, and what was open is closed', async () => {
    const listen = [
      { transport: 'udp', address: HOME, port: 0 },
      { transport: 'udp', address: '192.0.2.77', port: 0 },
    ] as const;
    await assert.rejects(
      new Host({ listen }).open(),
      (error) => error instanceof NetworkError && error.code === 'address_unavailable',
    );
  });

  test('a peer that none of our sockets can reach is unreachable', async () => {
    const host = await new Host().open();
    const remote = { address: '::1', port: 5_060 };
    host.signalling.send(to('udp', remote), text.encode('OPTIONS'));
    assert.deepEqual((await host.next('unreachable')).remote, remote);
    await host.signalling.close();
  });

  test('the address of the configuration, or the one towards the peer, stands for a wildcard', async () => {
    const listen = [{ transport: 'udp', address: '0.0.0.0', port: 0 }] as const;
    const natted = await new Host({ listen, publicAddress: '203.0.113.5' }).open();
    const [behind] = natted.signalling.listening;
    assert.deepEqual(behind?.advertised, { address: '203.0.113.5', port: behind?.local.port });
    const plain = await new Host({ listen, peers: [HOME] }).open();
    assert.equal(plain.signalling.listening[0]?.advertised?.address, HOME);
    await Promise.all([natted.signalling.close(), plain.signalling.close()]);
  });
});

describe('SIP over TCP', () => {
  test('one connection serves both ways, and its end is told', async () => {
    const [one, other] = [await new Host(stream('tcp')).open(), await new Host(stream('tcp')).open()];
    one.signalling.send(to('tcp', other.at('tcp')), text.encode('INVITE'));
    const invite = await other.next('received');
    other.signalling.send(to('tcp', invite.remote, { connection: invite.connection }), text.encode('200 OK'));
    const answer = await one.next('received');
    assert.equal(words(answer.bytes), '200 OK');
    one.signalling.send(to('tcp', other.at('tcp')), text.encode('ACK'));
    assert.equal((await other.next('received')).connection, invite.connection);
    one.signalling.disconnect(answer.connection ?? '');
    assert.equal((await other.next('closed')).connection, invite.connection);
    assert.equal((await one.next('closed')).connection, answer.connection);
    await Promise.all([one.signalling.close(), other.signalling.close()]);
  });

  test('a peer that refuses is unreachable', async () => {
    const server = createServer().listen(0, HOME);
    await once(server, 'listening');
    const bound = server.address();
    const port = typeof bound === 'object' ? (bound?.port ?? 0) : 0;
    server.close();
    await once(server, 'close');
    const host = await new Host(stream('tcp')).open();
    host.signalling.send(to('tcp', { address: HOME, port }), text.encode('INVITE'));
    assert.deepEqual((await host.next('unreachable')).remote, { address: HOME, port });
    await host.signalling.close();
  });

  test('no more than sixteen connections are taken from one address', async () => {
    const host = await new Host(stream('tcp')).open();
    const { port } = host.at('tcp');
    const sockets: Socket[] = [];
    for (let count = 0; count < 17; count++) {
      const socket = connect(port, HOME);
      socket.on('error', () => {});
      await once(socket, 'connect');
      socket.write('x');
      sockets.push(socket);
    }
    const last = sockets.at(-1);
    if (last !== undefined && !last.closed) await once(last, 'close');
    assert.ok(host.faults.includes('limit'));
    for (const socket of sockets) socket.destroy();
    await host.signalling.close();
  });

  test('a peer that does not read is cut when too much waits for it', async () => {
    const host = await new Host(stream('tcp')).open();
    const socket = connect(host.at('tcp').port, HOME);
    socket.on('error', () => {});
    socket.pause();
    socket.write('x');
    const { connection, remote } = await host.next('received');
    const flood = new Uint8Array(65_535);
    for (let sent = 0; sent < 1_000 && !host.faults.includes('limit'); sent++) {
      host.signalling.send(to('tcp', remote, { connection, serverName: null }), flood);
    }
    assert.equal((await host.next('closed')).connection, connection);
    await host.signalling.close();
  });
});

describe('SIP over TLS', () => {
  test('the certificate must bear the name of the server, and be signed by somebody we trust', async () => {
    const { cert: certificate, key } = await selfSigned(['sip.example.net'], Date.now());
    const server = await new Host(stream('tls', { certificate, key })).open();
    const trusting = await new Host({ ...stream('tls'), authorities: certificate }).open();
    const stranger = await new Host(stream('tls')).open();
    const remote = server.at('tls');

    trusting.signalling.send(to('tls', remote, { serverName: 'sip.example.net' }), text.encode('INVITE'));
    assert.equal(words((await server.next('received')).bytes), 'INVITE');

    const other = await new Host({ ...stream('tls'), authorities: certificate }).open();
    other.signalling.send(to('tls', remote, { serverName: 'sip.example.org' }), text.encode('INVITE'));
    assert.deepEqual((await other.next('unreachable')).remote, remote);

    stranger.signalling.send(to('tls', remote, { serverName: 'sip.example.net' }), text.encode('INVITE'));
    assert.deepEqual((await stranger.next('unreachable')).remote, remote);
    await Promise.all([server, trusting, other, stranger].map((host) => host.signalling.close()));
  });

  test('a certificate that is none stops the start', async () => {
    await assert.rejects(
      new Host(stream('tls', { certificate: 'none', key: 'none' })).open(),
      (error) => error instanceof NetworkError && error.code === 'certificate_invalid',
    );
  });

  test('without the name of a server no new connection is made', async () => {
    const host = await new Host(stream('tls')).open();
    host.signalling.send(to('tls', { address: HOME, port: 9 }, { serverName: null }), text.encode('200 OK'));
    assert.equal((await host.next('unreachable')).transport, 'tls');
    await host.signalling.close();
  });
});

describe('media ports', () => {
  const ignore = () => {};

  test('datagrams go both ways between two ports', async () => {
    const [one, other] = [new Host(), new Host()];
    const heard = Promise.withResolvers<readonly [string, number]>();
    const receiver = await other.network.openMedia((datagram, from) => heard.resolve([words(datagram), from.port]));
    const sender = await one.network.openMedia(ignore);
    assert.ok(receiver !== null && sender !== null);
    sender.send(text.encode('RTP'), receiver.advertised);
    assert.deepEqual(await heard.promise, ['RTP', sender.advertised.port]);
    sender.close();
    receiver.close();
  });

  test('only even ports of the range are used, each by one call, the one last used last', async () => {
    const first = await freeRange(6);
    const host = new Host({ media: { address: HOME, ports: [first - 1, first + 5] } });
    const ports = [await host.network.openMedia(ignore), await host.network.openMedia(ignore)];
    ports.push(await host.network.openMedia(ignore));
    assert.deepEqual(
      ports.map((port) => port?.advertised.port),
      [first, first + 2, first + 4],
    );
    assert.equal(await host.network.openMedia(ignore), null);
    assert.deepEqual(host.faults, ['limit']);
    ports[1]?.close();
    ports[1]?.close();
    const again = await host.network.openMedia(ignore);
    assert.equal(again?.advertised.port, first + 2);
    for (const port of [...ports, again]) port?.close();
  });

  test('a port that another program has is passed over', async () => {
    const first = await freeRange(4);
    const stranger = createSocket('udp4').bind(first, HOME);
    await once(stranger, 'listening');
    const host = new Host({ media: { address: HOME, ports: [first, first + 3] } });
    const port = await host.network.openMedia(ignore);
    assert.equal(port?.advertised.port, first + 2);
    port?.close();
    stranger.close();
  });

  test('behind NAT the public address is named', async () => {
    const host = new Host({ publicAddress: '203.0.113.5' });
    const port = await host.network.openMedia(ignore);
    assert.equal(port?.advertised.address, '203.0.113.5');
    port?.close();
  });

  test('sending after the end, or to nowhere, is nothing', async () => {
    const host = new Host();
    const port = await host.network.openMedia(ignore);
    port?.close();
    port?.send(text.encode('late'), { address: HOME, port: 9 });
    assert.deepEqual(host.faults, []);
  });
});

/** The first, even, of some ports in a row that nobody uses. */
async function freeRange(count: number): Promise<number> {
  for (;;) {
    const probe = createSocket('udp4').bind(0, HOME);
    await once(probe, 'listening');
    const first = probe.address().port + (probe.address().port % 2);
    probe.close();
    const sockets = Array.from({ length: count }, () => createSocket('udp4'));
    const bound = await Promise.allSettled(
      sockets.map(
        (socket, index) =>
          new Promise<void>((resolve, reject) => {
            socket.once('error', reject);
            if (first + index > 65_535) reject(new RangeError('past the last port'));
            else socket.bind(first + index, HOME, resolve);
          }),
      ),
    );
    for (const socket of sockets) socket.close();
    if (bound.every(({ status }) => status === 'fulfilled')) return first;
  }
}
