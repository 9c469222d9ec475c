import { FaxError } from '../fax/errors.ts';
import type { CdrDimension, CdrSum, CdrSummaryQuery } from '../ports/cdr-records.ts';
import { SLOT } from './cdr-row.ts';
import { conditions } from './cursor.ts';
import type { Database } from './database.ts';
import { sqlState } from './errors.ts';

/** Spans of one report: more than ten years of days. */
const MOST_SPANS = 4_000;
/** Lines of one report; whoever needs more asks for a part of the time. */
const MOST_SUMS = 50_000;

const wallsOf = (unit: string) => `union all
  select wall from generate_series(date_trunc('${unit}', $1::timestamp), $2::timestamp, interval '1 ${unit}') as wall
  where wall > $1::timestamp and wall < $2::timestamp`;
/** Where calendar days and months begin inside of the time of the report, on the clock of the wall. */
const WALLS = { day: wallsOf('day'), month: wallsOf('month') } as const;
const DIMENSIONS: readonly CdrDimension[] = ['account', 'direction', 'carrier', 'result', 'cause'];

/** @see CdrRecords.summary */
export async function summary(database: Database, query: CdrSummaryQuery): Promise<CdrSum[]> {
  const edges = await edgesOf(database, query);
  const [start] = edges;
  const end = edges.at(-1);
  const list = conditions();
  const spans = list.value(edges.slice(0, -1));
  list.add('s.account = ?', query.account);
  list.add('s.slot >= ?', start);
  list.add('s.slot < ?', end);
  const wanted = DIMENSIONS.filter((dimension) => query.by.includes(dimension));
  const shown = DIMENSIONS.map((name) => (wanted.includes(name) ? `s.${name}` : `null as ${name}`));
  const rows = await database.rows<CdrSum>(
    `select (${spans}::bigint[])[width_bucket(s.slot, ${spans}::bigint[])] as start, ${shown.join(', ')},
       sum(s.cdrs)::bigint as cdrs, sum(s.calls)::bigint as calls,
       coalesce(sum(s.cdrs) filter (where s.result = 'ok'), 0)::bigint as delivered, sum(s.pages)::bigint as pages,
       sum(s.billable_calls)::bigint as "billableCalls", sum(s.billable_seconds)::bigint as "billableSeconds"
     from cdr_sums s where ${list.where()}
     group by ${['1', ...wanted.map((name) => `s.${name}`)].join(', ')}
     order by ${['1', ...wanted.map((name) => `s.${name}`)].join(', ')} limit ${MOST_SUMS + 1}`,
    list.values,
  );
  if (rows.length > MOST_SUMS) {
    throw new FaxError('option_invalid', `the report has more than ${MOST_SUMS} lines; ask for less time at once`, {
      pointer: '/to',
    });
  }
  return rows;
}

/**
 * The first moment of every span, and the end of the last one. Spans are those of the calendar; the first and the last
 * may be cut off by the query. A quarter of an hour is the finest that sums are kept for.
 */
async function edgesOf(database: Database, { from, to, timeZone, group }: CdrSummaryQuery): Promise<number[]> {
  if (!(from < to)) throw new FaxError('option_invalid', 'the report ends before it begins', { pointer: '/to' });
  const reading = database.rows<{ edge: number }>(
    `select distinct extract(epoch from wall at time zone $3)::bigint * 1000 as edge from (
       select $1::timestamp as wall union all select $2::timestamp ${group === 'total' ? '' : WALLS[group]}
     ) walls order by edge`,
    [from, to, timeZone],
  );
  const rows = await reading.catch(refuseTimeZone);
  const edges = rows.map(({ edge }) => edge - (edge % SLOT));
  if (edges.length > MOST_SPANS + 1) {
    throw new FaxError('option_invalid', `the report has more than ${MOST_SPANS} spans of time`, { pointer: '/group' });
  }
  return edges;
}

/** 22023: a name that the API knows and the database does not; their lists of time zones may differ in age. */
function refuseTimeZone(error: unknown): never {
  if (sqlState(error) !== '22023') throw error;
  throw new FaxError('option_invalid', 'the database does not know this time zone', { pointer: '/timeZone' });
}
