import type { FaxId } from '../fax/ids.ts';
import type { CarrierAdapter } from '../ports/carrier-adapter.ts';
import type { Clock } from '../ports/clock.ts';
import type { FaxRecords, OrphanCall } from '../ports/fax-records.ts';
import type { ImageVault } from '../ports/image-vault.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { Log, Metrics } from '../ports/log.ts';
import type { Route } from '../routing/plan.ts';
import type { DispatchSettings } from './settings.ts';

/** What the dispatch stage works with. */
export interface DispatchParts {
  readonly records: FaxRecords;
  readonly vault: Pick<ImageVault, 'withKey' | 'read'>;
  readonly queue: Pick<JobQueue, 'ring'>;
  /** Started ones; the order is that of numbers without a route. */
  readonly carriers: readonly CarrierAdapter[];
  readonly routes: readonly Route[];
  /** W6, right after W5. Its failure is covered by the sweeper of wipe intents. */
  readonly wipe: (fax: FaxId) => Promise<unknown>;
  /** Settles an orphaned call that came in (the reception stage). */
  readonly settleInbound: (orphan: OrphanCall, fence: number) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Name of this process among all that share the records. */
  readonly worker: string;
  readonly settings: DispatchSettings;
}
