import type { CdrRecords, CdrsRetired } from '../ports/cdr-records.ts';
import type { Clock } from '../ports/clock.ts';
import type { Exclusion } from '../ports/exclusion.ts';
import type { Log, Metrics } from '../ports/log.ts';
import { nameOf } from './image-loss.ts';

/** What keeps the store of CDRs in order. */
export interface CdrUpkeepParts {
  readonly cdrs: Pick<CdrRecords, 'prepareMonths' | 'rollUp' | 'retire'>;
  readonly exclusion: Pick<Exclusion, 'tryExclusively'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Days that CDRs are kept where the policy of their account says nothing else; 0 means for good. */
  readonly retentionDays: number;
}

/**
 * Makes the months of CDRs ready ahead of time, adds up days that are over, and takes away what is past its time; in one
 * process at a time.
 */
export interface CdrUpkeep {
  /** Looks at once, and every ten minutes from then on. */
  start(): void;
  /** Ends the timer; resolves when what is running has ended. */
  stop(): Promise<void>;
  /** One look; never throws. False when another process is at it. */
  runOnce(): Promise<boolean>;
}

/** Pause between two looks. Milliseconds. */
const EVERY = 600_000;
/** Rows deleted in one transaction: some tens of milliseconds, so that nobody waits for it. */
const BATCH = 2_000;
/** Days added up in one transaction. */
const DAYS = 20;
/** Steps of one look: 400,000 CDRs, or as many months; the rest is left to the next one. */
const STEPS = 200;

/** @see CdrUpkeep */
export function createCdrUpkeep(parts: CdrUpkeepParts): CdrUpkeep {
  const { clock, log, metrics, exclusion } = parts;
  let stopped = false;
  let cancel = () => {};
  let running: Promise<unknown> = Promise.resolve();

  const runOnce = async (): Promise<boolean> => {
    try {
      return (await exclusion.tryExclusively('cdr-upkeep', () => look(parts, () => stopped))).ran;
    } catch (error) {
      metrics.count('cdr_upkeep_failed');
      log.warn({ error: nameOf(error) }, 'the upkeep of the CDRs failed; it is tried again');
      return true;
    }
  };
  const runAndGoOn = async (): Promise<void> => {
    await runOnce();
    if (!stopped) cancel = clock.after(EVERY, again);
  };
  const again = (): void => {
    running = runAndGoOn();
  };
  return {
    runOnce,
    start: again,
    async stop() {
      stopped = true;
      cancel();
      await running;
    },
  };
}

async function look(parts: CdrUpkeepParts, isStopped: () => boolean): Promise<void> {
  const { cdrs, clock, log, metrics, retentionDays } = parts;
  const { made, strays } = await cdrs.prepareMonths(clock.now());
  metrics.gauge('cdr_strays', strays);
  if (made > 0) log.info({ made }, 'months of CDRs are ready');
  for (let step = 0; step < STEPS && !isStopped(); step++) if ((await cdrs.rollUp(DAYS)) < DAYS) break;
  const all = { cdrs: 0, months: 0 };
  for (let step = 0; step < STEPS && !isStopped(); step++) {
    const retired: CdrsRetired = await cdrs.retire(clock.now(), retentionDays, BATCH);
    all.cdrs += retired.cdrs;
    all.months += retired.months;
    if (!retired.more) break;
  }
  if (all.cdrs + all.months === 0) return;
  metrics.count('cdrs_retired_total', {}, all.cdrs);
  metrics.count('cdr_months_dropped_total', {}, all.months);
  log.info(all, 'CDRs past their time are gone');
}
