import type { WebhookDelivery, WebhookEndpoint } from '../fax/account.ts';
import type { EventType, LedgerEvent } from '../fax/event.ts';
import type { AccountId, DeliveryId, EndpointId } from '../fax/ids.ts';
import type { Page } from './fax-records.ts';

/** An endpoint as stored: its secrets sealed (crypto's `sealSmall`) by the notify stage. */
export type EndpointRow = Omit<WebhookEndpoint, 'secrets'> & { readonly sealedSecrets: Uint8Array };

/** Work for one attempt. */
export interface DueDelivery {
  readonly delivery: WebhookDelivery;
  readonly endpoint: EndpointRow;
  readonly event: LedgerEvent;
}

/** An endpoint without its secrets, and what has not arrived there. */
export interface EndpointFigures extends Omit<WebhookEndpoint, 'secrets'> {
  /** Deliveries that are on their way, whenever they were made. */
  readonly pending: number;
  /** When the oldest of them was made; null without any. */
  readonly oldestPending: number | null;
  /** Deliveries made since the moment that was asked for, and given up. */
  readonly givenUp: number;
}

/** Which deliveries; of all accounts when none is named. */
export interface DeliveryQuery {
  readonly account?: AccountId;
  readonly endpoint?: EndpointId;
  readonly state?: WebhookDelivery['state'];
  readonly limit: number;
  readonly cursor?: string;
}

/** Endpoints and deliveries. A delivery row is inserted by the transaction that appends its event. */
export interface WebhookRecords {
  createEndpoint(row: EndpointRow): Promise<void>;
  endpoint(id: EndpointId, account: AccountId): Promise<EndpointRow | undefined>;
  endpoints(account: AccountId): Promise<EndpointRow[]>;
  updateEndpoint(
    id: EndpointId,
    account: AccountId,
    change: {
      readonly url?: string;
      readonly types?: readonly EventType[];
      readonly sealedSecrets?: Uint8Array;
      readonly disabled?: boolean;
      readonly disabledReason?: string | null;
    },
  ): Promise<EndpointRow | undefined>;
  deleteEndpoint(id: EndpointId, account: AccountId): Promise<boolean>;
  /** Inserts a pending delivery of an existing event (test, replay). */
  addDelivery(endpoint: EndpointId, event: LedgerEvent, now: number): Promise<WebhookDelivery>;
  /** Takes a due delivery for `lease` ms, so that no one else attempts it meanwhile. */
  claimDelivery(id: DeliveryId, lease: number, now: number): Promise<DueDelivery | undefined>;
  dueDeliveries(now: number, limit: number): Promise<DeliveryId[]>;
  /** W7. The outcome of one attempt; `nextAt` null with state `given_up`. */
  attempted(
    id: DeliveryId,
    outcome: {
      readonly state: WebhookDelivery['state'];
      readonly nextAt: number | null;
      readonly status: number | null;
      readonly error: string | null;
    },
    now: number,
  ): Promise<void>;
  /** One delivery as it stands now; undefined when the account has none of this id. */
  delivery(id: DeliveryId, account: AccountId): Promise<WebhookDelivery | undefined>;
  /** Makes a delivery pending, due now, with no attempts counted; whatever its state. Undefined when unknown. */
  retryDelivery(id: DeliveryId, account: AccountId, now: number): Promise<WebhookDelivery | undefined>;
  deliveries(
    account: AccountId,
    query: {
      readonly endpoint?: EndpointId;
      readonly state?: WebhookDelivery['state'];
      readonly limit: number;
      readonly cursor?: string;
    },
  ): Promise<Page<WebhookDelivery>>;
  /** Every endpoint, by account, with what has not arrived; `givenUp` counts from `since` on. */
  figures(since: number, account?: AccountId): Promise<EndpointFigures[]>;
  /** Newest first, over all accounts or of one. */
  allDeliveries(query: DeliveryQuery): Promise<Page<WebhookDelivery>>;
  /** The last event of an account before a moment; 0 when there is none. */
  seqBefore(account: AccountId, at: number): Promise<number>;
}
