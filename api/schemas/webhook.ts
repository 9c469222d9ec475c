import { z } from 'zod';
import { EventTypeName } from './event.ts';
import { DeliveryIdText, EndpointIdText, idOf, listOf, Paging, Time, Whole } from './shape.ts';

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

/** Events with seq > `after` are delivered again. */
export const ReplayBody = z.object({ after: Whole(0, Number.MAX_SAFE_INTEGER) });
export const ReplayView = z.object({ events: z.number().int() });
export const WebhookKeyView = z.object({ publicKey: z.string() });
