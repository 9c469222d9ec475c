import type { RetiredRows, RowRetention, RowRetentionDays } from '../ports/row-retention.ts';
import { createUpkeep, type Upkeep, type UpkeepParts } from './upkeep.ts';

/** What takes away rows that are past their time. */
export interface RowUpkeepParts extends UpkeepParts {
  readonly rows: RowRetention;
  readonly days: RowRetentionDays;
}

/** Milliseconds. */
const DAY = 86_400_000;
/** Rows of an account that one transaction takes: some tens of milliseconds, so that nobody waits for it. */
const BATCH = 500;
/** Transactions of one look for each kind; the rest is left to the next one. */
const STEPS = 400;

const KINDS: readonly RetiredRows[] = ['faxes', 'events', 'receipts'];

/** Takes away faxes, events and receipts that are past their time; never when everything is kept for good. */
export function createRowUpkeep(parts: RowUpkeepParts): Upkeep {
  const wanted = KINDS.filter((kind) => parts.days[kind] > 0);
  const of = { name: 'row-upkeep', failed: () => parts.metrics.count('row_upkeep_failed'), things: 'records' };
  const upkeep = createUpkeep(parts, of, (isStopped) => look(parts, wanted, isStopped));
  return { ...upkeep, start: () => (wanted.length > 0 ? upkeep.start() : undefined) };
}

async function look(parts: RowUpkeepParts, kinds: readonly RetiredRows[], isStopped: () => boolean): Promise<void> {
  const { rows, clock, log, metrics, days } = parts;
  for (const kind of kinds) {
    const before = clock.now() - days[kind] * DAY;
    let gone = 0;
    for (let step = 0; step < STEPS && !isStopped(); step++) {
      const retired = await rows.retire(kind, before, BATCH);
      gone += retired;
      if (retired === 0) break;
    }
    if (gone === 0) continue;
    metrics.count('rows_retired_total', { rows: kind }, gone);
    log.info({ rows: kind, gone }, 'records past their time are gone');
  }
}
