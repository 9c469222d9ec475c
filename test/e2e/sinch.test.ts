import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { describe, test } from 'node:test';
import { connect, connectAdmin } from '../../api/client/index.ts';
import { codePage, readTiff, sampleLetter } from '../../gateway/imaging/index.ts';
import type { CallbackAnswer, CarrierCallback } from '../../gateway/ports/carrier-adapter.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import { benchDirectory } from '../../ops/bench/service.ts';
import { readConfig } from '../../ops/config.ts';
import { startGateway } from '../../ops/gateway.ts';
import { startSinch } from '../emulators/sinch/emulator.ts';
import { pdfOfPages } from '../emulators/sinch/pdf.ts';

const SENDER = '+15550190001';
const OURS = '+15550190002';
const ANSWERS = '+15550100001';
const KEY = { projectId: 'project-1', keyId: 'key-id', secret: 'key-secret' };
const CALLBACK = { token: 'Zm9yLXRlc3RzLW9ubHktMTIz', user: 'sinch', password: 'cGFzc3dvcmQtZm9yLXRlc3Rz' };
const PUBLIC = 'https://fax.example.org';

/** What takes the carrier half a minute takes half a second. */
const FAST: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms / 60);
    return () => clearTimeout(timer);
  },
};

/** A callback to the gateway as its public name resolves to it. */
function call(base: string, { path, headers, body }: CarrierCallback): Promise<CallbackAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<CallbackAnswer>();
  const agent = new Agent({ rejectUnauthorized: false });
  const asked = request(new URL(path, base), { method: 'POST', agent, headers: { ...headers } }, (answer) => {
    answer.resume().on('end', () => agent.destroy());
    resolve({ status: answer.statusCode ?? 0 });
  });
  asked.on('error', reject).end(body);
  return promise;
}

/** A page that no coding makes small, in the resolution that carriers have to be asked for. */
function noise() {
  const data = Uint8Array.from({ length: 216 * 1_145 }, (_, at) => Math.imul(at + 1, 2_654_435_761) >>> 21);
  const t6 = codePage({ width: 1_728, rows: 1_145, stride: 216, data });
  return { width: 1_728, rows: 1_145, xDpi: 204, yDpi: 98, t6 };
}

describe('a gateway on Sinch', () => {
  test('a fax goes out by one order; one comes in with its callback, as a PDF, and no pixel of it changes', async (t) => {
    const { path, remove } = await benchDirectory();
    let base = '';
    const carrier = await startSinch({
      ...{ clock: FAST, ...KEY },
      incomingWebhookUrl: `https://${CALLBACK.user}:${CALLBACK.password}@fax.example.org/carriers/sinch/${CALLBACK.token}`,
      deliver: (callback) => call(base, callback),
    });
    carrier.service.saveInboundFaxDocuments = false;
    const urls = { baseUrl: `${carrier.url}/v3`, authUrl: carrier.url };
    const gateway = await startGateway(
      readConfig({
        SEALFAX_DATA_DIR: path,
        SEALFAX_PORT: '0',
        SEALFAX_LOG_LEVEL: 'silent',
        SEALFAX_PUBLIC_URL: PUBLIC,
        SEALFAX_CARRIERS: JSON.stringify([{ kind: 'sinch', ...KEY, ...urls, callback: CALLBACK, poll: 60 }]),
      }),
    );
    base = gateway.url;
    t.after(async () => {
      await gateway.stop();
      await Promise.all([carrier.close(), remove(), rm(`${path}-keys`, { recursive: true, force: true })]);
    });
    assert.ok(gateway.firstStart !== null);
    const admin = connectAdmin(gateway.firstStart.admin.connection, gateway.firstStart.admin.password);
    const account = await admin.createAccount({ name: 'clinic', title: 'Clinic' });
    for (const number of [SENDER, OURS]) await admin.addNumber(account.id, { number });
    const { secret } = await admin.createUser(account.id, { name: 'app' });
    const client = connect(gateway.connection('clinic', 'app'), secret ?? '');
    t.after(() => Promise.all([client.close(), admin.close()]));

    const fax = await client.faxes.send({ to: ANSWERS, from: SENDER, documents: [await sampleLetter()] });
    const sent = await client.faxes.wait(fax.id);
    assert.equal(sent.state, 'delivered', `${sent.cause}: ${sent.detail}`);
    assert.deepEqual(carrier.orders, [ANSWERS]);
    const [order] = carrier.faxes.values();
    assert.equal(order?.from, SENDER);

    const page = noise();
    assert.ok(page.t6.length > 256 * 1_024, 'longer than any callback without a fax');
    carrier.receive(pdfOfPages([page]), { to: OURS, from: '+15550001111' });
    for await (const received of client.inbox) {
      assert.deepEqual([received.fax.from, received.fax.to], ['+15550001111', OURS]);
      const pages = await received.pages();
      assert.deepEqual(
        pages.map(({ width, rows, xDpi, yDpi }) => ({ width, rows, xDpi, yDpi })),
        [{ width: 1_728, rows: 1_145, xDpi: 204, yDpi: 98 }],
      );
      const chunks: Uint8Array[] = [];
      for await (const chunk of received.document('tiff')) chunks.push(chunk.slice());
      const [read] = readTiff(new Uint8Array(Buffer.concat(chunks)), { maxPages: 9, maxPixels: 1e8 }).pages;
      const picture = read?.decode();
      assert.ok(picture?.kind === 'bilevel' && Buffer.from(codePage(picture.bitmap)).equals(page.t6));
      await received.acknowledge();
      break;
    }
    const { items } = await client.cdrs.list();
    assert.deepEqual(items.map(({ direction, carrier: by, cause }) => [direction, by, cause]).sort(), [
      ['inbound', 'sinch', 'ok'],
      ['outbound', 'sinch', 'ok'],
    ]);
  });
});
