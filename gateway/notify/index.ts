import type { Webhooks } from '../gateway.ts';
import type { AttemptSettings } from './attempt.ts';
import type { Deliveries, DeliveryWorld } from './deliveries.ts';
import { createDeliveries } from './deliveries.ts';
import type { Endpoints } from './endpoints.ts';
import { createEndpoints } from './endpoints.ts';
import type { Redelivery } from './redelivery.ts';
import { createRedelivery } from './redelivery.ts';
import { resolvePublic, resolveSystem } from './resolver.ts';
import { webhookPublicKey } from './signature.ts';
import type { Resolve } from './target.ts';

export { type WebhookKey, webhookPublicKey } from './signature.ts';

/** Time for one attempt (Standard Webhooks: 15 to 30 s), in milliseconds. */
const ATTEMPT_TIMEOUT = 20_000;

/** How webhooks may leave. */
export interface NotifySettings {
  /** Whether private and loopback addresses and plain http are allowed: for tests and the demo on one host. */
  readonly allowPrivate: boolean;
  /** Milliseconds for one attempt; 20,000 when left out. */
  readonly timeout?: number;
  /** Certificate authorities (PEM) beside those of Node. */
  readonly ca?: readonly string[];
  /** The name server; the real ones when left out. */
  readonly resolve?: Resolve;
  /** 0…1, for the jitter of the schedule. */
  readonly random?: () => number;
}

/** What the stage is made of. */
export type NotifyParts = Omit<DeliveryWorld, 'settings' | 'random'> & {
  readonly signingKey: AttemptSettings['signingKey'];
  readonly settings: NotifySettings;
};

/**
 * The notify stage: webhook endpoints and the deliveries to them, by Standard Webhooks 1.0.0. At least once, in no
 * promised order; `webhook-id` is the id of the event, by which a receiver drops doubles. It is the facade's `Webhooks`
 * and the worker behind it.
 *
 * `sealKey` (32 bytes) seals the endpoints' secrets in the records.
 */
export function createNotify(parts: NotifyParts): Endpoints & Redelivery & Deliveries & Pick<Webhooks, 'publicKey'> {
  const { settings, signingKey, ...rest } = parts;
  const { allowPrivate, ca, timeout = ATTEMPT_TIMEOUT, random = Math.random } = settings;
  const resolve = settings.resolve ?? (allowPrivate ? resolveSystem : resolvePublic);
  const world: DeliveryWorld = { ...rest, random, settings: { allowPrivate, timeout, resolve, ca, signingKey } };
  const deliveries = createDeliveries(world);
  return {
    ...createEndpoints(world),
    ...createRedelivery(world, deliveries),
    ...deliveries,
    // Asked for each time: the key may have been rotated meanwhile.
    get publicKey() {
      return webhookPublicKey(signingKey.publicKey);
    },
  };
}
