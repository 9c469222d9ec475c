import type { CdrRecords, CdrsRetired } from '../ports/cdr-records.ts';
import { createUpkeep, type Upkeep, type UpkeepParts } from './upkeep.ts';

/** What keeps the store of CDRs in order. */
export interface CdrUpkeepParts extends UpkeepParts {
  readonly cdrs: Pick<CdrRecords, 'prepareMonths' | 'rollUp' | 'retire'>;
  /** Days that CDRs are kept where the policy of their account says nothing else; 0 means for good. */
  readonly retentionDays: number;
}

/** Rows deleted in one transaction: some tens of milliseconds, so that nobody waits for it. */
const BATCH = 2_000;
/** Days added up in one transaction. */
const DAYS = 20;
/** Steps of one look: 400,000 CDRs, or as many months; the rest is left to the next one. */
const STEPS = 200;

/** Makes the months of CDRs ready ahead of time, adds up days that are over, and takes away what is past its time. */
export function createCdrUpkeep(parts: CdrUpkeepParts): Upkeep {
  const of = { name: 'cdr-upkeep', failed: () => parts.metrics.count('cdr_upkeep_failed'), things: 'CDRs' };
  return createUpkeep(parts, of, (isStopped) => look(parts, isStopped));
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
