import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { connect, connectAdmin } from '../../api/client/index.ts';
import { FAX_RESULTS } from '../../carrier-adapters/etherfax/wire.ts';
import { sampleLetter } from '../../gateway/imaging/index.ts';
import { benchDirectory } from '../../ops/bench/service.ts';
import { readConfig } from '../../ops/config.ts';
import { startGateway } from '../../ops/gateway.ts';
import { type EtherfaxEmulator, startEtherfax } from '../emulators/etherfax/emulator.ts';

const SENDER = '+15550190001';
const RECEIVER = '+15550190002';
const BUSY = '+15550110001';

/** What was sent to our own number comes into our own inbox, as the telephone network would bring it. */
function forward({ sent, inbox }: EtherfaxEmulator): void {
  for (const { number, image, pages, jobId } of sent) {
    if (number !== RECEIVER || inbox.some((fax) => fax.jobId === `in-${jobId}`)) continue;
    inbox.push({ jobId: `in-${jobId}`, called: number.slice(2), calling: SENDER, image, pages });
  }
}

describe('a gateway on etherFAX', () => {
  test('a fax goes out by the API and comes in by the inbox; a busy line is a busy line', async (t) => {
    const { path, remove } = await benchDirectory();
    const emulator = await startEtherfax({
      now: () => Date.now(),
      authorization: 'Bearer key',
      fates: {
        [BUSY]: { result: FAX_RESULTS.LineBusy, looks: 1 },
        [RECEIVER]: { result: FAX_RESULTS.Success, looks: 1 },
      },
    });
    const timer = setInterval(() => forward(emulator), 100);
    const carrier = {
      kind: 'etherfax',
      baseUrl: emulator.server.url,
      token: 'key',
      statusInterval: 2,
      inboxInterval: 10,
    };
    const gateway = await startGateway(
      readConfig({
        SEALFAX_DATA_DIR: path,
        SEALFAX_PORT: '0',
        SEALFAX_LOG_LEVEL: 'silent',
        SEALFAX_CARRIERS: JSON.stringify([carrier]),
      }),
    );
    t.after(async () => {
      await gateway.stop();
      clearInterval(timer);
      await Promise.all([emulator.server.close(), remove(), rm(`${path}-keys`, { recursive: true, force: true })]);
    });
    assert.ok(gateway.firstStart !== null);
    const admin = connectAdmin(gateway.firstStart.admin.connection, gateway.firstStart.admin.password);
    const account = await admin.createAccount({ name: 'clinic', title: 'Clinic', policy: { csid: SENDER } });
    for (const number of [SENDER, RECEIVER]) await admin.addNumber(account.id, { number });
    const { secret } = await admin.createUser(account.id, { name: 'app' });
    const client = connect(gateway.connection('clinic', 'app'), secret ?? '');
    t.after(() => Promise.all([client.close(), admin.close()]));

    const documents = [await sampleLetter()];
    const [good, busy] = await Promise.all([
      client.faxes.send({ to: RECEIVER, from: SENDER, documents }),
      client.faxes.send({ to: BUSY, from: SENDER, documents, retries: 0 }),
    ]);
    const sent = await client.faxes.wait(good.id);
    assert.equal(sent.state, 'delivered', `${sent.cause}: ${sent.detail}`);
    const failed = await client.faxes.wait(busy.id);
    assert.deepEqual([failed.state, failed.cause], ['failed', 'busy']);

    for await (const received of client.inbox) {
      assert.deepEqual([received.fax.from, received.fax.to], [SENDER, RECEIVER]);
      assert.equal((await received.pages()).length, 1);
      await received.acknowledge();
      break;
    }
    const cdrs = (await client.cdrs.list()).items;
    assert.deepEqual(
      cdrs.map(({ direction, carrier: by, cause, pagesSent }) => [direction, by, cause, pagesSent]).sort(),
      [
        ['inbound', 'etherfax', 'ok', 1],
        ['outbound', 'etherfax', 'busy', 0],
        ['outbound', 'etherfax', 'ok', 1],
      ],
    );
    assert.equal(emulator.sent.length, 2);
    assert.equal(emulator.received.length, 1);
  });
});
