import type { WebhookDelivery, WebhookEndpoint } from '../../gateway/fax/account.ts';
import type { EndpointFigures } from '../../gateway/ports/webhook-records.ts';
import type { AdminWebhookView, DeliveryView, WebhookView } from '../schemas/index.ts';
import { isoTime, isoTimeOrNull } from '../schemas/shape.ts';

/** A webhook endpoint without its secrets. */
export function webhookView(endpoint: Omit<WebhookEndpoint, 'secrets'>): WebhookView {
  const { id, url, types, disabled, disabledReason, createdAt } = endpoint;
  return { id, url, types: [...types], disabled, disabledReason, createdAt: isoTime(createdAt) };
}

/** The same for administrators: whose it is, and what has not arrived. */
export function adminWebhookView(figures: EndpointFigures): AdminWebhookView {
  const { account, pending, givenUp, oldestPending } = figures;
  return { ...webhookView(figures), account, pending, givenUp, oldestPending: isoTimeOrNull(oldestPending) };
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
