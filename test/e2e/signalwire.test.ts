import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { describe, test } from 'node:test';
import { connect, connectAdmin } from '../../api/client/index.ts';
import { readTiff, sampleLetter } from '../../gateway/imaging/index.ts';
import type { CallbackAnswer, CarrierCallback } from '../../gateway/ports/carrier-adapter.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import { benchDirectory } from '../../ops/bench/service.ts';
import { readConfig } from '../../ops/config.ts';
import { startGateway } from '../../ops/gateway.ts';
import { startSignalwire } from '../emulators/signalwire/emulator.ts';
import { barFile } from '../scenarios/telnyx/world.ts';

const SENDER = '+15550190001';
const OURS = '+15550190002';
const ANSWERS = '+15550100001';
const PUBLIC = 'https://fax.example.org';
const PROJECT = 'b3877c40-da60-4998-90ad-b792e98472ac';
/** Longest wait for the carrier to have erased all, ms. */
const PATIENCE = 60_000;

/** What takes the carrier half a minute takes half a second. */
const FAST: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms / 60);
    return () => clearTimeout(timer);
  },
};

interface Answer extends CallbackAnswer {
  readonly content: Uint8Array;
}

/** One request to the gateway as its public name resolves to it. */
function ask(base: string, path: string, change: Partial<CarrierCallback> = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const agent = new Agent({ rejectUnauthorized: false });
  const headers = { ...change.headers, host: new URL(PUBLIC).host };
  const asked = request(new URL(path, base), { method: change.method ?? 'GET', agent, headers }, async (answer) => {
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    const content = Buffer.concat(chunks);
    agent.destroy();
    resolve({ status: answer.statusCode ?? 0, content: new Uint8Array(content), body: content.toString() });
  });
  asked.on('error', reject).end(change.body);
  return promise;
}

describe('a gateway on SignalWire', () => {
  test('a fax is fetched once by its link, and only of accounts that allow it; one comes in by signed callbacks', async (t) => {
    const { path, remove } = await benchDirectory();
    let base = '';
    const carrier = await startSignalwire({
      ...{ clock: FAST, project: PROJECT, token: 'PT0', key: { key: 'PSK' } },
      webhook: `${PUBLIC}/carriers/signalwire/incoming`,
      deliver: (callback) => ask(base, callback.path, callback),
      fetch: (url) => ask(base, new URL(url).pathname),
    });
    const settings = { kind: 'signalwire', project: PROJECT, token: 'PT0', signingKey: 'PSK', baseUrl: carrier.url };
    const gateway = await startGateway(
      readConfig({
        SEALFAX_DATA_DIR: path,
        SEALFAX_PORT: '0',
        SEALFAX_LOG_LEVEL: 'silent',
        SEALFAX_PUBLIC_URL: PUBLIC,
        SEALFAX_LOOPBACK: 'on',
        SEALFAX_LOOPBACK_SPEED: 'instant',
        SEALFAX_CARRIERS: JSON.stringify([{ ...settings, mediaLinks: true, mediaFormat: 'tiff', poll: 1 }]),
      }),
    );
    base = gateway.url;
    t.after(async () => {
      await gateway.stop();
      await Promise.all([carrier.close(), remove(), rm(`${path}-keys`, { recursive: true, force: true })]);
    });
    assert.ok(gateway.firstStart !== null);
    const admin = connectAdmin(gateway.firstStart.admin.connection, gateway.firstStart.admin.password);
    t.after(() => admin.close());
    const clientOf = async (name: string, pullMedia: boolean, number: string) => {
      const account = await admin.createAccount({ name, title: name, policy: { pullMedia } });
      await admin.addNumber(account.id, { number });
      const { secret } = await admin.createUser(account.id, { name: 'app' });
      const client = connect(gateway.connection(name, 'app'), secret ?? '');
      t.after(() => client.close());
      return { account, client };
    };
    const open = await clientOf('clinic', true, OURS);
    const closed = await clientOf('lawyer', false, SENDER);

    const documents = [await sampleLetter()];
    const fax = await open.client.faxes.send({ to: ANSWERS, from: OURS, documents });
    const sent = await open.client.faxes.wait(fax.id);
    assert.equal(sent.state, 'delivered', `${sent.cause}: ${sent.detail}`);
    const { pages } = readTiff(carrier.fetched[0] ?? new Uint8Array(0), { maxPages: 9, maxPixels: 1e8 });
    assert.deepEqual([pages.length, pages[0]?.width], [sent.pages, 1728]);

    const [order] = carrier.orders;
    const link = carrier.sent.map(({ body }) =>
      new URLSearchParams(Buffer.from(body).toString()).get('OriginalMediaUrl'),
    );
    assert.equal(order, ANSWERS);
    assert.match(link[0] ?? '', /^https:\/\/fax\.example\.org\/media\/[\w-]{43}\/[0-9a-f]{32}\.tiff$/);
    assert.equal((await ask(base, new URL(link[0] ?? '').pathname)).status, 404);
    const { items: audit } = await admin.audit({ account: open.account.id });
    assert.deepEqual(
      audit.filter(({ action }) => action.startsWith('media.')).map(({ action, object }) => [action, object]),
      [['media.fetch', fax.id]],
    );

    const other = await closed.client.faxes.send({ to: '+15550100002', from: SENDER, documents });
    assert.notEqual((await closed.client.faxes.wait(other.id)).state, 'uncertain');
    const [cdr] = (await closed.client.cdrs.list()).items;
    assert.deepEqual([cdr?.carrier, carrier.orders.length], ['loopback', 1], 'no account is sent by links unasked');

    await carrier.receive(barFile(2), { to: OURS, from: '+15550001111' });
    for await (const received of open.client.inbox) {
      assert.deepEqual([received.fax.from, received.fax.to], ['+15550001111', OURS]);
      assert.equal((await received.pages()).length, 2);
      await received.acknowledge();
      break;
    }
    const end = performance.now() + PATIENCE;
    while (carrier.faxes.size > 0 && performance.now() < end) await new Promise((done) => setTimeout(done, 50));
    assert.deepEqual([carrier.faxes.size, carrier.media.size], [0, 0], 'the carrier keeps nothing of any of them');
  });
});
