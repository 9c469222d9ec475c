import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { MEANINGS } from '../../../carrier-adapters/sinch/outcome.ts';
import { VirtualClock } from '../../scenarios/calls/virtual-clock.ts';
import { barFile, barPages } from '../../scenarios/telnyx/world.ts';
import { type SinchEmulator, startSinch } from '../sinch/emulator.ts';
import { pdfOfPages } from '../sinch/pdf.ts';

/** As much of the SDK as is used here; it is installed by `npm run test:carriers` only. */
interface Sdk {
  readonly fax: {
    readonly faxes: {
      send(data: { sendFaxRequestBody: object }): Promise<Fax[]>;
      get(data: { id: string }): Promise<Fax>;
      list(data: object): PromiseLike<{ readonly data: Fax[] }> & AsyncIterable<Fax>;
      downloadContent(data: { id: string }): Promise<{ readonly fileName: string; readonly buffer: Buffer }>;
      deleteContent(data: { id: string }): Promise<void>;
    };
    readonly services: {
      get(data: { serviceId: string }): Promise<Service>;
      list(data: object): PromiseLike<{ readonly data: Service[] }>;
      update(data: { serviceId: string; updateServiceRequestBody: object }): Promise<Service>;
      listNumbers(data: { serviceId: string }): PromiseLike<{ readonly data: { readonly phoneNumber?: string }[] }>;
    };
  };
}

interface Fax {
  readonly id?: string;
  readonly to?: string;
  readonly direction?: string;
  readonly status?: string;
  readonly labels?: Record<string, string>;
  readonly errorType?: string;
  readonly errorCode?: number;
  readonly hasFile?: boolean;
  readonly maxRetries?: number;
  readonly createTime?: Date;
  readonly callbackUrl?: string;
}

interface Service {
  readonly id?: string;
  readonly saveOutboundFaxDocuments?: boolean;
}

interface Webhooks {
  parseEvent(body: unknown): { readonly event?: string; readonly eventTime?: Date; readonly fax?: Fax };
}

/** The codes that the SDK has words for, by their type. */
interface Labels {
  readonly callErrorCodeLabels: Record<string, string>;
  readonly faxErrorCodeLabels: Record<string, string>;
  readonly documentConversionErrorCodeLabels: Record<string, string>;
}

const load = createRequire(import.meta.url);
const PACKAGE = '@sinch/sdk-core';
const {
  SinchClient,
  FaxCallbackWebhooks,
  Fax: labels,
} = load(`../node_modules/${PACKAGE}`) as {
  readonly SinchClient: new (options: object) => Sdk;
  readonly FaxCallbackWebhooks: new () => Webhooks;
  readonly Fax: Labels;
};

const KEY = { projectId: 'project-1', keyId: 'key-id', keySecret: 'key-secret' };
const ANSWERS = '+15550100001';

describe('Sinch’ own SDK at the emulator', () => {
  const clock = new VirtualClock(Date.now());
  let carrier: SinchEmulator;
  let sdk: Sdk;
  const client = (change: object = {}) =>
    new SinchClient({ ...KEY, faxHostname: carrier.url, authHostname: carrier.url, ...change });

  before(async () => {
    const { projectId, keyId, keySecret: secret } = KEY;
    carrier = await startSinch({ clock, projectId, keyId, secret, incomingWebhookUrl: 'https://fax.example/in' });
    sdk = client();
  });
  after(() => carrier.close());

  const files = [{ file: Buffer.from(barFile(1)).toString('base64'), fileType: 'TIF' }];
  const order = async (change: object = {}): Promise<Fax> => {
    const [fax] = await sdk.fax.faxes.send({ sendFaxRequestBody: { to: ANSWERS, files, ...change } });
    return fax ?? {};
  };

  test('sends a fax in JSON and follows it to its end', async () => {
    const { id = '' } = await order({ labels: { sealfax: 'abc', pages: '1' }, maxRetries: 0 });
    const queued = await sdk.fax.faxes.get({ id });
    assert.deepEqual([queued.status, queued.labels?.sealfax, queued.maxRetries], ['QUEUED', 'abc', 0]);
    assert.ok(queued.createTime instanceof Date);
    await clock.pass(31_000);
    assert.equal((await sdk.fax.faxes.get({ id })).status, 'COMPLETED');
  });

  test('sends a fax as a form, and one fax to several numbers', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sealfax-judge-'));
    try {
      const path = join(folder, 'fax.tif');
      writeFileSync(path, barFile(1));
      const [fax] = await sdk.fax.faxes.send({ sendFaxRequestBody: { to: ANSWERS, filePaths: [path] } });
      assert.equal(fax?.status, 'QUEUED');
    } finally {
      rmSync(folder, { recursive: true });
    }
    const to = [ANSWERS, '+15550110001'];
    const faxes = await sdk.fax.faxes.send({ sendFaxRequestBody: { to, files } });
    assert.deepEqual(
      faxes.map((fax) => fax.to),
      to,
    );
    assert.equal((await sdk.fax.faxes.send({ sendFaxRequestBody: { to: [ANSWERS], files } })).length, 1);
  });

  test('hears why a fax failed', async () => {
    const { id = '' } = await order({ to: '+15550110001' });
    await clock.pass(31_000);
    const { status, errorType, errorCode } = await sdk.fax.faxes.get({ id });
    assert.deepEqual([status, errorType, errorCode], ['FAILURE', 'CALL_ERROR', 17]);
  });

  test('is refused for a number that is none, and for a file of no kind that there is', async () => {
    await assert.rejects(order({ to: '12' }), { statusCode: 422 });
    await assert.rejects(order({ files: [{ file: 'AA==', fileType: 'EXE' }] }), { statusCode: 422 });
  });

  test('reads a list page by page, filtered by direction, number, state and time', async () => {
    const ids = new Set<string | undefined>();
    for (let count = 0; count < 5; count++) ids.add((await order()).id);
    const received = carrier.receive(pdfOfPages(barPages(1)));
    const found: Fax[] = [];
    for await (const fax of sdk.fax.faxes.list({ direction: 'OUTBOUND', to: '+155501', pageSize: 2 })) found.push(fax);
    assert.equal(found.filter(({ id }) => ids.has(id)).length, 5);
    assert.ok(found.every(({ direction }) => direction === 'OUTBOUND'));
    const inbound = await sdk.fax.faxes.list({ direction: 'INBOUND', status: 'COMPLETED' });
    assert.deepEqual(
      inbound.data.map(({ id }) => id),
      [received],
    );
    const later = { createTimeRange: { from: new Date(clock.now() + 60_000) } };
    assert.deepEqual((await sdk.fax.faxes.list(later)).data, []);
  });

  test('fetches the document of a fax as PDF, and deletes it for good; the record stays', async () => {
    const id = carrier.receive(pdfOfPages(barPages(1)));
    assert.equal((await sdk.fax.faxes.get({ id })).hasFile, true);
    const { buffer, fileName } = await sdk.fax.faxes.downloadContent({ id });
    assert.deepEqual([buffer.subarray(0, 5).toString(), fileName], ['%PDF-', `${id}.pdf`]);
    await sdk.fax.faxes.deleteContent({ id });
    assert.equal((await sdk.fax.faxes.get({ id })).hasFile, false);
    await assert.rejects(sdk.fax.faxes.deleteContent({ id }), { statusCode: 404 });
  });

  test('keeps the document of a sent fax only where the service says so', async () => {
    const { id = '' } = await order();
    assert.equal((await sdk.fax.faxes.downloadContent({ id })).buffer.subarray(0, 5).toString(), '%PDF-');
    await clock.pass(31_000);
    assert.equal((await sdk.fax.faxes.get({ id })).hasFile, false);
  });

  test('reads and changes what the service keeps, and lists its numbers', async () => {
    const [service] = (await sdk.fax.services.list({})).data;
    const serviceId = service?.id ?? '';
    assert.equal((await sdk.fax.services.get({ serviceId })).saveOutboundFaxDocuments, false);
    for (const saveOutboundFaxDocuments of [true, false]) {
      const updateServiceRequestBody = { saveOutboundFaxDocuments };
      await sdk.fax.services.update({ serviceId, updateServiceRequestBody });
      assert.equal((await sdk.fax.services.get({ serviceId })).saveOutboundFaxDocuments, saveOutboundFaxDocuments);
    }
    const numbers = (await sdk.fax.services.listNumbers({ serviceId })).data;
    assert.deepEqual(
      numbers.map(({ phoneNumber }) => phoneNumber),
      carrier.numbers,
    );
  });

  test('buys another token when the last one is refused, and none with another secret', async () => {
    carrier.forgetTokens();
    const { id = '' } = await order();
    assert.ok(id.length > 20);
    await assert.rejects(client({ keySecret: 'other' }).fax.faxes.get({ id }));
  });

  test('reads its callbacks, and never sees a password again', async () => {
    const webhooks = new FaxCallbackWebhooks();
    const { id = '' } = await order({
      callbackUrl: 'https://sinch:secret@fax.example/x',
      callbackUrlContentType: 'application/json',
    });
    const { body, headers } = carrier.callback('FAX_COMPLETED', id);
    assert.equal(headers.authorization, `Basic ${Buffer.from('sinch:secret').toString('base64')}`);
    const event = webhooks.parseEvent(Buffer.from(body).toString());
    assert.deepEqual([event.event, event.fax?.id], ['FAX_COMPLETED', id]);
    assert.ok(event.eventTime instanceof Date);
    assert.equal((await sdk.fax.faxes.get({ id })).callbackUrl, 'https://***:***@fax.example/x');
  });

  test('has no code of a failure that the adapter does not know', () => {
    for (const [type, known] of [
      ['CALL_ERROR', labels.callErrorCodeLabels],
      ['FAX_ERROR', labels.faxErrorCodeLabels],
      ['DOCUMENT_CONVERSION_ERROR', labels.documentConversionErrorCodeLabels],
    ] as const) {
      assert.ok(Object.keys(known).length > 5);
      assert.deepEqual(Object.keys(known), Object.keys(MEANINGS[type] ?? {}));
    }
  });
});
