import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { VirtualClock } from '../../scenarios/calls/virtual-clock.ts';
import { newCallbackKey } from '../telnyx/callbacks.ts';
import { startTelnyx, type TelnyxEmulator } from '../telnyx/emulator.ts';

/** As much of the SDK as is used here; it is installed by `npm run test:carriers` only. */
interface Sdk {
  readonly media: {
    upload(body: object): Promise<{ data?: { media_name?: string; expires_at?: string } }>;
    list(): Promise<{ data?: { media_name?: string }[] }>;
    retrieve(name: string): Promise<{ data?: { media_name?: string } }>;
    download(name: string): Promise<Response>;
    delete(name: string): Promise<void>;
  };
  readonly faxes: {
    create(body: object): Promise<{ data?: Fax }>;
    list(query?: object): AsyncIterable<Fax>;
    retrieve(id: string): Promise<{ data?: Fax }>;
    delete(id: string): Promise<void>;
    readonly actions: {
      cancel(id: string): Promise<{ data?: { result?: string } }>;
      refresh(id: string): Promise<{ data?: { result?: string } }>;
    };
  };
  readonly phoneNumbers: { list(query?: object): AsyncIterable<{ phone_number?: string }> };
  readonly webhooks: {
    unwrap(body: string, options: { headers: object }): Promise<{ data?: { event_type?: string } }>;
  };
}

interface Fax {
  readonly id?: string;
  readonly status?: string;
  readonly client_state?: string;
  readonly failure_reason?: string | null;
  readonly media_url?: string;
}

const PACKAGE = 'telnyx';
const { default: Telnyx } = (await import(`../node_modules/${PACKAGE}/index.mjs`)) as {
  default: new (options: object) => Sdk;
};

describe('Telnyx’ own SDK at the emulator', () => {
  const clock = new VirtualClock(Date.now());
  const key = newCallbackKey();
  let carrier: TelnyxEmulator;
  let sdk: Sdk;

  before(async () => {
    carrier = await startTelnyx({ clock, token: 'KEY', connectionId: '12', key });
    const options = { apiKey: 'KEY', baseURL: `${carrier.url}/v2`, publicKey: key.publicKey, maxRetries: 0 };
    sdk = new Telnyx(options);
  });
  after(() => carrier.close());

  const order = async (to = '+15550100001') => {
    const file = new File([new Uint8Array([0x49, 0x49, 42, 0])], 'fax.tif', { type: 'image/tiff' });
    await sdk.media.upload({ media: file, media_name: 'one', ttl_secs: 600 });
    const fax = await sdk.faxes.create({
      ...{ connection_id: '12', from: '+15550001111', to, media_name: 'one', client_state: 'YWJj' },
    });
    return fax.data?.id ?? '';
  };

  test('stores, lists, reads and deletes media', async () => {
    await order();
    assert.equal((await sdk.media.retrieve('one')).data?.media_name, 'one');
    assert.deepEqual(
      (await sdk.media.list()).data?.map(({ media_name }) => media_name),
      ['one'],
    );
    const bytes = new Uint8Array(await (await sdk.media.download('one')).arrayBuffer());
    assert.deepEqual([...bytes], [0x49, 0x49, 42, 0]);
    await sdk.media.delete('one');
    await assert.rejects(sdk.media.retrieve('one'), { status: 404 });
  });

  test('sends a fax and follows it to its delivery', async () => {
    const id = await order();
    assert.equal((await sdk.faxes.retrieve(id)).data?.status, 'queued');
    await clock.pass(31_000);
    assert.equal((await sdk.faxes.retrieve(id)).data?.status, 'delivered');
  });

  test('hears why a fax failed', async () => {
    const id = await order('+15550110001');
    await clock.pass(31_000);
    const { data } = await sdk.faxes.retrieve(id);
    assert.deepEqual([data?.status, data?.failure_reason], ['failed', 'user_busy']);
  });

  test('cancels a fax on its way, and not one that has ended', async () => {
    const id = await order();
    assert.equal((await sdk.faxes.actions.cancel(id)).data?.result, 'ok');
    await clock.pass(31_000);
    assert.equal((await sdk.faxes.retrieve(id)).data?.failure_reason, 'sender_canceled');
    await assert.rejects(sdk.faxes.actions.cancel(id), { status: 422 });
  });

  test('reads a list page by page and finds a fax by its client_state', async () => {
    const ids = new Set<string>();
    for (let count = 0; count < 5; count++) ids.add(await order());
    const query = { filter: { direction: { eq: 'outbound' } }, 'page[size]': 2 };
    const found: Fax[] = [];
    for await (const fax of sdk.faxes.list(query)) found.push(fax);
    assert.equal(found.filter(({ id }) => ids.has(id ?? '')).length, 5);
    assert.ok(found.every(({ client_state }) => client_state === 'YWJj'));
  });

  test('deletes a fax for good', async () => {
    const id = await order();
    await sdk.faxes.delete(id);
    await assert.rejects(sdk.faxes.retrieve(id), { status: 404 });
  });

  test('lists the numbers of its fax application', async () => {
    carrier.numbers.push({ phone_number: '+19705555098', customer_reference: 'desk' });
    const query = { filter: { connection_id: '12' } };
    const found: string[] = [];
    for await (const { phone_number } of sdk.phoneNumbers.list(query)) found.push(phone_number ?? '');
    assert.deepEqual(found, ['+19705555098']);
  });

  test('renews the address of a received fax', async () => {
    const id = carrier.receive(new Uint8Array([1, 2, 3]));
    const first = (await sdk.faxes.retrieve(id)).data?.media_url ?? '';
    carrier.expire();
    assert.equal((await fetch(first)).status, 403);
    assert.equal((await sdk.faxes.actions.refresh(id)).data?.result, 'ok');
    const second = (await sdk.faxes.retrieve(id)).data?.media_url ?? '';
    assert.equal((await fetch(second)).status, 200);
  });

  test('is refused with another key, and for a connection or a file that is not there', async () => {
    const stranger = new Telnyx({ apiKey: 'OTHER', baseURL: `${carrier.url}/v2`, maxRetries: 0 });
    await assert.rejects(stranger.media.list(), { status: 401 });
    const fax = { from: '+15550001111', to: '+15550100001', media_name: 'nothing' };
    await assert.rejects(sdk.faxes.create({ ...fax, connection_id: '12' }), { status: 422 });
  });

  test('believes its callbacks, and none that was changed, signed by another or is old', async () => {
    const id = await order();
    const open = async (change: Parameters<TelnyxEmulator['callback']>[2], text = (body: string) => body) => {
      const { body, headers } = await carrier.callback('fax.delivered', id, { now: Date.now(), ...change });
      return sdk.webhooks.unwrap(text(Buffer.from(body).toString()), { headers });
    };
    assert.equal((await open({})).data?.event_type, 'fax.delivered');
    await assert.rejects(open({}, (body) => body.replace('outbound', 'inbound')));
    await assert.rejects(open({ key: newCallbackKey() }));
    await assert.rejects(open({ now: Date.now() - 400_000 }));
  });
});
