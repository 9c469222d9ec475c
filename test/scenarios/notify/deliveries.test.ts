import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { after, describe, test } from 'node:test';
import { generate } from 'selfsigned';
import { Webhook } from 'standardwebhooks';
import { generateEd25519, newKey, randomId } from '../../../crypto/index.ts';
import { newId } from '../../../gateway/fax/ids.ts';
import type { Webhooks } from '../../../gateway/gateway.ts';
import type { NotifySettings } from '../../../gateway/notify/index.ts';
import { createNotify } from '../../../gateway/notify/index.ts';
import type { JobQueue } from '../../../gateway/ports/job-queue.ts';
import { memoryRecords } from './memory-records.ts';
import type { Answer } from './receiver.ts';
import { startReceiver } from './receiver.ts';

const START = Date.UTC(2026, 0, 15, 12);
const signingKey = await generateEd25519();
const closing: (() => Promise<void>)[] = [];
after(async () => {
  for (const close of closing) await close();
});

async function receiver(...answers: Answer[]) {
  const one = await startReceiver(answers);
  closing.push(one.close);
  return one;
}

/** A notify stage over records in memory, on a clock that moves only when told. */
function stage(settings: Partial<NotifySettings> = {}) {
  const { records, events } = memoryRecords();
  const time = { now: START };
  const rings: { id: string; delay: number }[] = [];
  const queue: JobQueue = {
    ring: async (_bell, id, options) => void rings.push({ id, delay: options?.delay ?? 0 }),
    hear: async () => undefined,
    stop: async () => undefined,
    close: async () => undefined,
    check: async () => undefined,
  };
  const graces: (() => void)[] = [];
  const clock = {
    now: () => time.now,
    monotonic: () => time.now,
    after: (_ms: number, run: () => void) => {
      graces.push(run);
      return () => undefined;
    },
  };
  const logged: string[] = [];
  const line = (fields: Record<string, unknown>, text: string) => void logged.push(`${JSON.stringify(fields)} ${text}`);
  const log = { debug: line, info: line, warn: line, error: line };
  const metrics = { count: () => undefined, observe: () => undefined, gauge: () => undefined };
  const notify = createNotify({
    ...{ records, events, queue, clock, log, metrics, signingKey },
    sealKey: newKey(),
    settings: { allowPrivate: true, random: () => 0, timeout: 5_000, ...settings },
  });
  const webhooks: Webhooks = notify;
  const account = newId('acc', randomId);
  const fax = newId('fax', randomId);
  async function run(): Promise<number> {
    const started = await notify.poll();
    await notify.idle();
    return started;
  }
  async function only() {
    const { items } = await notify.deliveries(account, { limit: 10 });
    assert.equal(items.length, 1);
    const [item] = items;
    assert.ok(item);
    return item;
  }
  const happen = (type: 'fax.delivered' | 'fax.page' | 'fax.received' = 'fax.delivered') =>
    events.append(account, type, fax, { pages: 2 }, time.now);
  return {
    notify: { ...notify, ...webhooks },
    records,
    events,
    time,
    rings,
    graces,
    logged,
    account,
    fax,
    run,
    only,
    happen,
  };
}

describe('an event on its way to an endpoint', () => {
  test('is posted once, signed, with ids only, and marked delivered', async () => {
    const { received, url } = await receiver(204);
    const { notify, account, fax, happen, run, only, logged } = stage();
    const endpoint = await notify.create(account, { url, types: [] });
    const event = await happen();
    assert.equal(await run(), 1);
    assert.equal(await run(), 0);
    assert.equal(received.length, 1);
    const [request] = received;
    assert.ok(request);
    assert.equal(request.method, 'POST');
    assert.equal(request.path, '/hook');
    assert.equal(request.headers['webhook-id'], event.id);
    assert.equal(request.headers['content-type'], 'application/json');
    assert.equal(JSON.parse(request.body).data.fax, fax);
    assert.equal((await only()).state, 'delivered');
    // The oracle looks at the machine's clock, so only the signature is asked of it, over the time that was signed.
    const [secret = ''] = endpoint.secrets;
    const signed = new Webhook(secret).sign(event.id, new Date(START), request.body);
    assert.ok(request.headers['webhook-signature']?.split(' ').includes(signed));
    assert.equal(
      logged.some((line) => line.includes('127.0.0.1') || line.includes(secret)),
      false,
    );
  });

  test('types choose what is posted; without any, everything but fax.page', async () => {
    const all = await receiver(200);
    const some = await receiver(200);
    const { notify, account, happen, run } = stage();
    await notify.create(account, { url: all.url, types: [] });
    await notify.create(account, { url: some.url, types: ['fax.page'] });
    await happen('fax.page');
    await happen('fax.received');
    await run();
    const typesOf = (seen: readonly { readonly body: string }[]) => seen.map((one) => JSON.parse(one.body).type);
    assert.deepEqual(typesOf(all.received), ['fax.received']);
    assert.deepEqual(typesOf(some.received), ['fax.page']);
  });

  test('is tried ten times over the schedule, then given up', async () => {
    const { received, url } = await receiver(500);
    const { notify, account, happen, run, only, time, rings } = stage();
    await notify.create(account, { url, types: [] });
    await happen();
    for (let attempt = 1; attempt <= 10; attempt++) {
      assert.equal(await run(), 1);
      const now = await only();
      assert.equal(now.attempts, attempt);
      assert.equal(now.lastStatus, 500);
      if (now.nextAt === null) break;
      time.now = now.nextAt - 1;
      assert.equal(await run(), 0);
      time.now = now.nextAt;
    }
    assert.equal(received.length, 10);
    assert.equal((await only()).state, 'given_up');
    assert.equal(time.now - START, (5 + 300 + 1_800 + 7_200 + 18_000 + 36_000 + 50_400 + 72_000 + 86_400) * 1_000);
    assert.deepEqual(
      rings.map((ring) => ring.delay),
      [5_000, 300_000],
    );
  });

  test('a redirect is not followed', async () => {
    const elsewhere = await receiver(200);
    const { url } = await receiver((_request, response) => {
      response.writeHead(307, { location: elsewhere.url }).end();
    });
    const { notify, account, happen, run, only } = stage();
    await notify.create(account, { url, types: [] });
    await happen();
    await run();
    assert.equal(elsewhere.received.length, 0);
    assert.equal((await only()).lastError, 'redirect_refused');
    assert.equal((await only()).state, 'pending');
  });

  test('Retry-After is honoured', async () => {
    const { url } = await receiver((_request, response) => {
      response.writeHead(503, { 'retry-after': '3600' }).end();
    }, 200);
    const { notify, account, happen, run, only, time } = stage();
    await notify.create(account, { url, types: [] });
    await happen();
    await run();
    assert.equal((await only()).nextAt, START + 3_600_000);
    time.now = START + 3_600_000;
    await run();
    assert.equal((await only()).state, 'delivered');
  });

  test('410 disables the endpoint, and the account reads so in its ledger', async () => {
    const { url } = await receiver(410);
    const { notify, account, happen, run, only, events } = stage();
    await notify.create(account, { url, types: ['fax.delivered'] });
    await happen();
    await run();
    assert.equal((await only()).state, 'given_up');
    const [endpoint] = await notify.list(account);
    assert.equal(endpoint?.disabled, true);
    assert.match(endpoint?.disabledReason ?? '', /410/);
    const last = (await events.read(account, 0, 10)).at(-1);
    assert.equal(last?.type, 'webhook.disabled');
    assert.deepEqual(last?.data, { endpoint: endpoint?.id, reason: 'gone' });
    const enabled = await notify.update(account, endpoint?.id ?? assert.fail(), { disabled: false });
    assert.equal(enabled.disabledReason, null);
  });

  test('three deliveries given up with none taken meanwhile disable the endpoint', async () => {
    const { url } = await receiver(500);
    const { notify, account, happen, run, time, events } = stage();
    await notify.create(account, { url, types: ['fax.delivered'] });
    for (let n = 0; n < 3; n++) {
      assert.equal((await notify.list(account))[0]?.disabled, false);
      await happen();
      for (let attempt = 0; attempt < 10; attempt++) {
        await run();
        time.now += 86_400_000;
      }
    }
    assert.equal((await notify.list(account))[0]?.disabled, true);
    assert.equal((await events.read(account, 0, 10)).at(-1)?.type, 'webhook.disabled');
  });

  test('an answer without end is cut, and its status counts', async () => {
    const { url } = await receiver((_request, response) => {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', more);
      more();
    });
    const { notify, account, happen, run, only } = stage();
    await notify.create(account, { url, types: [] });
    await happen();
    await run();
    assert.equal((await only()).state, 'delivered');
  });

  test('a receiver that never answers runs into the time-out', async () => {
    const { url } = await receiver(() => undefined);
    const { notify, account, happen, run, only } = stage({ timeout: 50 });
    await notify.create(account, { url, types: [] });
    await happen();
    await run();
    assert.equal((await only()).lastError, 'timeout');
  });

  test('a closed port is a failed connection', async () => {
    const gone = await startReceiver([200]);
    await gone.close();
    const { notify, account, happen, run, only } = stage();
    await notify.create(account, { url: gone.url, types: [] });
    await happen();
    await run();
    assert.equal((await only()).lastError, 'connect_failed');
  });

  test('what stop cuts is attempted again after its lease', async () => {
    let waiting: () => void = () => undefined;
    const arrived = new Promise<void>((resolve) => {
      waiting = resolve;
    });
    const { url } = await receiver(() => waiting());
    const { notify, account, happen, only, graces, records, time } = stage();
    await notify.create(account, { url, types: [] });
    await happen();
    await notify.poll();
    await arrived;
    const stopped = notify.stop();
    graces[0]?.();
    await stopped;
    const left = await only();
    assert.equal(left.state, 'pending');
    assert.equal(left.attempts, 0);
    assert.equal(await notify.poll(), 0);
    assert.deepEqual(await records.dueDeliveries(time.now, 9), []);
    assert.deepEqual(await records.dueDeliveries(time.now + 25_000, 9), [left.id]);
  });

  test('a slow endpoint has four attempts at once and holds up no other', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = await receiver((_request, response) => void gate.then(() => response.writeHead(200).end()));
    const quick = await receiver(200);
    const { notify, account, happen } = stage();
    await notify.create(account, { url: slow.url, types: [] });
    await notify.create(account, { url: quick.url, types: [] });
    for (let n = 0; n < 4; n++) await happen();
    await notify.poll();
    const late = await happen();
    while (quick.received.length < 4 || slow.received.length < 4) await new Promise(setImmediate);
    const pending = await notify.deliveries(account, { state: 'pending', limit: 50 });
    for (const one of pending.items.filter((item) => item.event === late.id)) await notify.deliver(one.id);
    assert.equal(quick.received.length, 5);
    assert.equal(slow.received.length, 4);
    release();
    await notify.idle();
  });
});

describe('where a webhook may go', () => {
  test('a private address is refused when it is stored, and when a name leads there later', async () => {
    const { received, port } = await receiver(200);
    const open = stage();
    const strict = stage({ allowPrivate: false, resolve: async () => [{ address: '127.0.0.1', family: 4 }] });
    await assert.rejects(strict.notify.create(strict.account, { url: `https://127.0.0.1:${port}/`, types: [] }), {
      name: 'NotifyError',
      code: 'url_refused',
      reason: 'address',
    });
    await strict.notify.create(strict.account, { url: `https://rebound.example:${port}/`, types: [] });
    await strict.happen();
    await strict.run();
    assert.equal((await strict.only()).lastError, 'address_refused');
    assert.equal(received.length, 0);
    await open.notify.stop();
  });

  test('the name is resolved once, the connection goes to that address, and TLS verifies the name', async () => {
    const pem = await generate([{ name: 'commonName', value: 'hooks.example' }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'hooks.example' }] }],
    });
    const make = (listener: RequestListener) => createTlsServer({ key: pem.private, cert: pem.cert }, listener);
    const { received, port, close } = await startReceiver([200], make);
    closing.push(close);
    const asked: string[] = [];
    const settings: Partial<NotifySettings> = {
      ca: [pem.cert],
      resolve: async (host) => {
        asked.push(host);
        return [{ address: '127.0.0.1', family: 4 }];
      },
    };
    const right = stage(settings);
    await right.notify.create(right.account, { url: `https://hooks.example:${port}/in`, types: [] });
    await right.happen();
    await right.run();
    assert.equal((await right.only()).lastError, null);
    assert.deepEqual(asked, ['hooks.example']);
    assert.equal(received[0]?.headers.host, `hooks.example:${port}`);

    const wrong = stage(settings);
    await wrong.notify.create(wrong.account, { url: `https://other.example:${port}/in`, types: [] });
    await wrong.happen();
    await wrong.run();
    assert.equal((await wrong.only()).lastError, 'tls_failed');

    const untrusted = stage({ ...settings, ca: [] });
    await untrusted.notify.create(untrusted.account, { url: `https://hooks.example:${port}/in`, types: [] });
    await untrusted.happen();
    await untrusted.run();
    assert.equal((await untrusted.only()).lastError, 'tls_failed');
    assert.equal(received.length, 1);
  });
});

describe('the administration of endpoints', () => {
  test('test posts at once and answers its delivery; a failed one is not repeated', async () => {
    const { received, url } = await receiver(200, 500);
    const { notify, account, run } = stage();
    const { id } = await notify.create(account, { url, types: ['fax.received'] });
    const good = await notify.test(account, id);
    assert.equal(good.state, 'delivered');
    assert.equal(JSON.parse(received[0]?.body ?? '').type, 'webhook.test');
    const bad = await notify.test(account, id);
    assert.equal(bad.state, 'given_up');
    assert.equal(bad.lastStatus, 500);
    assert.equal(await run(), 0);
  });

  test('a test is posted once, to the tested endpoint and to no other, and is not replayed', async () => {
    const [tested, other, named] = [await receiver(200), await receiver(200), await receiver(200)];
    const { notify, account, run } = stage();
    const { id } = await notify.create(account, { url: tested.url, types: [] });
    const { id: otherId } = await notify.create(account, { url: other.url, types: [] });
    const { id: namedId } = await notify.create(account, { url: named.url, types: ['webhook.test'] });
    await notify.test(account, id);
    assert.equal(await notify.replay(account, otherId, 0), 0);
    assert.equal(await notify.replay(account, namedId, 0), 0);
    await run();
    assert.deepEqual(
      [tested, other, named].map(({ received }) => received.length),
      [1, 0, 0],
    );
  });

  test('a rotated endpoint signs with both secrets for a day', async () => {
    const { received, url } = await receiver(200);
    const { notify, account, happen, run, time } = stage();
    const { id, secrets: before } = await notify.create(account, { url, types: [] });
    const { secrets } = await notify.rotate(account, id);
    assert.deepEqual(secrets.slice(1), before);
    await happen();
    await run();
    time.now += 86_400_000;
    await happen();
    await run();
    const v1 = received.map(
      (one) => one.headers['webhook-signature']?.split(' ').filter((sig) => sig.startsWith('v1,')).length,
    );
    assert.deepEqual(v1, [2, 1]);
    assert.deepEqual((await notify.list(account))[0]?.secrets, secrets.slice(0, 1));
  });

  test('replay posts again what the endpoint asked for, with the same webhook-id', async () => {
    const { received, url } = await receiver(200);
    const { notify, account, happen, run } = stage();
    const { id } = await notify.create(account, { url, types: ['fax.delivered'] });
    await happen();
    await happen('fax.page');
    await happen();
    await run();
    assert.equal(await notify.replay(account, id, 1), 1);
    await run();
    assert.equal(received.length, 3);
    const ids = received.map((one) => one.headers['webhook-id']);
    assert.equal(ids[2], ids[1]);
  });

  test('a given-up delivery is retried on request', async () => {
    const { url } = await receiver(410, 200);
    const { notify, account, happen, run, rings, only } = stage();
    const { id } = await notify.create(account, { url, types: ['fax.delivered'] });
    await happen();
    await run();
    const failed = await only();
    await notify.update(account, id, { disabled: false });
    await notify.retry(account, failed.id);
    assert.equal(rings.at(-1)?.id, failed.id);
    await run();
    assert.equal((await only()).state, 'delivered');
  });

  test('another account finds nothing', async () => {
    const { url } = await receiver(200);
    const { notify, account, happen, run, only } = stage();
    const stranger = newId('acc', randomId);
    const { id } = await notify.create(account, { url, types: [] });
    await happen();
    await run();
    const refused = { name: 'FaxError', code: 'endpoint_not_found' };
    await assert.rejects(notify.rotate(stranger, id), refused);
    await assert.rejects(notify.remove(stranger, id), refused);
    await assert.rejects(notify.update(stranger, id, { disabled: true }), refused);
    await assert.rejects(notify.test(stranger, id), refused);
    await assert.rejects(notify.replay(stranger, id, 0), refused);
    await assert.rejects(notify.retry(stranger, (await only()).id), { name: 'FaxError', code: 'delivery_not_found' });
  });

  test('an unknown type and a twenty-first endpoint are refused', async () => {
    const { url } = await receiver(200);
    const { notify, account } = stage();
    const unknown = { url, types: ['fax.delivered', 'fax.unheard'] as never };
    await assert.rejects(notify.create(account, unknown), { code: 'option_invalid', pointer: '/types/1' });
    for (let n = 0; n < 20; n++) await notify.create(account, { url, types: ['fax.page', 'fax.page'] });
    assert.deepEqual((await notify.list(account))[0]?.types, ['fax.page']);
    await assert.rejects(notify.create(account, { url, types: [] }), { code: 'option_invalid' });
  });
});
