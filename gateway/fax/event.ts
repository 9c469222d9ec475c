import type { AccountId, EventId, FaxId } from './ids.ts';

/** Kinds of entries of an account's ledger; dotted, as Standard Webhooks writes them. */
export const EVENT_TYPES = [
  'fax.accepted',
  'fax.held',
  'fax.queued',
  'fax.dialing',
  'fax.sending',
  'fax.page',
  'fax.retry',
  'fax.delivered',
  'fax.partial',
  'fax.failed',
  'fax.canceled',
  'fax.uncertain',
  'fax.receiving',
  'fax.received',
  'fax.receive_failed',
  'fax.handed_over',
  'fax.wiped',
  'fax.carrier_purge_failed',
  'account.budget',
  'session.intercepted',
  'webhook.disabled',
  'webhook.test',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/**
 * Whether an endpoint with these `types` is posted an event that has just happened. Page progress is frequent and of the
 * moment: only an endpoint that names it gets it. A test is sent to the tested endpoint alone, by whoever asks for it.
 */
export function isPosted(types: readonly EventType[], type: EventType): boolean {
  if (type === 'webhook.test') return false;
  return types.length === 0 ? type !== 'fax.page' : types.includes(type);
}

/** One entry of the gap-free, ordered ledger of an account. It carries ids and counts; never images and never numbers. */
export interface LedgerEvent {
  readonly id: EventId;
  readonly account: AccountId;
  /** 1, 2, 3 … without a gap within the account: the cursor. */
  readonly seq: number;
  readonly type: EventType;
  readonly fax: FaxId | null;
  readonly at: number;
  readonly data: Readonly<Record<string, unknown>>;
}
