export type EventType =
  | 'fax.accepted'
  | 'fax.held'
  | 'fax.queued'
  | 'fax.dialing'
  | 'fax.sending'
  | 'fax.page'
  | 'fax.retry'
  | 'fax.delivered'
  | 'fax.partial'
  | 'fax.failed'
  | 'fax.canceled'
  | 'fax.uncertain'
  | 'fax.receiving'
  | 'fax.received'
  | 'fax.receive_failed'
  | 'fax.handed_over'
  | 'fax.wiped'
  | 'fax.carrier_purge_failed'
  | 'account.budget'
  | 'session.intercepted'
  | 'webhook.disabled'
  | 'webhook.test';

/** One entry of the account's gap-free ledger. */
export interface LedgerEvent {
  id: string;
  /** 1, 2, 3 …: the cursor. */
  seq: number;
  type: EventType;
  fax: string | null;
  at: string;
  data: Record<string, unknown>;
}
