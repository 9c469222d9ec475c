import type { WebhookDelivery, WebhookEndpoint } from '../../gateway/fax/account.ts';
import type { DeliveryView, WebhookView } from '../schemas/index.ts';
import { isoTime, isoTimeOrNull } from '../schemas/shape.ts';

/** A webhook endpoint without its secrets. */
export function webhookView({ id, url, types, disabled, disabledReason, createdAt }: WebhookEndpoint): WebhookView {
  return { id, url, types: [...types], disabled, disabledReason, createdAt: isoTime(createdAt) };
}

/** One event on its way to one endpoint. */
export function deliveryView(delivery: WebhookDelivery): DeliveryView {
  const { id, endpoint, event, type, state, attempts, lastStatus, lastError } = delivery;
  const times = { nextAt: isoTimeOrNull(delivery.nextAt), deliveredAt: isoTimeOrNull(delivery.deliveredAt) };
  return {
    id,
    endpoint,
    event,
    type,
    state,
    attempts,
    lastStatus,
    lastError,
    createdAt: isoTime(delivery.createdAt),
    ...times,
  };
}
