import type { EventType } from './event.ts';

/** Where an account's events are posted. */
export interface Webhook {
  id: string;
  url: string;
  /** Empty = all but `fax.page`. */
  types: EventType[];
  disabled: boolean;
  disabledReason: string | null;
  createdAt: string;
}

export interface WebhookWithSecret extends Webhook {
  /** `whsec_…`; shown at this moment only. */
  secret: string;
}

/** One event on its way to one endpoint. */
export interface Delivery {
  id: string;
  endpoint: string;
  event: string;
  type: EventType;
  state: 'pending' | 'delivered' | 'given_up';
  attempts: number;
  nextAt: string | null;
  lastStatus: number | null;
  lastError: string | null;
  createdAt: string;
  deliveredAt: string | null;
}

/** An endpoint as administrators see it. */
export interface AdminWebhook extends Webhook {
  account: string;
  /** Deliveries on their way, and when the oldest of them was made. */
  pending: number;
  oldestPending: string | null;
  /** Deliveries of the last seven days that were given up. */
  givenUp: number;
}

/** A delivery of any account. */
export interface AdminDelivery extends Delivery {
  account: string;
}
