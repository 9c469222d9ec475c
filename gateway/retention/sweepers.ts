import type { FaxId } from '../fax/ids.ts';
import type { EpochRoll, ImageVault } from '../ports/image-vault.ts';
import type { VaultRecords } from '../ports/vault-records.ts';
import { endImage, type ImageEndParts, wipeBecause } from './image-loss.ts';
import { type RetentionSettings, ROLL_GRACE } from './settings.ts';

/** What sweepers look through. */
export interface SweepParts extends ImageEndParts {
  readonly vault: ImageVault;
  readonly records: VaultRecords;
  readonly epochRoll: EpochRoll;
  readonly settings: RetentionSettings;
}

/** Looks for one kind of thing that should not be, ends it, and answers how many it found. Idempotent. */
export type Sweeper = (parts: SweepParts, atStart: boolean) => Promise<number>;

/** Wipes done at once: each syncs two directories. */
const LANES = 8;

/** Every sweeper by the name under which it is counted, in the order in which they run. */
export const SWEEPERS = {
  wipe_intent: sweepIntents,
  lost_key: (parts) => parts.epochRoll.reportLost(),
  overdue_image: sweepOverdue,
  expired_upload: sweepUploads,
  stray_blob: (parts) => parts.vault.sweepStrays(),
  overdue_epoch: sweepEpoch,
} as const satisfies Record<string, Sweeper>;

export type SweeperName = keyof typeof SWEEPERS;

/** Wipes that should have happened at once and did not. At a start every intent is one. */
async function sweepIntents({ vault, records, clock, settings }: SweepParts, atStart: boolean): Promise<number> {
  const olderThan = atStart ? clock.now() : clock.now() - settings.intentAge;
  const intents = await records.intents(olderThan, settings.limit);
  return countOf(intents, async ({ fax, reason }) => {
    await vault.wipe(fax, reason);
    return true;
  });
}

async function sweepUploads({ vault, records, clock, settings }: SweepParts): Promise<number> {
  return countOf(await records.expiredUploads(clock.now(), settings.limit), async (fax) => {
    await vault.discard(fax);
    return true;
  });
}

/** Inbound past its hold, `uncertain` past its decision time, anything past the absolute life. */
async function sweepOverdue(parts: SweepParts): Promise<number> {
  const { records, clock, settings } = parts;
  const overdue = await records.overdueImages(clock.now(), settings.absoluteLife, settings.limit);
  return countOf(overdue, ({ fax, reason }) => endOverdue(parts, fax, reason));
}

async function endOverdue(parts: SweepParts, id: FaxId, reason: string): Promise<boolean> {
  if (reason === 'absolute_life') {
    return endImage(parts, id, 'deadline_passed', 'the image has reached its longest life');
  }
  await wipeBecause(parts, id, reason);
  return true;
}

/** A roll that did not happen in time is tried again now. */
async function sweepEpoch({ epochRoll, clock, settings }: SweepParts, atStart: boolean): Promise<number> {
  const oldest = await epochRoll.oldest();
  const limit = settings.epochLife + (atStart ? 0 : ROLL_GRACE);
  if (oldest === undefined || clock.now() - oldest <= limit) return 0;
  await epochRoll.roll();
  // Time with every gateway stopped does not count: a roll at a start is no finding.
  return atStart ? 0 : 1;
}

/** `handle` over all items, a few at once; how many it took care of. One that fails does not keep the others from it. */
async function countOf<I>(items: readonly I[], handle: (item: I) => Promise<boolean>): Promise<number> {
  let done = 0;
  const failures: unknown[] = [];
  const queue = items.values();
  const lane = async () => {
    for (const item of queue) {
      try {
        if (await handle(item)) done++;
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  if (failures.length > 0) throw failures[0];
  return done;
}
