import type pg from 'pg';
import type { Place } from '../fax/destination.ts';
import type { AccountId, DeliveryId } from '../fax/ids.ts';
import type { E164 } from '../fax/number.ts';
import type { AccountRecords } from '../ports/account-records.ts';
import type { AccountView } from '../ports/account-view.ts';
import type { AuditRecords } from '../ports/audit-records.ts';
import type { BudgetRecords } from '../ports/budget-records.ts';
import type { CarrierHealthRecords } from '../ports/carrier-health.ts';
import type { CarrierRecords } from '../ports/carrier-records.ts';
import type { CdrRecords } from '../ports/cdr-records.ts';
import type { Clock } from '../ports/clock.ts';
import type { ClosingRecords } from '../ports/closing-records.ts';
import type { CoverRecords } from '../ports/cover-records.ts';
import type { EventLedger } from '../ports/event-ledger.ts';
import type { Exclusion } from '../ports/exclusion.ts';
import type { FaxRecords } from '../ports/fax-records.ts';
import type { GuardRecords } from '../ports/guard-records.ts';
import type { IdentityRecords } from '../ports/identity-records.ts';
import type { KeyRecords } from '../ports/key-records.ts';
import type { LearnedRecords } from '../ports/learned-records.ts';
import type { Log } from '../ports/log.ts';
import type { MailRecords } from '../ports/mail-records.ts';
import type { MediaRecords } from '../ports/media-records.ts';
import type { Membership } from '../ports/membership.ts';
import type { Notices } from '../ports/notices.ts';
import type { Pricing } from '../ports/pricing.ts';
import type { PurgeRecords } from '../ports/purge-records.ts';
import type { RestoreRecords } from '../ports/restore-records.ts';
import type { RowRetention } from '../ports/row-retention.ts';
import type { VaultRecords } from '../ports/vault-records.ts';
import type { WebhookRecords } from '../ports/webhook-records.ts';
import { createAccessJournal } from './access-changes.ts';
import { createAccountRecords } from './account-records.ts';
import { createAuditRecords } from './audit-chain.ts';
import { createBudgetRecords } from './budgets.ts';
import { createCarrierHealthRecords } from './carrier-health.ts';
import { createCarrierRecords } from './carriers.ts';
import { createCdrRecords, readInTurn } from './cdr-records.ts';
import { createCharges } from './charge.ts';
import { createClosingRecords } from './closing.ts';
import { createCoverRecords } from './covers.ts';
import { openDatabase } from './database.ts';
import { createExclusion } from './exclusion.ts';
import { createFaxRecords } from './fax-records.ts';
import { createGuardRecords } from './guard.ts';
import { createIdentityRecords } from './identities.ts';
import { createKeyRecords } from './lasting-keys.ts';
import { createLearnedRecords } from './learned.ts';
import { createEventLedger, createLedger } from './ledger.ts';
import { createLink } from './link.ts';
import { createListener } from './listener.ts';
import { createMailRecords } from './mail.ts';
import { createMediaRecords } from './media-links.ts';
import { join, type MembershipKind } from './membership.ts';
import { checkSchema, migrate, type SchemaState, schemaState } from './migrations/index.ts';
import { createNotices } from './notices.ts';
import { createPurgeRecords } from './purges.ts';
import { createRestoreRecords } from './restore-hold.ts';
import { createRowRetention } from './row-retention.ts';
import { createVaultRecords } from './vault-records.ts';
import { createViews } from './views.ts';
import type { WallState } from './wall.ts';
import { createWebhookRecords } from './webhook-records.ts';

export { AccountError } from './account-error.ts';
export { RecordsError, type RecordsErrorCode } from './errors.ts';
export type { SchemaState } from './migrations/index.ts';
export { ACCOUNT_ROLE, type WallState } from './wall.ts';

/** The truth: everything that the gateway knows, on PostgreSQL 14 or later. */
export interface Records {
  readonly faxes: FaxRecords;
  readonly accounts: AccountRecords;
  readonly closing: ClosingRecords;
  readonly audit: AuditRecords;
  readonly carriers: CarrierRecords;
  readonly health: CarrierHealthRecords;
  readonly learned: LearnedRecords;
  readonly cdrs: CdrRecords;
  readonly rows: RowRetention;
  readonly budgets: BudgetRecords;
  readonly covers: CoverRecords;
  readonly guard: GuardRecords;
  readonly identities: IdentityRecords;
  readonly mail: MailRecords;
  readonly media: MediaRecords;
  readonly purges: PurgeRecords;
  readonly vault: VaultRecords;
  readonly webhooks: WebhookRecords;
  readonly events: EventLedger;
  readonly keys: KeyRecords;
  readonly notices: Notices;
  readonly exclusion: Exclusion;
  /**
   * What is seen of an account from within it; null: of all accounts. Each view sees and changes what is its account's,
   * whatever it is asked for, as long as the wall stands.
   */
  view(account: AccountId | null): AccountView;
  /**
   * Takes a place beside these records; waits `patience` ms (5 s when left out) for one that a dead process has left.
   *
   * @throws RecordsError in_use, unavailable
   */
  join(kind: MembershipKind, patience?: number): Promise<Membership>;
  readonly restore: RestoreRecords;
  /**
   * Brings the schema up to date, before anything else, and raises the wall; answers what was there before.
   *
   * @throws RecordsError unavailable, server_too_old, schema_newer, schema_foreign
   */
  migrate(): Promise<SchemaState>;
  /**
   * The second wall between accounts, in a schema that is up to date: raised as far as the database's user may. Until then
   * it does not stand.
   *
   * @throws RecordsError unavailable
   */
  raiseWall(): Promise<WallState>;
  /** What `migrate` would find. @throws RecordsError as `migrate` */
  schema(): Promise<SchemaState>;
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
 * @param options.pricing what calls cost; without it no CDR has a cost
 * @param options.placeOf where a number is; without it no CDR has a country
 */
export function createRecords(options: {
  readonly pool: pg.Pool;
  readonly log: Log;
  readonly clock?: Pick<Clock, 'monotonic' | 'after'>;
  readonly onDelivery?: (ids: readonly DeliveryId[]) => void;
  readonly pricing?: Pricing;
  readonly placeOf?: (number: E164) => Place;
}): Records {
  const clock = options.clock ?? REAL_TIME;
  const database = openDatabase(options.pool, options.log);
  const link = createLink(options.pool, REAL_TIME, options.log);
  const listener = createListener(link);
  const notices = createNotices(link);
  const ledger = createLedger(listener, options.onDelivery ?? (() => undefined));
  const charges = createCharges();
  const store = { database, ledger, pricing: options.pricing, placeOf: options.placeOf, charges };
  const access = createAccessJournal(database, notices);
  const reading = readInTurn();
  const view = createViews(database, (own) => ({
    faxes: createFaxRecords({ ...store, database: own }),
    cdrs: createCdrRecords(own, reading, own === database),
    accounts: createAccountRecords(own, access),
    events: createEventLedger(own, ledger, listener, clock),
    vault: createVaultRecords({ ...store, database: own }),
    purges: createPurgeRecords({ ...store, database: own }),
    carriers: createCarrierRecords(own),
  }));
  return {
    view,
    faxes: createFaxRecords(store),
    accounts: createAccountRecords(database, access),
    closing: createClosingRecords(database, access),
    audit: createAuditRecords(database),
    cdrs: createCdrRecords(database, reading),
    rows: createRowRetention(database),
    budgets: createBudgetRecords(store, charges),
    carriers: createCarrierRecords(database),
    health: createCarrierHealthRecords(database),
    learned: createLearnedRecords(database),
    covers: createCoverRecords(database),
    guard: createGuardRecords(store),
    identities: createIdentityRecords(database, access),
    mail: createMailRecords(database),
    media: createMediaRecords(database),
    purges: createPurgeRecords(store),
    vault: createVaultRecords(store),
    webhooks: createWebhookRecords(database),
    events: createEventLedger(database, ledger, listener, clock),
    keys: createKeyRecords(database),
    notices,
    exclusion: createExclusion(options.pool),
    join: (kind, patience) => join(options.pool, kind, { clock: REAL_TIME, log: options.log, patience }),
    restore: createRestoreRecords(database),
    migrate: async () => {
      const before = await migrate(database);
      await database.raiseWall();
      return before;
    },
    raiseWall: () => database.raiseWall(),
    schema: () => schemaState(database),
    close: () => link.close(),
    check: () => checkSchema(database),
  };
}
