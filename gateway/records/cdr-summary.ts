import { FaxError } from '../fax/errors.ts';
import type { CdrDimension, CdrSum, CdrSummaryQuery } from '../ports/cdr-records.ts';
import { piecesOf, QUARTER } from './cdr-slots.ts';
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
  const pieces = edges.slice(1).flatMap((until, index) => {
    const since = edges[index] ?? until;
    return piecesOf(since, until).map((piece) => ({ ...piece, start: since }));
  });
  const wanted = DIMENSIONS.filter((dimension) => query.by.includes(dimension));
  const shown = DIMENSIONS.map((name) => (wanted.includes(name) ? `s.${name}` : `null as ${name}`));
  const groups = ['p.start', ...wanted.map((name) => `s.${name}`)].join(', ');
  const rows = await database.rows<CdrSum>(
    `select p.start, ${shown.join(', ')}, sum(p.sign * s.cdrs)::bigint as cdrs, sum(p.sign * s.calls)::bigint as calls,
       coalesce(sum(p.sign * s.cdrs) filter (where s.result = 'ok'), 0)::bigint as delivered,
       sum(p.sign * s.pages)::bigint as pages, sum(p.sign * s.billable_calls)::bigint as "billableCalls",
       sum(p.sign * s.billable_seconds)::bigint as "billableSeconds",
       sum(p.sign * s.cost)::bigint as cost, sum(p.sign * s.unpriced_calls)::bigint as "unpricedCalls"
     from jsonb_to_recordset($1::jsonb) as p(unit text, since bigint, until bigint, sign integer, start bigint)
     cross join lateral (
       select * from cdr_sums where unit = p.unit and slot >= p.since and slot < p.until${query.account === undefined ? '' : ' and account = $3'}
       offset 0
     ) s
     group by ${groups} having sum(p.sign * s.cdrs) > 0 order by ${groups} limit $2`,
    [JSON.stringify(pieces), MOST_SUMS + 1, ...(query.account === undefined ? [] : [query.account])],
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
  const edges = rows.map(({ edge }) => edge - (edge % QUARTER));
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
