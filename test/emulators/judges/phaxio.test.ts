import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { VirtualClock } from '../../scenarios/calls/virtual-clock.ts';
import { type PhaxioEmulator, startPhaxio } from '../phaxio/emulator.ts';

interface Answer<T> {
  readonly success: boolean;
  readonly message: string;
  readonly data: T;
}

interface Fax {
  readonly id: number;
  readonly status: string;
  readonly direction: string;
  readonly tags: Record<string, string>;
  readonly error_id: number | null;
  readonly error_type: string | null;
}

interface SentFax {
  readonly id: number;
  cancel(): Promise<Answer<unknown>>;
  resend(): Promise<Answer<{ id: number }>>;
  getInfo(): Promise<Answer<Fax>>;
  getFile(): Promise<Buffer>;
  deleteFile(): Promise<Answer<unknown>>;
  testDelete(): Promise<Answer<unknown>>;
}

/** An API of the SDK: it lets its address and the options of its connections be changed. */
interface Part {
  url: string;
  agentOptions: object;
}

/** As much of the SDK as is used here; it is installed by `npm run test:carriers` only. */
interface Sdk {
  readonly faxes: Part & {
    create(order: object): Promise<SentFax>;
    listFaxes(query: object): Promise<Answer<Fax[]>>;
    getInfo(id: string): Promise<Answer<Fax>>;
  };
  readonly account: Part & { status(): Promise<Answer<{ balance: number }>> };
  readonly phoneNumber: Part & { listNumbers(query: object): Promise<Answer<{ phone_number: string }[]>> };
}

const PACKAGE = 'phaxio-official';
const { default: Phaxio } = (await import(`../node_modules/${PACKAGE}/index.js`)) as {
  default: new (key: string, secret: string) => Sdk;
};

/** The SDK at an address without TLS, whose version it would set. */
function sdkAt(url: string, secret: string): Sdk {
  const sdk = new Phaxio('KEY', secret);
  for (const part of [sdk.faxes, sdk.account, sdk.phoneNumber]) Object.assign(part, { url, agentOptions: {} });
  return sdk;
}

describe('Phaxio’s own SDK at the emulator', () => {
  const clock = new VirtualClock(Date.now());
  const directory = mkdtempSync(join(tmpdir(), 'phaxio-'));
  const file = join(directory, 'fax.tif');
  let carrier: PhaxioEmulator;
  let sdk: Sdk;

  before(async () => {
    writeFileSync(file, new Uint8Array([0x49, 0x49, 42, 0]));
    const account = { key: 'KEY', secret: 'SECRET', token: 'TOKEN', webhookUrl: 'https://fax.example/' };
    carrier = await startPhaxio({ ...account, clock });
    sdk = sdkAt(`${carrier.url}/v2.1`, 'SECRET');
  });
  after(async () => {
    rmSync(directory, { recursive: true });
    await carrier.close();
  });

  const order = (change: object = {}) =>
    sdk.faxes.create({ to: '+15550100001', file, tags: { sealfax: 'one' }, caller_id: '+15550001111', ...change });

  test('sends a fax and follows it to its end', async () => {
    const fax = await order();
    assert.equal((await fax.getInfo()).data.status, 'queued');
    await clock.pass(31_000);
    const { data } = await fax.getInfo();
    assert.deepEqual([data.status, data.direction, data.tags], ['success', 'sent', { sealfax: 'one' }]);
  });

  test('sends several files, and none without a receiver', async () => {
    assert.equal(typeof (await order({ file: [file, file] })).id, 'number');
    await assert.rejects(order({ to: 'nobody' }), { statusCode: 422 });
    await assert.rejects(sdk.faxes.create({ to: '+15550100001' }), { statusCode: 422 });
  });

  test('hears why a fax failed', async () => {
    const fax = await order({ to: '+15550110001' });
    await clock.pass(31_000);
    const { data } = await fax.getInfo();
    assert.deepEqual([data.status, data.error_type, data.error_id], ['failure', 'lineError', 17]);
  });

  test('cancels a fax on its way, and not one that has ended', async () => {
    const fax = await order();
    assert.equal((await fax.cancel()).success, true);
    await clock.pass(31_000);
    assert.equal((await fax.getInfo()).data.error_id, 75);
    await assert.rejects(fax.cancel(), { statusCode: 422 });
  });

  test('finds faxes by their tag, page by page', async () => {
    for (let count = 0; count < 3; count++) await order({ tags: { sealfax: 'two' } });
    const found = await sdk.faxes.listFaxes({ tags: { sealfax: 'two' }, per_page: 2, page: 1 });
    assert.deepEqual([found.data.length, found.data.every(({ tags }) => tags.sealfax === 'two')], [2, true]);
    assert.equal((await sdk.faxes.listFaxes({ tags: { sealfax: 'two' }, per_page: 2, page: 2 })).data.length, 1);
    assert.equal((await sdk.faxes.listFaxes({ tags: { sealfax: 'nobody' } })).data.length, 0);
  });

  test('reads a fax’s file and deletes it for good; the fax itself stays', async () => {
    const fax = await order();
    assert.deepEqual([...(await fax.getFile())], [0x49, 0x49, 42, 0]);
    assert.equal((await fax.deleteFile()).success, true);
    await assert.rejects(fax.getFile(), { statusCode: 404 });
    await assert.rejects(fax.testDelete(), { statusCode: 422 });
    assert.equal((await fax.getInfo()).data.id, fax.id);
  });

  test('sends a fax again', async () => {
    const again = await (await order()).resend();
    assert.equal((await sdk.faxes.getInfo(String(again.data.id))).data.status, 'queued');
  });

  test('lists received faxes, the account and its numbers', async () => {
    const id = carrier.receive(new Uint8Array([1]));
    const received = await sdk.faxes.listFaxes({ direction: 'received' });
    assert.deepEqual(
      received.data.map((fax) => String(fax.id)),
      [id],
    );
    assert.equal((await sdk.account.status()).success, true);
    carrier.numbers.push({ phone_number: '+12486215381', city: 'Duluth', state: 'Minnesota' });
    assert.equal((await sdk.phoneNumber.listNumbers({})).data[0]?.phone_number, '+12486215381');
  });

  test('is refused with another secret, and for a fax that is not there', async () => {
    await assert.rejects(sdkAt(`${carrier.url}/v2.1`, 'OTHER').account.status(), { statusCode: 401 });
    await assert.rejects(sdk.faxes.getInfo('1'), { statusCode: 404 });
  });
});
