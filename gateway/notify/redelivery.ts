import type { WebhookDelivery } from '../fax/account.ts';
import { FaxError } from '../fax/errors.ts';
import { isPosted } from '../fax/event.ts';
import type { AccountId, DeliveryId, EndpointId } from '../fax/ids.ts';
import type { EndpointRow } from '../ports/webhook-records.ts';
import type { Deliveries, DeliveryWorld } from './deliveries.ts';
import { unknownEndpoint } from './endpoints.ts';

/** Events of a replay that are read from the ledger at a time, and at most in one call. */
const REPLAY_PAGE = 500;
const REPLAY_LIMIT = 10_000;

/** What `createRedelivery` makes. */
export type Redelivery = ReturnType<typeof createRedelivery>;

/** Deliveries on request: tests, replays, retries, and the list. An unknown id throws FaxError. */
export function createRedelivery(world: DeliveryWorld, deliveries: Pick<Deliveries, 'deliver'>) {
  const { records, clock } = world;

  async function found(account: AccountId, id: EndpointId): Promise<EndpointRow> {
    return (await records.endpoint(id, account)) ?? unknownEndpoint();
  }

  async function test(account: AccountId, id: EndpointId): Promise<WebhookDelivery> {
    const endpoint = await found(account, id);
    const event = await world.events.append(account, 'webhook.test', null, { endpoint: id }, clock.now());
    const delivery = await records.addDelivery(endpoint.id, event, clock.now());
    await deliveries.deliver(delivery.id);
    return (await records.delivery(delivery.id, account)) ?? delivery;
  }

  async function replay(account: AccountId, id: EndpointId, after: number): Promise<number> {
    const endpoint = await found(account, id);
    let cursor = after;
    let count = 0;
    for (;;) {
      const events = await world.events.read(account, cursor, REPLAY_PAGE);
      for (const event of events.filter((one) => isPosted(endpoint.types, one.type))) {
        if (count >= REPLAY_LIMIT) return count;
        await records.addDelivery(id, event, clock.now());
        count += 1;
      }
      if (events.length < REPLAY_PAGE) return count;
      cursor = events.at(-1)?.seq ?? cursor;
    }
  }

  async function replaySince(account: AccountId, id: EndpointId, since: number): Promise<number> {
    return replay(account, id, await records.seqBefore(account, since));
  }

  async function retry(account: AccountId, id: DeliveryId): Promise<void> {
    const delivery = await records.retryDelivery(id, account, clock.now());
    if (delivery === undefined) throw new FaxError('delivery_not_found', 'the account has no delivery of this id');
    await world.queue.ring('deliver', id);
  }

  return {
    ...{ test, replay, replaySince, retry },
    deliveries: records.deliveries.bind(records),
    allDeliveries: records.allDeliveries.bind(records),
    figures: records.figures.bind(records),
  };
}
