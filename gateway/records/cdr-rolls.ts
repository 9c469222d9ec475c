import { monthStart, type Piece, type SlotUnit } from './cdr-slots.ts';
import type { Database, Sql, Transaction } from './database.ts';

/** Key of the advisory lock between those who roll up and those who write late; the letters SFXR, as in the migration. */
const LOCK = 0x53465852;

/** Milliseconds. */
const DAY = 86_400_000;

/** A day or a month that is over. */
interface Slot {
  readonly unit: Exclude<SlotUnit, 'quarter'>;
  readonly slot: number;
}

/**
 * Adds up, over all accounts, the sums of up to `limit` days and months (UTC) that ended at least six hours ago; answers
 * how many. A call that is written for such a day later takes its mark away, and that of its month, so that both are added
 * up anew: see the migration.
 */
export function rollUp(database: Database, limit: number): Promise<number> {
  return database.transaction(async (tx) => {
    await tx.rows('select pg_advisory_xact_lock($1)', [LOCK]);
    const due = await tx.rows<Slot>(DUE, [limit]);
    for (const unit of ['day', 'month'] as const) {
      const slots = due.filter((one) => one.unit === unit).map(({ slot }) => slot);
      if (slots.length > 0) await add(tx, unit, slots);
    }
    return due.length;
  });
}

/**
 * Those without any call are marked as well. By the database's own clock, as the trigger goes by it: a day that began more
 * than 30 hours ago, a month whose last day did.
 */
const DUE = `
with ends as (
  select (select min(slot) from cdr_sums where unit = 'day') as first,
    (extract(epoch from now()) * 1000)::bigint - ${30 * 3_600_000} as last
), slots as (
  select 'day' as unit, day as slot from ends, generate_series(first, last, ${DAY}::bigint) as day
  union all
  select 'month', (extract(epoch from month) * 1000)::bigint
  from ends, generate_series(
    date_trunc('month', to_timestamp(first / 1000) at time zone 'UTC'),
    date_trunc('month', to_timestamp((last + ${DAY}) / 1000) at time zone 'UTC') - interval '1 month',
    interval '1 month') as month
)
select unit, slot from slots s
where not exists (select 1 from cdr_rolled r where r.unit = s.unit and r.slot = s.slot) order by slot limit $1`;

async function add(tx: Transaction, unit: Slot['unit'], slots: readonly number[]): Promise<void> {
  await tx.change('delete from cdr_rolls where unit = $1 and slot = any($2::bigint[])', [unit, slots]);
  await tx.change(
    `insert into cdr_rolls (unit, slot, direction, carrier, cause, result, country, cdrs, calls, pages, billable_calls,
       billable_seconds, cost, unpriced_calls)
     select unit, slot, direction, carrier, cause, result, country, sum(cdrs), sum(calls), sum(pages), sum(billable_calls),
       sum(billable_seconds), sum(cost), sum(unpriced_calls)
     from cdr_sums where unit = $1 and slot = any($2::bigint[]) group by 1, 2, 3, 4, 5, 6, 7`,
    [unit, slots],
  );
  await tx.change('insert into cdr_rolled (unit, slot) select $1, unnest($2::bigint[])', [unit, slots]);
}

/** The same pieces, cut so that each has been added up over all accounts as a whole, or not at all. */
export async function rolledPieces<P extends Piece>(
  sql: Sql,
  pieces: readonly P[],
): Promise<(P & { readonly rolled: boolean })[]> {
  const long = pieces.filter(({ unit }) => unit !== 'quarter');
  const [since, until] = [Math.min(...long.map((one) => one.since)), Math.max(...long.map((one) => one.until))];
  const rows =
    long.length === 0
      ? []
      : await sql.rows<Slot>('select unit, slot from cdr_rolled where slot >= $1 and slot < $2', [since, until]);
  const rolled = new Set(rows.map(({ unit, slot }) => `${unit} ${slot}`));
  return pieces.flatMap((piece) => (piece.unit === 'quarter' ? [{ ...piece, rolled: false }] : split(piece, rolled)));
}

/** Runs of days or months that are alike. */
function split<P extends Piece>(piece: P, marks: ReadonlySet<string>): (P & { readonly rolled: boolean })[] {
  const runs: (P & { readonly rolled: boolean })[] = [];
  for (let slot = piece.since; slot < piece.until; ) {
    const next = piece.unit === 'month' ? monthStart(slot, 1) : slot + DAY;
    const rolled = marks.has(`${piece.unit} ${slot}`);
    const last = runs.at(-1);
    if (last?.rolled === rolled) runs[runs.length - 1] = { ...last, until: next };
    else runs.push({ ...piece, rolled, since: slot, until: next });
    slot = next;
  }
  return runs;
}
