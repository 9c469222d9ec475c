import type { AccountRecords } from './account-records.ts';
import type { CarrierRecords } from './carrier-records.ts';
import type { CdrRecords } from './cdr-records.ts';
import type { EventLedger } from './event-ledger.ts';
import type { FaxRecords } from './fax-records.ts';
import type { PurgeRecords } from './purge-records.ts';
import type { VaultRecords } from './vault-records.ts';

/**
 * The records as they look to one account: the database itself keeps everything else away, whatever is asked for. What a
 * caller of that account reads, and writes past the stages of the gateway, goes through one of these.
 */
export interface AccountView {
  readonly faxes: Pick<
    FaxRecords,
    | 'fax'
    | 'faxes'
    | 'pages'
    | 'calls'
    | 'cdrs'
    | 'callRecord'
    | 'callRecords'
    | 'streamCdrs'
    | 'overview'
    | 'live'
    | 'leaseNext'
  >;
  readonly cdrs: Omit<CdrRecords, 'prepareMonths' | 'rollUp' | 'retire'>;
  readonly accounts: Pick<AccountRecords, 'account' | 'numbers' | 'subaddresses' | 'users' | 'audit' | 'auditPage'>;
  readonly events: Pick<EventLedger, 'read' | 'wait' | 'until' | 'head'>;
  readonly vault: Pick<VaultRecords, 'receipt'>;
  readonly purges: Pick<PurgeRecords, 'purgesOf'>;
  readonly carriers: Pick<CarrierRecords, 'channels'>;
}
