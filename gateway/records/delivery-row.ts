/** Columns of a delivery `d` as `WebhookDelivery` names them. */
export const DELIVERY_COLUMNS = `d.id, d.account, d.endpoint, d.event, d.type, d.state, d.attempts, d.next_at as "nextAt",
  d.last_status as "lastStatus", d.last_error as "lastError", d.created_at as "createdAt",
  d.delivered_at as "deliveredAt"`;
