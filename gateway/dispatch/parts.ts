import type { CallResult } from '../fax/call-result.ts';
import type { Cause } from '../fax/cause.ts';
import type { Fax } from '../fax/fax.ts';
import type { FaxId } from '../fax/ids.ts';
import type { AccountRecords } from '../ports/account-records.ts';
import type { CarrierAdapter, MediaLink } from '../ports/carrier-adapter.ts';
import type { CarrierRecords } from '../ports/carrier-records.ts';
import type { Clock } from '../ports/clock.ts';
import type { DestinationGuard } from '../ports/destination-guard.ts';
import type { FaxRecords, OrphanCall } from '../ports/fax-records.ts';
import type { ImageVault } from '../ports/image-vault.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { Log, Metrics } from '../ports/log.ts';
import type { Planner } from '../routing/plan.ts';
import type { DispatchSettings } from './settings.ts';

/** What the dispatch stage works with. */
export interface DispatchParts {
  readonly records: FaxRecords;
  readonly vault: Pick<ImageVault, 'withKey' | 'read'>;
  readonly queue: Pick<JobQueue, 'ring'>;
  /** Started ones. */
  readonly carriers: readonly CarrierAdapter[];
  readonly planner: Planner;
  /** What plans need of the world, where no claim has just read it. */
  readonly accounts: Pick<AccountRecords, 'account'>;
  readonly conditions: CarrierRecords['conditions'];
  /** Whether a fax may still be called; asked before each of its calls. */
  readonly guard: Pick<DestinationGuard, 'recheck'>;
  /** W6, right after W5. Its failure is covered by the sweeper of wipe intents. */
  readonly wipe: (fax: FaxId) => Promise<unknown>;
  /** A call has ended of which its carrier may keep something: its order to erase that stands in the records. */
  readonly purgeSoon?: () => void;
  /** Links by which carriers fetch the pages of a call (the retrieval stage). Undefined or left out: the gateway has no public origin. */
  readonly linkFor?: (call: {
    readonly fax: FaxId;
    readonly fence: number;
    readonly carrier: string;
    readonly reference: string;
    readonly firstPage: number;
  }) => MediaLink | undefined;
  /** Hears what became of calls over carriers. Never throws. */
  readonly health: { ended(carrier: string, cause: Cause): Promise<void> };
  /** Learns from calls to numbers, and says when one is best called again. Never throws. */
  readonly learned: {
    heard(fax: Fax, result: CallResult): Promise<void>;
    quieter(fax: Fax, at: number): Promise<number>;
  };
  /** Settles an orphaned call that came in (the reception stage). */
  readonly settleInbound: (orphan: OrphanCall, fence: number) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Name of this process among all that share the records. */
  readonly worker: string;
  readonly settings: DispatchSettings;
}
