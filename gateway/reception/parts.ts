import type { AccountId, FaxId } from '../fax/ids.ts';
import type { AccountRecords } from '../ports/account-records.ts';
import type { Clock } from '../ports/clock.ts';
import type { FaxRecords } from '../ports/fax-records.ts';
import type { ImageVault } from '../ports/image-vault.ts';
import type { Log, Metrics } from '../ports/log.ts';

/** What the reception stage works with. */
export interface ReceptionParts {
  readonly records: Pick<
    FaxRecords,
    'knownFax' | 'ring' | 'receiving' | 'pageReceived' | 'inboundEnded' | 'renew' | 'pages' | 'fax'
  >;
  readonly accounts: Pick<AccountRecords, 'ownerOf' | 'receiverOf' | 'account'>;
  readonly vault: Pick<ImageVault, 'open' | 'put' | 'remove' | 'discard' | 'withKey' | 'dropOwnWrap' | 'objects'>;
  /** Whether a customer of the account has a live session; asked when `inbound_hold` is 0. */
  readonly isConnected: (account: AccountId) => boolean | Promise<boolean>;
  /** Whether the records were restored and nobody has confirmed it yet: then no call is answered. */
  readonly held?: () => boolean;
  /** W6 for calls that brought no page. Its failure is covered by the sweeper of wipe intents. */
  readonly wipe: (fax: FaxId) => Promise<unknown>;
  /** A call has ended whose carrier is to erase its copy: the order stands in the records. */
  readonly purgeSoon?: () => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Name of this process among all that share the records. */
  readonly worker: string;
}

/** Times in milliseconds, the same as those of outgoing calls (QUEUE: W1 and the fence). */
export const TIMES = {
  lease: 90_000,
  renew: 15_000,
  fenceAfter: 60_000,
  lateTick: 30_000,
  writeAgain: 1_000,
} as const;

/** What an incoming page may be at most; a peer that exceeds it is disconnected. */
export const LIMITS = {
  /** Bytes of T.6 data of one page. */
  pageBytes: 16 * 1_048_576,
  /** Pixels in a row: A3 at 408 dpi (T.4 table 1). */
  width: 4_864,
  /** Dots per inch: T.30 goes to 1200. */
  dpi: 1_200,
  /** Rows of one page: three metres at 1200 dpi, more than any T.30 machine sends. */
  rows: 150_000,
} as const;
