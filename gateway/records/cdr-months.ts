import type { Database, Sql } from './database.ts';

/** A table that holds the CDRs of one month (UTC). Bounds are milliseconds; `until` is not part of it. */
export interface CdrMonth {
  /** Quoted as SQL wants it. */
  readonly table: string;
  readonly since: number;
  readonly until: number;
}

/** Months made ready ahead of time: a gateway whose upkeep stands still has that long until the net is used. */
const AHEAD = 3;

/** Readers of all months are kept waiting no longer than this; what has to wait is tried again by the next upkeep. */
const PATIENCE = '2s';

/** Waits for locks no longer than a caller of the API would notice. */
export async function beQuick(sql: Sql): Promise<void> {
  await sql.change(`set local lock_timeout = '${PATIENCE}'`);
}

/** The first moments of the month of `now` and of the following ones. */
function monthsFrom(now: number): number[] {
  const date = new Date(now);
  return Array.from({ length: AHEAD + 1 }, (_, ahead) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + ahead));
}

/** @see CdrRecords.prepareMonths */
export async function prepareMonths(
  database: Database,
  now: number,
): Promise<{ readonly made: number; readonly strays: number }> {
  const strayed = await database.rows<{ moment: number }>(
    `select distinct (extract(epoch from date_trunc('month', to_timestamp(ended_at / 1000.0) at time zone 'UTC')) * 1000)::bigint
       as moment from cdrs_rest`,
  );
  let made = 0;
  for (const moment of [...monthsFrom(now), ...strayed.map((row) => row.moment)]) {
    if (await makeMonth(database, moment)) made++;
  }
  const left = await database.row<{ strays: number }>('select count(*) as strays from cdrs_rest');
  return { made, strays: left?.strays ?? 0 };
}

/** One month a transaction, so that the net is held for one month's rows only. */
function makeMonth(database: Database, moment: number): Promise<boolean> {
  return database.transaction(async (tx) => {
    await beQuick(tx);
    const row = await tx.row<{ made: boolean }>('select make_cdr_month($1) as made', [moment]);
    return row?.made === true;
  });
}

/** Every month that there is, oldest first; the net is none. */
export async function cdrMonths(sql: Sql): Promise<CdrMonth[]> {
  const rows = await sql.rows<{ table: string; bounds: string }>(
    `select c.oid::regclass::text as table, pg_get_expr(c.relpartbound, c.oid) as bounds
     from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'cdrs'::regclass`,
  );
  const months = rows.flatMap(({ table, bounds }) => {
    const [, since, until] = /FROM \('(\d+)'\) TO \('(\d+)'\)/.exec(bounds) ?? [];
    return since === undefined || until === undefined ? [] : [{ table, since: Number(since), until: Number(until) }];
  });
  return months.sort((a, b) => a.since - b.since);
}
