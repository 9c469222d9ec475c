import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { connect, connectAdmin } from '../../api/client/index.ts';
import { sampleLetter } from '../../gateway/imaging/index.ts';
import { benchDirectory } from '../../ops/bench/service.ts';
import { readConfig } from '../../ops/config.ts';
import { startGateway } from '../../ops/gateway.ts';

const HOME = '127.0.0.1';
const SENDER = '+15550190001';
const RECEIVER = '+15550190002';

/** Two UDP ports that nobody uses. */
async function freePorts(): Promise<[number, number]> {
  const sockets = [createSocket('udp4').bind(0, HOME), createSocket('udp4').bind(0, HOME)] as const;
  await Promise.all(sockets.map((socket) => once(socket, 'listening')));
  const ports = sockets.map((socket) => socket.address().port);
  for (const socket of sockets) socket.close();
  return [ports[0] ?? 0, ports[1] ?? 0];
}

/** A SIP carrier on one port whose trunk is on the other one. */
function carrier(name: string, port: number, peer: number, trunk: Record<string, unknown> = {}) {
  return {
    kind: 'sip-t38',
    name,
    trunks: [{ name: 'peer', server: `${HOME}:${peer}`, ...trunk }],
    listen: [{ address: HOME, port }],
    media: { address: HOME, ports: [0, 0] },
  };
}

describe('a gateway on SIP trunks', () => {
  test('a fax goes out by one trunk and comes in by another, and its CDR tells the call step by step', async (t) => {
    const { path, remove } = await benchDirectory();
    const [near, far] = await freePorts();
    const login = { username: 'clinic', password: 'open sesame' };
    // The trunk that takes the call asks who calls; the secret of the other one lies in a file.
    const secret = join(path, '..', `sip-secret-${process.pid}`);
    await writeFile(secret, `${login.password}\n`, { mode: 0o600 });
    const carriers = [
      carrier('out', near, far, { username: login.username, passwordFile: secret }),
      carrier('in', far, near, { inboundAuth: login }),
    ];
    const gateway = await startGateway(
      readConfig({
        SEALFAX_DATA_DIR: path,
        SEALFAX_PORT: '0',
        SEALFAX_LOG_LEVEL: 'silent',
        SEALFAX_CARRIERS: JSON.stringify(carriers),
        SEALFAX_ROUTES: JSON.stringify([{ prefix: '+', carriers: ['out'] }]),
      }),
    );
    t.after(async () => {
      await gateway.stop();
      await Promise.all([remove(), rm(secret, { force: true }), rm(`${path}-keys`, { recursive: true, force: true })]);
    });
    assert.ok(gateway.firstStart !== null);
    const admin = connectAdmin(gateway.firstStart.admin.connection, gateway.firstStart.admin.password);
    const account = await admin.createAccount({ name: 'clinic', title: 'Clinic', policy: { csid: SENDER } });
    for (const number of [SENDER, RECEIVER]) await admin.addNumber(account.id, { number });
    const { secret: apiSecret } = await admin.createUser(account.id, { name: 'app' });
    const client = connect(gateway.connection('clinic', 'app'), apiSecret ?? '');
    t.after(() => Promise.all([client.close(), admin.close()]));

    const accepted = await client.faxes.send({ to: RECEIVER, from: SENDER, documents: [await sampleLetter()] });
    const sent = await client.faxes.wait(accepted.id);
    assert.equal(sent.state, 'delivered', `${sent.cause}: ${sent.detail}`);

    for await (const received of client.inbox) {
      assert.deepEqual([received.fax.from, received.fax.to], [SENDER, RECEIVER]);
      assert.equal((await received.pages()).length, 1);
      await received.acknowledge();
      break;
    }

    const cdrs = (await client.cdrs.list()).items;
    assert.deepEqual(
      cdrs.map(({ direction, carrier, cause, pagesSent }) => [direction, carrier, cause, pagesSent]).sort(),
      [
        ['inbound', 'in', 'ok', 1],
        ['outbound', 'out', 'ok', 1],
      ],
    );
    for (const { call, line, remoteId } of cdrs) {
      assert.ok(call !== null && line !== null);
      assert.deepEqual([line.t38, line.ecm, line.rate], [true, true, 14_400]);
      assert.ok(remoteId !== null);
      const signals = (await client.cdrs.call(call)).ladder?.steps.map(({ signal }) => signal) ?? [];
      for (const signal of ['INVITE', '200 OK', 'DIS', 'DCS', 'CFR', 'PPS-EOP', 'MCF', 'DCN', 'BYE']) {
        assert.ok(signals.includes(signal), `${signal} is missing in ${signals.join(' ')}`);
      }
    }
  });
});
