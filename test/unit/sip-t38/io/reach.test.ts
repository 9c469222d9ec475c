import assert from 'node:assert/strict';
import { createServer as createTcpServer, type Server } from 'node:net';
import { after, describe, test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { type ReachOptions, reach } from '../../../../carrier-adapters/sip-t38/io/reach.ts';
import { systemClock } from '../../../../ops/system-clock.ts';
import { selfSigned } from '../../../../ops/tls/certificate.ts';

const open: Server[] = [];
after(() => {
  for (const server of open) server.close();
});

async function listening(server: Server): Promise<number> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  return typeof bound === 'object' && bound !== null ? bound.port : 0;
}

const tryPort = (port: number, change: Partial<ReachOptions> = {}) =>
  reach({
    to: { address: '127.0.0.1', port },
    ...{ serverName: null, authorities: undefined, certificate: undefined, key: undefined, clock: systemClock },
    ...change,
  });

describe('a connection that is only tried', () => {
  test('stands where somebody listens', async () => {
    const port = await listening(createTcpServer((socket) => socket.on('error', () => {})));
    const reached = await tryPort(port);
    assert.equal(reached.ok, true);
  });

  test('is refused where nobody does', async () => {
    const server = createTcpServer();
    const port = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    const reached = await tryPort(port);
    assert.ok(!reached.ok && reached.why === 'refused');
  });

  test('shows the certificate over TLS', async () => {
    const { cert, key } = await selfSigned(['sip.example.net'], Date.now());
    const port = await listening(createTlsServer({ cert, key }, (socket) => socket.on('error', () => {})));
    const reached = await tryPort(port, { serverName: 'sip.example.net', authorities: cert });
    assert.ok(reached.ok, JSON.stringify(reached));
    assert.equal(reached.certificate?.subject, 'sip.example.net');
    assert.equal(reached.certificate?.protocol, 'TLSv1.3');
    assert.ok((reached.certificate?.validTo ?? 0) > Date.now());
  });

  test('tells a certificate that nobody has signed, and one of another name', async () => {
    const { cert, key } = await selfSigned(['sip.example.net'], Date.now());
    const port = await listening(createTlsServer({ cert, key }, (socket) => socket.on('error', () => {})));
    const distrusted = await tryPort(port, { serverName: 'sip.example.net' });
    assert.ok(!distrusted.ok && distrusted.why === 'certificate');
    assert.match(distrusted.detail, /SELF_SIGNED|UNABLE_TO_VERIFY/);
    assert.equal(distrusted.certificate?.subject, 'sip.example.net');
    const misnamed = await tryPort(port, { serverName: 'other.example.net', authorities: cert });
    assert.ok(!misnamed.ok && misnamed.why === 'certificate');
    assert.equal(misnamed.detail, 'it is not for other.example.net');
  });

  test('tells a port that speaks no TLS', async () => {
    const port = await listening(
      createTcpServer((socket) => socket.on('error', () => {}).end('SIP/2.0 400 no\r\n\r\n')),
    );
    const reached = await tryPort(port, { serverName: 'sip.example.net' });
    assert.ok(!reached.ok && reached.why === 'handshake', JSON.stringify(reached));
  });

  test('cannot be talked into using authorities that are none', async () => {
    const reached = await tryPort(1, {
      serverName: 'sip.example.net',
      authorities: 'no PEM',
      certificate: 'x',
      key: 'y',
    });
    assert.ok(!reached.ok);
  });
});
