import type pg from 'pg';
import type { DeliveryId } from '../fax/ids.ts';
import type { AccountRecords } from '../ports/account-records.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventLedger } from '../ports/event-ledger.ts';
import type { FaxRecords } from '../ports/fax-records.ts';
import type { Log } from '../ports/log.ts';
import type { VaultRecords } from '../ports/vault-records.ts';
import type { WebhookRecords } from '../ports/webhook-records.ts';
import { createAccountRecords } from './account-records.ts';
import { openDatabase } from './database.ts';
import { createFaxRecords } from './fax-records.ts';
import { createEventLedger, createLedger } from './ledger.ts';
import { createListener } from './listener.ts';
import { checkSchema, migrate } from './migrations/index.ts';
import { createVaultRecords } from './vault-records.ts';
import { createWebhookRecords } from './webhook-records.ts';

export { AccountError } from './account-error.ts';
export { RecordsError, type RecordsErrorCode } from './errors.ts';

/** The truth: everything that the gateway knows, on PostgreSQL 14 or later. */
export interface Records {
  readonly faxes: FaxRecords;
  readonly accounts: AccountRecords;
  readonly vault: VaultRecords;
  readonly webhooks: WebhookRecords;
  readonly events: EventLedger;
  /** Brings the schema up to date; once, before anything else. @throws RecordsError schema_newer, unavailable */
  migrate(): Promise<void>;
  /** Closes the listening connection; the pool stays its maker's to end. */
  close(): Promise<void>;
  /** @throws RecordsError unavailable, schema_newer, schema_missing (for /readyz) */
  check(): Promise<void>;
}

/** Real time, unreferenced: a waiting long-poll does not keep the process alive. */
const REAL_TIME: Pick<Clock, 'monotonic' | 'after'> = {
  monotonic: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};

/**
 * @param options.pool connections for short transactions; one more is opened with the same settings to listen
 * @param options.clock what long-polls wait by; real time when left out
 * @param options.onDelivery told, after the commit, which webhook deliveries have become due: ring the bell for them
 */
export function createRecords(options: {
  readonly pool: pg.Pool;
  readonly log: Log;
  readonly clock?: Pick<Clock, 'monotonic' | 'after'>;
  readonly onDelivery?: (ids: readonly DeliveryId[]) => void;
}): Records {
  const clock = options.clock ?? REAL_TIME;
  const database = openDatabase(options.pool, options.log);
  const listener = createListener(options.pool, REAL_TIME, options.log);
  const ledger = createLedger(listener, options.onDelivery ?? (() => undefined));
  const store = { database, ledger };
  return {
    faxes: createFaxRecords(store),
    accounts: createAccountRecords(database),
    vault: createVaultRecords(store),
    webhooks: createWebhookRecords(database),
    events: createEventLedger(database, ledger, listener, clock),
    migrate: () => migrate(database),
    close: () => listener.close(),
    check: () => checkSchema(database),
  };
}
