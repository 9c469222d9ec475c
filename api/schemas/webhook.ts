import { z } from 'zod';
import { EventTypeName } from './event.ts';
import { AccountIdText, DeliveryIdText, EndpointIdText, idOf, listOf, Paging, Time, Whole } from './shape.ts';

export const WebhookBody = z.object({
  url: z.url().max(2_048),
  /** Event types to deliver; empty = all but `fax.page`. */
  types: z.array(EventTypeName).max(50).default([]),
});
export const WebhookChange = z.object({
  url: z.url().max(2_048).optional(),
  types: z.array(EventTypeName).max(50).optional(),
  disabled: z.boolean().optional(),
});

export const WebhookView = z.object({
  id: EndpointIdText,
  url: z.string(),
  types: z.array(EventTypeName),
  disabled: z.boolean(),
  disabledReason: z.string().nullable(),
  createdAt: Time,
});
export type WebhookView = z.infer<typeof WebhookView>;

/** Answer to create and rotate: the only moments at which the signing secret is shown. */
export const WebhookWithSecret = WebhookView.extend({ secret: z.string() });
export const WebhookList = z.object({ items: z.array(WebhookView) });

export const DeliveryView = z.object({
  id: DeliveryIdText,
  endpoint: EndpointIdText,
  event: idOf('evt'),
  type: EventTypeName,
  state: z.enum(['pending', 'delivered', 'given_up']),
  attempts: z.number().int(),
  nextAt: Time.nullable(),
  lastStatus: z.number().int().nullable(),
  lastError: z.string().nullable(),
  createdAt: Time,
  deliveredAt: Time.nullable(),
});
export type DeliveryView = z.infer<typeof DeliveryView>;
export const DeliveryList = listOf(DeliveryView);
export const DeliveryFilter = Paging.extend({
  endpoint: EndpointIdText.optional(),
  state: z.enum(['pending', 'delivered', 'given_up']).optional(),
});

/** An endpoint as administrators see it: whose it is, and what has not arrived there. */
export const AdminWebhookView = WebhookView.extend({
  account: AccountIdText,
  pending: z.number().int().describe('Deliveries on their way'),
  oldestPending: Time.nullable(),
  givenUp: z.number().int().describe('Deliveries of the last seven days that were given up'),
});
export type AdminWebhookView = z.infer<typeof AdminWebhookView>;
export const AdminWebhookList = z.object({ items: z.array(AdminWebhookView) });
export const AdminDeliveryView = DeliveryView.extend({ account: AccountIdText });
export const AdminDeliveryList = listOf(AdminDeliveryView);
export const AdminDeliveryFilter = DeliveryFilter.extend({ account: AccountIdText.optional() });

/** From where on events are delivered again: after a sequence number, or from a moment on. */
export const AdminReplayBody = z
  .object({ after: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(), since: Time.optional() })
  .refine(({ after, since }) => (after === undefined) !== (since === undefined), { error: 'either after or since' });

/** Events with seq > `after` are delivered again. */
export const ReplayBody = z.object({ after: Whole(0, Number.MAX_SAFE_INTEGER) });
export const ReplayView = z.object({ events: z.number().int() });
export const WebhookKeyView = z.object({ publicKey: z.string() });
