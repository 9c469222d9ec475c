import type { Piece } from './cdr-slots.ts';
import type { Database, Sql, Transaction } from './database.ts';

/** Key of the advisory lock between those who roll up and those who write late; the letters SFXR, as in the migration. */
const LOCK = 0x53465852;

/** Milliseconds. */
const DAY = 86_400_000;

/**
 * Adds up, over all accounts, the sums of up to `limit` days (UTC) that ended at least six hours ago; answers how many.
 * A call that is written for such a day later takes its mark away, so that the day is added up anew: see the migration.
 */
export function rollUp(database: Database, limit: number): Promise<number> {
  return database.transaction(async (tx) => {
    await tx.rows('select pg_advisory_xact_lock($1)', [LOCK]);
    const due = await tx.rows<{ slot: number }>(DUE, [limit]);
    if (due.length > 0)
      await add(
        tx,
        due.map(({ slot }) => slot),
      );
    return due.length;
  });
}

/** Days without any call are marked as well. By the database's own clock, as the trigger goes by it. */
const DUE = `
select day as slot from generate_series(
    (select min(slot) from cdr_sums where unit = 'day'),
    (extract(epoch from now()) * 1000)::bigint - ${30 * 3_600_000}, ${DAY}::bigint) as day
where not exists (select 1 from cdr_rolled r where r.slot = day) order by day limit $1`;

async function add(tx: Transaction, days: readonly number[]): Promise<void> {
  await tx.change('delete from cdr_rolls where slot = any($1::bigint[])', [days]);
  await tx.change(
    `insert into cdr_rolls (slot, direction, carrier, cause, result, country, cdrs, calls, pages, billable_calls,
       billable_seconds, cost, unpriced_calls)
     select slot, direction, carrier, cause, result, country, sum(cdrs), sum(calls), sum(pages), sum(billable_calls),
       sum(billable_seconds), sum(cost), sum(unpriced_calls)
     from cdr_sums where unit = 'day' and slot = any($1::bigint[]) group by 1, 2, 3, 4, 5, 6`,
    [days],
  );
  await tx.change('insert into cdr_rolled (slot) select unnest($1::bigint[])', [days]);
}

/** A piece of days that have been added up over all accounts. */
export type RolledPiece = Omit<Piece, 'unit'> & { readonly unit: Piece['unit'] | 'rolled' };

/** The same pieces, with the days that have been rolled up told apart. */
export async function rolledPieces<P extends Piece>(
  sql: Sql,
  pieces: readonly P[],
): Promise<(Omit<P, 'unit'> & Pick<RolledPiece, 'unit'>)[]> {
  const days = pieces.filter(({ unit }) => unit === 'day');
  if (days.length === 0) return [...pieces];
  const [since, until] = [Math.min(...days.map((one) => one.since)), Math.max(...days.map((one) => one.until))];
  const rows = await sql.rows<{ slot: number }>('select slot from cdr_rolled where slot >= $1 and slot < $2', [
    since,
    until,
  ]);
  const rolled = new Set(rows.map(({ slot }) => slot));
  return pieces.flatMap((piece) => (piece.unit === 'day' ? split(piece, rolled) : [piece]));
}

/** Runs of days that are alike. */
function split<P extends Piece>(piece: P, rolled: ReadonlySet<number>) {
  const runs: (Omit<P, 'unit'> & Pick<RolledPiece, 'unit'>)[] = [];
  for (let day = piece.since; day < piece.until; day += DAY) {
    const unit = rolled.has(day) ? 'rolled' : 'day';
    const last = runs.at(-1);
    if (last?.unit === unit) runs[runs.length - 1] = { ...last, until: day + DAY };
    else runs.push({ ...piece, unit, since: day, until: day + DAY });
  }
  return runs;
}
