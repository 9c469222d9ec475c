import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { openCallback } from '../../../carrier-adapters/signalwire/webhook.ts';
import { receiveAnswer } from '../../../carrier-adapters/signalwire/wire.ts';
import { VirtualClock } from '../../scenarios/calls/virtual-clock.ts';
import { signedCallback } from '../signalwire/callbacks.ts';
import { type SignalwireEmulator, startSignalwire } from '../signalwire/emulator.ts';

interface Fax {
  readonly sid: string;
  readonly status: string;
  readonly to: string;
  readonly mediaUrl: string | null;
  readonly numPages: number | null;
  readonly duration: number | null;
  readonly dateCreated: Date;
}

interface FaxMedia {
  readonly sid: string;
  readonly faxSid: string;
  readonly contentType: string;
}

/** A list of the SDK, which is also the way to one of its members. */
interface List<T, C> {
  (sid: string): C;
  create(order: object): Promise<T>;
  list(query?: object): Promise<T[]>;
}

interface FaxContext {
  fetch(): Promise<Fax>;
  update(change: object): Promise<Fax>;
  remove(): Promise<boolean>;
  readonly media: List<FaxMedia, { fetch(): Promise<FaxMedia>; remove(): Promise<boolean> }>;
}

/** As much of the SDK as is used here; it is installed by `npm run test:carriers` only. */
interface Sdk {
  readonly fax: { baseUrl: string; readonly faxes: List<Fax, FaxContext> };
}

const PACKAGE = '@signalwire/compatibility-api';
const { RestClient } = (await import(`../node_modules/${PACKAGE}/dist/index.node.mjs`)) as {
  RestClient: {
    (project: string, token: string, options: object): Sdk;
    LaML: { FaxResponse: new () => { receive(attributes: object): void; toString(): string } };
  };
};
const COMPATIBLE = 'twilio';
const { default: twilio } = (await import(`../node_modules/${COMPATIBLE}/lib/index.js`)) as {
  default: { validateRequest(token: string, signature: string, url: string, fields: object): boolean };
};

const PROJECT = 'b3877c40-da60-4998-90ad-b792e98472ac';
const ANSWERS = '+15550100001';
const ORDER = { from: '+15550001111', to: ANSWERS, mediaUrl: 'https://fax.example.org/media/token/ref.pdf' };

describe('SignalWire’s own SDK at the emulator', () => {
  const clock = new VirtualClock(Date.now());
  let carrier: SignalwireEmulator;
  let faxes: Sdk['fax']['faxes'];

  before(async () => {
    carrier = await startSignalwire({
      ...{ clock, project: PROJECT, token: 'PT0', key: { key: 'PSK' } },
      fetch: async () => ({ status: 200, content: new TextEncoder().encode('%PDF-1.7 /Type /Page /Type /Page') }),
    });
    const sdk = RestClient(PROJECT, 'PT0', { signalwireSpaceUrl: 'example.signalwire.com' });
    sdk.fax.baseUrl = carrier.url;
    faxes = sdk.fax.faxes;
  });
  after(() => carrier.close());

  test('sends a fax and sees it delivered', async () => {
    const { sid, status } = await faxes.create(ORDER);
    assert.equal(status, 'queued');
    await clock.pass(40_000);
    const fax = await faxes(sid).fetch();
    assert.deepEqual([fax.status, fax.numPages, fax.duration, fax.to], ['delivered', 2, 22, ANSWERS]);
    assert.equal(fax.mediaUrl, ORDER.mediaUrl);
    assert.ok(fax.dateCreated instanceof Date);
  });

  test('finds what it stored, and erases it', async () => {
    const { sid } = await faxes.create(ORDER);
    await clock.pass(40_000);
    const [media] = await faxes(sid).media.list();
    assert.deepEqual([media?.faxSid, media?.contentType], [sid, 'application/pdf']);
    const file = faxes(sid).media(media?.sid ?? '');
    assert.equal((await file.fetch()).faxSid, sid);
    assert.equal(await file.remove(), true);
    await assert.rejects(file.fetch(), { status: 404 });
    assert.equal(await faxes(sid).remove(), true);
    await assert.rejects(faxes(sid).fetch(), { status: 404 });
  });

  test('stores nothing where it is asked to', async () => {
    const { sid } = await faxes.create({ ...ORDER, storeMedia: false });
    await clock.pass(40_000);
    assert.deepEqual(await faxes(sid).media.list(), []);
  });

  test('cancels a fax while it is queued, and not when it has ended', async () => {
    const { sid } = await faxes.create(ORDER);
    assert.equal((await faxes(sid).update({ status: 'canceled' })).status, 'canceled');
    await assert.rejects(faxes(sid).update({ status: 'canceled' }), { status: 400 });
  });

  test('lists faxes by number and time, part by part', async () => {
    const to = '+15550100777';
    for (let count = 0; count < 5; count++) await faxes.create({ ...ORDER, to });
    assert.equal((await faxes.list({ to, pageSize: 2 })).length, 5);
    assert.equal((await faxes.list({ to, dateCreatedAfter: new Date(clock.now() + 1_000) })).length, 0);
  });

  test('is told what an order lacks, and whose token is wrong', async () => {
    await assert.rejects(faxes.create({ to: ANSWERS, mediaUrl: 'x' }), { status: 422 });
    const stranger = RestClient(PROJECT, 'wrong', { signalwireSpaceUrl: 'example.signalwire.com' });
    stranger.fax.baseUrl = carrier.url;
    await assert.rejects(stranger.fax.faxes.list(), { status: 401 });
  });

  test('would write our answer to a fax that rings with the same attributes', () => {
    const response = new RestClient.LaML.FaxResponse();
    const action = 'https://fax.example.org/carriers/signalwire/received';
    response.receive({ action, method: 'POST', mediaType: 'image/tiff', storeMedia: true });
    assert.equal(receiveAnswer(new URL(action)), response.toString());
  });
});

describe('the validator of the API that SignalWire is compatible with', () => {
  const url = 'https://fax.example.org/carriers/signalwire/status/0123';
  const key = 'PSK_0123456789abcdef';

  test('accepts what the emulator signs, and so do we', () => {
    for (let round = 0; round < 50; round++) {
      const odd = randomBytes(12).toString('latin1');
      const fields = { FaxSid: `s${round}`, From: '+15550001111', ErrorMessage: `${odd} ü ✓`, To: '', a: '&=+ %' };
      const callback = signedCallback(url, fields, { key });
      const signature = callback.headers['x-signalwire-signature'] ?? '';
      assert.equal(twilio.validateRequest(key, signature, url, fields), true);
      assert.equal(typeof openCallback(callback, new URL('https://fax.example.org'), key), 'object');
      const changed = { ...fields, FaxSid: 'other' };
      assert.equal(twilio.validateRequest(key, signature, url, changed), false);
    }
  });

  test('accepts a signature over the URL with its port', () => {
    const fields = { FaxSid: 's' };
    const callback = signedCallback(url.replace('.org/', '.org:443/'), fields, { key });
    const signature = callback.headers['x-signalwire-signature'] ?? '';
    assert.equal(twilio.validateRequest(key, signature, url, fields), true);
    assert.equal(typeof openCallback(callback, new URL('https://fax.example.org'), key), 'object');
  });
});
