import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Client, Fax } from '../../../api/client/index.ts';
import { connect, connectAdmin } from '../../../api/client/index.ts';
import { benchDirectory, type Service, startService } from '../../../ops/bench/service.ts';

const RULES = [
  { number: '+4930*', behaviour: 'busy', calls: 1 },
  { number: '+4940*', behaviour: 'hang_up', page: 2, calls: 1 },
];
const text = (content: string) => new TextEncoder().encode(content);

describe('delivery under imageLife: call, over the loopback network', () => {
  let place: Awaited<ReturnType<typeof benchDirectory>>;
  let service: Service;
  let client: Client;

  before(async () => {
    place = await benchDirectory();
    service = await startService(place.path, {
      SEALFAX_LOOPBACK_SPEED: 'instant',
      SEALFAX_LOOPBACK_RULES: JSON.stringify(RULES),
    });
    const admin = connectAdmin(service.admin.connection, service.admin.password);
    const main = (await admin.accounts()).find((account) => account.name === 'main') ?? assert.fail();
    await admin.addNumber(main.id, { number: '+15550190001' });
    await admin.changeAccount(main.id, { policy: { imageLife: 'call', retries: 2 } });
    await admin.close();
    client = connect(service.api.connection, service.api.secret);
  });
  after(async () => {
    await client?.close();
    await service?.stop();
    await place?.remove();
  });

  const called = async (fax: Fax) => (await client.faxes.calls(fax.id)).length;

  test('a busy line is called again with the documents of a second upload', async () => {
    const faxes: Fax[] = [];
    const states: string[] = [];
    const control = {
      interval: 0,
      onFax: (fax: Fax) => faxes.push(fax),
      onProgress: (one: { phase: string; state?: string }) => states.push(one.state ?? one.phase),
    };
    const last = await client.faxes.deliver({ to: '+49301234567', documents: [text('a letter')] }, control);
    assert.equal(last.state, 'delivered', last.detail ?? '');
    assert.equal(last.imageLife, 'call');
    assert.equal(faxes.length, 2);
    assert.equal(last.id, faxes[1]?.id);
    const first = await client.faxes.get(faxes[0]?.id ?? '');
    assert.partialDeepStrictEqual(first, {
      state: 'failed',
      cause: 'busy',
      retryable: true,
      imageExists: false,
      attempts: 1,
    });
    assert.deepEqual([await called(first), await called(last)], [1, 1]);
    assert.equal(states.filter((state) => state === 'failed').length, 1);
    assert.equal(states.at(-1), 'delivered');
  });

  test('what arrived in part is left, and sent whole when asked', async () => {
    const documents = [text('page one'), text('page two')];
    const left = await client.faxes.deliver({ to: '+49401234567', documents }, { interval: 0 });
    assert.partialDeepStrictEqual(left, { state: 'partial', cause: 'hung_up', pagesConfirmed: 1, pages: 2 });
    const control = { interval: 0, partial: 'again' } as const;
    const whole = await client.faxes.deliver({ to: '+49401234568', documents }, control);
    assert.partialDeepStrictEqual(whole, { state: 'delivered', pagesConfirmed: 2 });
  });

  test('a program that begins anew under its key goes on, and makes no fax twice', async () => {
    const request = { to: '+49301234568', documents: [text('a letter')] };
    const once = { interval: 0, uploads: 0, idempotencyKey: 'order-9' };
    const busy = await client.faxes.deliver(request, once);
    assert.equal(busy.state, 'failed');
    const control = { interval: 0, idempotencyKey: 'order-9' };
    const last = await client.faxes.deliver(request, control);
    assert.equal(last.state, 'delivered');
    assert.equal((await client.faxes.deliver(request, control)).id, last.id);
    const { items } = await client.faxes.list({ number: '+49301234568' });
    assert.deepEqual(items.map(({ id }) => id).toSorted(), [busy.id, last.id].toSorted());
  });
});
