import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { describe, test } from 'node:test';
import { connect, connectAdmin } from '../../api/client/index.ts';
import { codePage, sampleLetter } from '../../gateway/imaging/index.ts';
import type { CallbackAnswer, CarrierCallback } from '../../gateway/ports/carrier-adapter.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import { benchDirectory } from '../../ops/bench/service.ts';
import { readConfig } from '../../ops/config.ts';
import { startGateway } from '../../ops/gateway.ts';
import { startPhaxio } from '../emulators/phaxio/emulator.ts';
import { pdfOfPages } from '../emulators/sinch/pdf.ts';

const SENDER = '+15550190001';
const OURS = '+15550190002';
const ANSWERS = '+15550100001';
const BUSY = '+15550110001';
const ACCOUNT = { key: 'key', secret: 'c2VjcmV0', token: 'dG9rZW4' };
const WEBHOOK = 'https://fax.example.org/carriers/phaxio/Zm9yLXRlc3RzLW9ubHktMTIz';
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

/** A page that no coding makes small. */
function noise() {
  const data = Uint8Array.from({ length: 216 * 1_145 }, (_, at) => Math.imul(at + 1, 2_654_435_761) >>> 21);
  const t6 = codePage({ width: 1_728, rows: 1_145, stride: 216, data });
  return { width: 1_728, rows: 1_145, xDpi: 204, yDpi: 98, t6 };
}

describe('a gateway on Phaxio', () => {
  test('its numbers are imported, a fax goes out, one comes in with its callback, and nothing of them stays there', async (t) => {
    const { path, remove } = await benchDirectory();
    let base = '';
    const statuses: number[] = [];
    const carrier = await startPhaxio({
      ...{ clock: FAST, ...ACCOUNT, webhookUrl: WEBHOOK },
      async deliver(callback) {
        const answer = await call(base, callback);
        statuses.push(answer.status);
        return answer;
      },
    });
    for (const phone_number of [SENDER, OURS])
      carrier.numbers.push({ phone_number, city: 'Duluth', state: 'Minnesota' });
    const settings = { kind: 'phaxio', ...ACCOUNT, webhookUrl: WEBHOOK, baseUrl: `${carrier.url}/v2.1`, poll: 60 };
    const gateway = await startGateway(
      readConfig({
        SEALFAX_DATA_DIR: path,
        SEALFAX_PORT: '0',
        SEALFAX_LOG_LEVEL: 'silent',
        SEALFAX_CARRIERS: JSON.stringify([settings]),
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
    const { added, kept } = await admin.importNumbers('phaxio', { account: 'clinic' });
    assert.deepEqual(
      [added.map(({ number, label }) => [number, label]), kept],
      [[SENDER, OURS].map((number) => [number, 'Duluth, Minnesota']), []],
    );
    const { secret } = await admin.createUser(account.id, { name: 'app' });
    const client = connect(gateway.connection('clinic', 'app'), secret ?? '');
    t.after(() => Promise.all([client.close(), admin.close()]));

    const documents = [await sampleLetter()];
    const [good, busy] = await Promise.all([
      client.faxes.send({ to: ANSWERS, from: SENDER, documents }),
      client.faxes.send({ to: BUSY, from: SENDER, documents, retries: 0 }),
    ]);
    const sent = await client.faxes.wait(good.id);
    assert.equal(sent.state, 'delivered', `${sent.cause}: ${sent.detail}`);
    assert.deepEqual([(await client.faxes.wait(busy.id)).cause, carrier.orders.length], ['busy', 2]);

    const page = noise();
    assert.ok(page.t6.length > 256 * 1_024, 'longer than any callback without a fax');
    const id = carrier.receive(pdfOfPages([page]), { to: OURS, from: '+15550001111' });
    for await (const received of client.inbox) {
      assert.deepEqual([received.fax.from, received.fax.to, received.fax.subaddress], ['+15550001111', OURS, null]);
      const [first] = await received.pages();
      assert.deepEqual([first?.width, first?.rows], [1_728, 1_145]);
      await received.acknowledge();
      break;
    }
    const end = performance.now() + PATIENCE;
    while (carrier.files.size > 0 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual([[...carrier.files.keys()], carrier.faxes.has(id)], [[], true]);
    assert.ok(statuses.length > 0 && statuses.every((status) => status === 200), String(statuses));
    const { items } = await client.cdrs.list();
    assert.deepEqual(items.map(({ direction, cause }) => [direction, cause]).sort(), [
      ['inbound', 'ok'],
      ['outbound', 'busy'],
      ['outbound', 'ok'],
    ]);
  });
});
