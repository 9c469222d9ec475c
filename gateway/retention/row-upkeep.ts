import type { Clock } from '../ports/clock.ts';
import type { Exclusion } from '../ports/exclusion.ts';
import type { Log, Metrics } from '../ports/log.ts';
import type { RetiredRows, RowRetention, RowRetentionDays } from '../ports/row-retention.ts';
import { nameOf } from './image-loss.ts';

/** What takes away rows that are past their time. */
export interface RowUpkeepParts {
  readonly rows: RowRetention;
  readonly exclusion: Pick<Exclusion, 'tryExclusively'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly days: RowRetentionDays;
}

/** Takes away faxes, events and receipts that are past their time; in one process at a time. */
export interface RowUpkeep {
  /** Looks at once, and every ten minutes from then on; never when everything is kept for good. */
  start(): void;
  /** Ends the timer; resolves when what is running has ended. */
  stop(): Promise<void>;
  /** One look; never throws. False when another process is at it. */
  runOnce(): Promise<boolean>;
}

/** Pause between two looks. Milliseconds. */
const EVERY = 600_000;
/** Milliseconds. */
const DAY = 86_400_000;
/** Rows of an account that one transaction takes: some tens of milliseconds, so that nobody waits for it. */
const BATCH = 500;
/** Transactions of one look for each kind; the rest is left to the next one. */
const STEPS = 400;

const KINDS: readonly RetiredRows[] = ['faxes', 'events', 'receipts'];

/** @see RowUpkeep */
export function createRowUpkeep(parts: RowUpkeepParts): RowUpkeep {
  const { clock, log, metrics, exclusion, days } = parts;
  const wanted = KINDS.filter((kind) => days[kind] > 0);
  let stopped = false;
  let cancel = () => {};
  let running: Promise<unknown> = Promise.resolve();

  const runOnce = async (): Promise<boolean> => {
    try {
      return (await exclusion.tryExclusively('row-upkeep', () => look(parts, wanted, () => stopped))).ran;
    } catch (error) {
      metrics.count('row_upkeep_failed');
      log.warn({ error: nameOf(error) }, 'the upkeep of the records failed; it is tried again');
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
    start: () => (wanted.length > 0 ? again() : undefined),
    async stop() {
      stopped = true;
      cancel();
      await running;
    },
  };
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
