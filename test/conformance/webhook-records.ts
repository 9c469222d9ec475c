import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { randomId } from '../../crypto/index.ts';
import type { EventType } from '../../gateway/fax/event.ts';
import { type AccountId, type DeliveryId, newId } from '../../gateway/fax/ids.ts';
import type { DeliveryQuery, EndpointRow, WebhookRecords } from '../../gateway/ports/webhook-records.ts';
import type { Backend } from './fax-records.ts';
import { createWorld, SECOND, T0, type World } from './fax-records-world.ts';

/** A backend that tells which deliveries have become due. */
export interface TellingBackend extends Backend {
  readonly told: DeliveryId[];
}

/** The contract of WebhookRecords; every backend passes it. */
export function webhookRecordsConformance(name: string, makeRecords: () => Promise<TellingBackend>): void {
  describe(`WebhookRecords on ${name}`, () => {
    let backend: TellingBackend;
    let webhooks: WebhookRecords;
    let world: World;
    before(async () => {
      backend = await makeRecords();
      webhooks = backend.records.webhooks;
      world = createWorld(backend.records);
    });
    after(() => backend.stop());

    const endpoint = async (account: AccountId, types: readonly EventType[] = []): Promise<EndpointRow> => {
      const row: EndpointRow = {
        id: newId('whe', (prefix) => randomId(prefix)),
        account,
        url: 'https://example.org/hook',
        types,
        sealedSecrets: new Uint8Array([1, 2, 255]),
        disabled: false,
        disabledReason: null,
        createdAt: T0,
      };
      await webhooks.createEndpoint(row);
      return row;
    };
    const plain = (row: EndpointRow | undefined) =>
      row === undefined ? undefined : { ...row, sealedSecrets: new Uint8Array(row.sealedSecrets) };
    const append = (account: AccountId, type: EventType, now = T0) =>
      backend.records.events.append(account, type, null, { n: 1 }, now);
    const listed = async (account: AccountId) => (await webhooks.deliveries(account, { limit: 100 })).items;

    test('an endpoint is kept, changed and removed by its own account only', async () => {
      const [a, b] = [await world.account(), await world.account()];
      const row = await endpoint(a.id, ['fax.page']);
      assert.deepEqual(plain(await webhooks.endpoint(row.id, a.id)), row);
      assert.equal(await webhooks.endpoint(row.id, b.id), undefined);
      assert.equal(await webhooks.updateEndpoint(row.id, b.id, { url: 'https://evil.example' }), undefined);
      const changed = await webhooks.updateEndpoint(row.id, a.id, {
        disabled: true,
        disabledReason: 'gone',
        sealedSecrets: new Uint8Array([9]),
      });
      const wanted = { ...row, disabled: true, disabledReason: 'gone', sealedSecrets: new Uint8Array([9]) };
      assert.deepEqual(plain(changed), wanted);
      const again = await webhooks.updateEndpoint(row.id, a.id, { types: [], disabled: false, disabledReason: null });
      assert.deepEqual(plain(again), { ...wanted, types: [], disabled: false, disabledReason: null });
      assert.equal((await webhooks.endpoints(a.id)).length, 1);
      assert.equal(await webhooks.deleteEndpoint(row.id, b.id), false);
      assert.equal(await webhooks.deleteEndpoint(row.id, a.id), true);
      assert.deepEqual(await webhooks.endpoints(a.id), []);
    });
    test('an event makes a delivery for each endpoint that wants it, and tells of it after the commit', async () => {
      const { id } = await world.account();
      const all = await endpoint(id);
      const pages = await endpoint(id, ['fax.page']);
      const off = await endpoint(id);
      await webhooks.updateEndpoint(off.id, id, { disabled: true });
      backend.told.length = 0;
      const failed = await append(id, 'fax.failed');
      const page = await append(id, 'fax.page');
      const made = (await listed(id)).map((delivery) => ({ endpoint: delivery.endpoint, event: delivery.event }));
      assert.equal(made.length, 2);
      assert.ok(made.some((one) => one.endpoint === all.id && one.event === failed.id));
      assert.ok(made.some((one) => one.endpoint === pages.id && one.event === page.id));
      assert.deepEqual(backend.told.toSorted(), (await listed(id)).map((delivery) => delivery.id).toSorted());
    });
    test('a test event makes none by itself, not even for an endpoint that names it', async () => {
      const { id } = await world.account();
      await endpoint(id);
      await endpoint(id, ['webhook.test']);
      backend.told.length = 0;
      await append(id, 'webhook.test');
      assert.deepEqual(await listed(id), []);
      assert.deepEqual(backend.told, []);
    });
    test('a transaction that is rolled back makes none', async () => {
      const { id } = await world.account({ maxQueued: 0 });
      await endpoint(id);
      backend.told.length = 0;
      await assert.rejects(world.accepted(id));
      assert.deepEqual(await listed(id), []);
      assert.deepEqual(backend.told, []);
    });
    test('a due delivery is claimed by one of many, for the time of its lease', async () => {
      const { id } = await world.account();
      const row = await endpoint(id);
      const event = await append(id, 'fax.failed');
      const [delivery] = await listed(id);
      assert.ok(delivery);
      assert.ok((await webhooks.dueDeliveries(T0, 1_000)).includes(delivery.id));
      assert.ok(!(await webhooks.dueDeliveries(T0 - 1, 1_000)).includes(delivery.id));
      const claims = await Promise.all(
        Array.from({ length: 20 }, () => webhooks.claimDelivery(delivery.id, 10 * SECOND, T0)),
      );
      const won = claims.filter((claim) => claim !== undefined);
      assert.equal(won.length, 1);
      assert.deepEqual(won[0]?.event, event);
      assert.deepEqual(plain(won[0]?.endpoint), row);
      assert.ok(!(await webhooks.dueDeliveries(T0, 1_000)).includes(delivery.id));
      assert.ok(await webhooks.claimDelivery(delivery.id, 10 * SECOND, T0 + 10 * SECOND), 'its sender died');
    });
    test('an attempt is recorded, and the next one waits for its time', async () => {
      const { id } = await world.account();
      await endpoint(id);
      await append(id, 'fax.failed');
      const [delivery] = await listed(id);
      assert.ok(delivery);
      await webhooks.claimDelivery(delivery.id, SECOND, T0);
      const later = { state: 'pending', nextAt: T0 + 5 * SECOND, status: 500, error: 'x'.repeat(1_000) } as const;
      await webhooks.attempted(delivery.id, later, T0);
      const [waiting] = await listed(id);
      assert.partialDeepStrictEqual(waiting, {
        state: 'pending',
        attempts: 1,
        nextAt: T0 + 5 * SECOND,
        lastStatus: 500,
      });
      assert.ok((waiting?.lastError?.length ?? 0) <= 300);
      assert.equal(await webhooks.claimDelivery(delivery.id, SECOND, T0 + SECOND), undefined);
      assert.ok(await webhooks.claimDelivery(delivery.id, SECOND, T0 + 5 * SECOND));
      const done = { state: 'delivered', nextAt: null, status: 204, error: null } as const;
      await webhooks.attempted(delivery.id, done, T0 + 6 * SECOND);
      const delivered = await webhooks.delivery(delivery.id, id);
      assert.partialDeepStrictEqual(delivered, { state: 'delivered', attempts: 2, deliveredAt: T0 + 6 * SECOND });
      await webhooks.attempted(delivery.id, later, T0 + 7 * SECOND);
      assert.deepEqual(await webhooks.delivery(delivery.id, id), delivered, 'a late answer does not undo it');
      assert.equal(await webhooks.claimDelivery(delivery.id, SECOND, T0 + HOUR), undefined);
    });
    test('a delivery is tried anew on request, by its own account', async () => {
      const [a, b] = [await world.account(), await world.account()];
      await endpoint(a.id);
      await append(a.id, 'fax.failed');
      const [delivery] = await listed(a.id);
      assert.ok(delivery);
      const over = { state: 'given_up', nextAt: null, status: null, error: 'refused' } as const;
      await webhooks.attempted(delivery.id, over, T0);
      assert.equal(await webhooks.retryDelivery(delivery.id, b.id, T0), undefined);
      assert.equal(await webhooks.delivery(delivery.id, b.id), undefined);
      const again = await webhooks.retryDelivery(delivery.id, a.id, T0 + 9);
      assert.partialDeepStrictEqual(again, { state: 'pending', attempts: 0, nextAt: T0 + 9 });
      assert.ok(await webhooks.claimDelivery(delivery.id, SECOND, T0 + 9));
    });
    test('a disabled or removed endpoint is not posted to', async () => {
      const { id } = await world.account();
      const row = await endpoint(id);
      await append(id, 'fax.failed');
      const [delivery] = await listed(id);
      assert.ok(delivery);
      await webhooks.updateEndpoint(row.id, id, { disabled: true });
      assert.equal(await webhooks.claimDelivery(delivery.id, SECOND, T0), undefined);
      assert.ok(!(await webhooks.dueDeliveries(T0, 1_000)).includes(delivery.id));
      await webhooks.deleteEndpoint(row.id, id);
      assert.deepEqual(await listed(id), []);
    });
    test('an event is delivered again on request', async () => {
      const { id } = await world.account();
      const event = await append(id, 'fax.failed');
      const row = await endpoint(id);
      const made = await webhooks.addDelivery(row.id, event, T0 + 7);
      assert.partialDeepStrictEqual(made, { event: event.id, state: 'pending', nextAt: T0 + 7, attempts: 0 });
      assert.deepEqual((await webhooks.claimDelivery(made.id, SECOND, T0 + 7))?.event, event);
    });
    test('endpoints of all accounts stand side by side, with what has not arrived', async () => {
      const [a, b] = [(await world.account()).id, (await world.account()).id];
      const [mine, theirs] = [await endpoint(a), await endpoint(b)];
      const old = T0 - SECOND;
      for (const at of [old, T0, T0 + SECOND]) await append(a, 'fax.failed', at);
      await append(b, 'fax.failed', T0);
      const [third, second, first] = await listed(a);
      assert.ok(first && second && third);
      const given = { state: 'given_up', nextAt: null, status: 500, error: 'status' } as const;
      for (const one of [first, second]) await webhooks.attempted(one.id, given, T0);
      const figures = await webhooks.figures(T0);
      const found = figures.filter(({ id }) => id === mine.id || id === theirs.id);
      const counts = found.map(({ id, pending, oldestPending, givenUp }) => ({ id, pending, oldestPending, givenUp }));
      const wanted = [
        { id: mine.id, pending: 1, oldestPending: T0 + SECOND, givenUp: 1 },
        { id: theirs.id, pending: 1, oldestPending: T0, givenUp: 0 },
      ];
      assert.deepEqual(counts, a < b ? wanted : wanted.toReversed());
      assert.ok(!('sealedSecrets' in (found[0] ?? {})), 'without their secrets');
      assert.deepEqual(
        (await webhooks.figures(T0, b)).map(({ id }) => id),
        [theirs.id],
      );
    });
    test('deliveries of all accounts are listed newest first, by state too, page by page', async () => {
      const [a, b] = [(await world.account()).id, (await world.account()).id];
      for (const id of [a, b]) await endpoint(id);
      const later = T0 + 1_000_000;
      for (const [place, id] of [a, b, a, b].entries()) await append(id, 'fax.failed', later + place);
      const own = async (query: Omit<DeliveryQuery, 'limit'>) => {
        const found: string[] = [];
        for (let cursor: string | undefined; ; ) {
          const page = await webhooks.allDeliveries({
            ...query,
            limit: 1,
            ...(cursor === undefined ? {} : { cursor }),
          });
          found.push(...page.items.filter(({ createdAt }) => createdAt >= later).map(({ account }) => account));
          if (page.next === null || page.items.some(({ createdAt }) => createdAt < later)) return found;
          cursor = page.next;
        }
      };
      assert.deepEqual(await own({}), [b, a, b, a]);
      assert.deepEqual(await own({ state: 'pending' }), [b, a, b, a]);
      assert.deepEqual(await own({ account: a }), [a, a]);
      assert.deepEqual(await own({ state: 'given_up' }), []);
    });
    test('the last event before a moment is known', async () => {
      const { id } = await world.account();
      const [first, second] = [await append(id, 'fax.failed', T0), await append(id, 'fax.failed', T0 + SECOND)];
      const before = (at: number) => webhooks.seqBefore(id, at);
      assert.deepEqual(
        [await before(T0), await before(T0 + 1), await before(T0 + 2 * SECOND)],
        [0, first.seq, second.seq],
      );
    });
    test('deliveries are listed newest first, filtered and page by page', async () => {
      const { id } = await world.account();
      const [a, b] = [await endpoint(id), await endpoint(id)];
      for (let count = 0; count < 3; count++) await append(id, 'fax.failed', T0 + count);
      const all = await listed(id);
      assert.equal(all.length, 6);
      const first = await webhooks.deliveries(id, { limit: 4 });
      const rest = await webhooks.deliveries(id, { limit: 4, cursor: first.next ?? '' });
      assert.deepEqual([...first.items, ...rest.items], all);
      assert.equal(rest.next, null);
      assert.equal((await webhooks.deliveries(id, { endpoint: a.id, limit: 9 })).items.length, 3);
      const done = { state: 'delivered', nextAt: null, status: 200, error: null } as const;
      await webhooks.attempted(all[0]?.id ?? ('' as never), done, T0);
      assert.equal((await webhooks.deliveries(id, { state: 'delivered', limit: 9 })).items.length, 1);
      assert.equal((await webhooks.deliveries(id, { endpoint: b.id, state: 'given_up', limit: 9 })).items.length, 0);
    });
  });
}

const HOUR = 3_600 * SECOND;
