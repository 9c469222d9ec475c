import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { connect, connectAdmin } from '../../api/client/index.ts';
import { sampleLetter } from '../../gateway/imaging/index.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import { benchDirectory } from '../../ops/bench/service.ts';
import { readConfig } from '../../ops/config.ts';
import { startGateway } from '../../ops/gateway.ts';
import { newCallbackKey } from '../emulators/telnyx/callbacks.ts';
import { startTelnyx } from '../emulators/telnyx/emulator.ts';

const FROM = '+15550190001';
const machine = (index: number) => `+1555010000${index}`;

/** The carrier's calls take a tenth of their time. */
const hasty: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms / 10);
    return () => clearTimeout(timer);
  },
};

describe('a gateway whose first carrier fails', () => {
  test('sends over the second, leaves the first alone after two faxes, and goes back when it is told to', async (t) => {
    const { path, remove } = await benchDirectory();
    const account = { token: 'KEY0123', connectionId: '1234567890' };
    const emulator = await startTelnyx({ clock: hasty, key: newCallbackKey(), ...account });
    const carrier = {
      kind: 'telnyx',
      ...account,
      from: FROM,
      poll: 1,
      inboundPoll: null,
      baseUrl: `${emulator.url}/v2`,
    };
    const gateway = await startGateway(
      readConfig({
        SEALFAX_DATA_DIR: path,
        SEALFAX_PORT: '0',
        SEALFAX_LOG_LEVEL: 'silent',
        SEALFAX_CARRIERS: JSON.stringify([carrier]),
        SEALFAX_LOOPBACK: 'on',
        SEALFAX_LOOPBACK_SPEED: 'instant',
        SEALFAX_BREAKER_FAULTS: '2',
        SEALFAX_BREAKER_SECONDS: '1800',
        SEALFAX_HOLD_COUNTRIES: 'off',
      }),
    );
    assert.ok(gateway.firstStart !== null);
    const { admin: owner, api } = gateway.firstStart;
    const admin = connectAdmin(owner.connection, owner.password);
    const client = connect(api.connection, api.secret);
    t.after(async () => {
      await Promise.all([client.close(), admin.close()]);
      await gateway.stop();
      await Promise.all([emulator.close(), remove(), rm(`${path}-keys`, { recursive: true, force: true })]);
    });
    /** Sends a fax and waits for it; answers the carriers and causes of its calls, in order. */
    const calls = async (index: number): Promise<string> => {
      const { id } = await client.faxes.send({ to: machine(index), documents: [await sampleLetter()] });
      const { state, cause, detail } = await client.faxes.wait(id);
      assert.equal(state, 'delivered', `${cause}: ${detail}`);
      const { items } = await client.cdrs.list({ fax: id });
      return items
        .toSorted((a, b) => a.attempt - b.attempt)
        .map((cdr) => `${cdr.carrier} ${cdr.cause}`)
        .join(', ');
    };

    const refused = { matching: /^POST \/v2\/media/, fault: { type: 'status', status: 503 } } as const;
    emulator.faults.push(...Array(2).fill(refused));
    for (const index of [1, 2]) {
      assert.equal(await calls(index), 'telnyx carrier_unavailable, loopback ok');
    }
    assert.equal(await calls(3), 'loopback ok');
    const history = await admin.carrierHistory('telnyx');
    assert.equal(history.breaker.phase, 'open');
    assert.match(history.breaker.reason, /^2 faxes in a row failed by its fault: carrier_unavailable, /);
    assert.deepEqual([history.figures.calls, history.rates.faults, history.changes.length], [2, 1, 1]);
    assert.deepEqual(emulator.orders, []);

    const reset = await admin.resetCarrier('telnyx', 'its status page is green');
    assert.deepEqual([reset.breaker.phase, reset.changes[0]?.reason], ['closed', 'its status page is green']);
    assert.equal(await calls(4), 'telnyx ok');
    assert.deepEqual(emulator.orders, [machine(4)]);
  });
});
