import type { EventType, LedgerEvent } from '../fax/event.ts';
import type { AccountId, FaxId } from '../fax/ids.ts';

/** The ordered ledger of each account. Entries are appended by the transactions that they report; here they are read. */
export interface EventLedger {
  /** Entries with seq > `after`, oldest first. */
  read(account: AccountId, after: number, limit: number): Promise<LedgerEvent[]>;
  /** As `read`, but waits up to `wait` ms for the first entry; ends early, empty, when `signal` aborts. */
  wait(account: AccountId, after: number, limit: number, wait: number, signal?: AbortSignal): Promise<LedgerEvent[]>;
  /**
   * Looks at once, and again after every entry of the account (null: of any), until `look` finds something, `wait` ms are
   * over or `signal` aborts. For what is shown as it stands and not entry by entry.
   */
  until<T>(
    account: AccountId | null,
    look: () => Promise<T | undefined>,
    wait: number,
    signal?: AbortSignal,
  ): Promise<T | undefined>;
  /** Highest seq, 0 when empty. */
  head(account: AccountId): Promise<number>;
  /** Appends an entry that belongs to no other transaction (webhook tests, session notices). */
  append(
    account: AccountId,
    type: EventType,
    fax: FaxId | null,
    data: Readonly<Record<string, unknown>>,
    now: number,
  ): Promise<LedgerEvent>;
}
