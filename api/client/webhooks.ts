import type { Channel } from './channel.ts';
import type { Paging } from './paging.ts';
import { segment, withQuery } from './query.ts';
import type { Delivery, EventType, List, Webhook, WebhookWithSecret } from './types.ts';

/** Which deliveries. */
export interface DeliveryFilter extends Paging {
  endpoint?: string;
  state?: Delivery['state'];
}

/** Webhook endpoints of the account. */
export interface Webhooks {
  /** The answer holds the signing secret; it is not shown again. */
  create(endpoint: { url: string; types?: readonly EventType[] }): Promise<WebhookWithSecret>;
  list(): Promise<Webhook[]>;
  update(id: string, change: { url?: string; types?: readonly EventType[]; disabled?: boolean }): Promise<Webhook>;
  remove(id: string): Promise<void>;
  /** A new secret; the old one signs beside it for 24 hours. */
  rotate(id: string): Promise<WebhookWithSecret>;
  /** Posts a `webhook.test` event now and answers what came of it. */
  test(id: string): Promise<Delivery>;
  deliveries(filter?: DeliveryFilter): Promise<List<Delivery>>;
  /** Events with a greater `seq` again; answers how many. */
  replay(id: string, after: number): Promise<number>;
  retry(delivery: string): Promise<void>;
  /** The Ed25519 key (`whpk_…`) that verifies v1a signatures. */
  publicKey(): Promise<string>;
}

/** @see Webhooks */
export function createWebhooks(channel: Channel): Webhooks {
  const at = (id: string, rest = '') => `/v1/webhooks/${segment(id)}${rest}`;
  const read = (path: string) => channel.json({ method: 'GET', path, repeatable: true });
  const post = (path: string, value?: unknown) => channel.json({ method: 'POST', path }, value);
  return {
    create: async (endpoint) => (await post('/v1/webhooks', endpoint)) as WebhookWithSecret,
    list: async () => ((await read('/v1/webhooks')) as { items: Webhook[] }).items,
    update: async (id, change) => (await channel.json({ method: 'PATCH', path: at(id) }, change)) as Webhook,
    async remove(id) {
      await channel.json({ method: 'DELETE', path: at(id) });
    },
    rotate: async (id) => (await post(at(id, '/rotate'))) as WebhookWithSecret,
    test: async (id) => (await post(at(id, '/test'))) as Delivery,
    deliveries: async (filter = {}) => (await read(withQuery('/v1/webhooks/deliveries', filter))) as List<Delivery>,
    replay: async (id, after) => ((await post(at(id, '/replay'), { after })) as { events: number }).events,
    async retry(delivery) {
      await post(`/v1/webhooks/deliveries/${segment(delivery)}/retry`);
    },
    publicKey: async () => ((await read('/v1/webhooks/key')) as { publicKey: string }).publicKey,
  };
}
