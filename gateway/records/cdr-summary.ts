import { FaxError } from '../fax/errors.ts';
import type { CdrDimension, CdrSpan, CdrSum, CdrSummary, CdrSummaryQuery } from '../ports/cdr-records.ts';
import { rolledPieces } from './cdr-rolls.ts';
import { type Piece, piecesOf, QUARTER } from './cdr-slots.ts';
import { beginsWith, type Conditions, conditions } from './cursor.ts';
import type { Database } from './database.ts';
import { sqlState } from './errors.ts';

/** Spans of one report: more than ten years of days, or 166 days of hours. */
const MOST_SPANS = 4_000;
/** Lines of one report; whoever needs more asks for a part of the time. */
const MOST_SUMS = 50_000;

const wallsOf = (unit: string) => `union all
  select wall from generate_series(date_trunc('${unit}', $1::timestamp), $2::timestamp, interval '1 ${unit}') as wall
  where wall > $1::timestamp and wall < $2::timestamp`;
/** Where calendar days, weeks and months begin inside of the time of the report, on the clock of the wall. */
const WALLS: Readonly<Record<CdrSpan, string>> = {
  hour: '',
  day: wallsOf('day'),
  week: wallsOf('week'),
  month: wallsOf('month'),
  total: '',
};
/** An hour is counted through: one that the clock goes back by is there twice, and one that it skips is not. */
const HOURS = `union select extract(epoch from hour)::bigint * 1000
  from generate_series($1::timestamp at time zone $3, $2::timestamp at time zone $3, interval '1 hour') as hour`;

const DIMENSIONS: readonly CdrDimension[] = [
  ...(['account', 'user', 'direction', 'number', 'country', 'carrier', 'result', 'cause'] as const),
];

/** Of a row of sums `s`. */
const SUMMED: Readonly<Partial<Record<CdrDimension, string>>> = {
  account: 's.account',
  direction: 's.direction',
  country: 's.country',
  carrier: 's.carrier',
  result: 's.result',
  cause: 's.cause',
};
/** Of a CDR `d`. */
const COUNTED: Readonly<Record<CdrDimension, string>> = {
  account: 'd.account',
  user: `coalesce(d.user_id, '')`,
  direction: 'd.direction',
  number: `case d.direction when 'outbound' then d.to_number else coalesce(d.from_number, '') end`,
  country: `coalesce(d.country, '')`,
  carrier: `coalesce(d.carrier, '')`,
  result: 'd.result',
  cause: 'd.cause',
};

/** How CDRs are read for a report: some at a time, none for longer than `patience` (as PostgreSQL writes it). */
export interface Reading {
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  readonly patience: string;
}

/** @see CdrRecords.summary */
export async function summary(
  database: Database,
  { inTurn, patience }: Reading,
  query: CdrSummaryQuery,
  whole: boolean,
): Promise<CdrSummary> {
  const edges = await edgesOf(database, query);
  const counted = isCounted(query);
  const rows = counted
    ? await inTurn(() => countCdrs(database, patience, edges, query))
    : await addSums(database, edges, query, whole);
  if (rows.length > MOST_SUMS) {
    throw new FaxError('option_invalid', `the report has more than ${MOST_SUMS} lines; ask for less time at once`, {
      pointer: '/to',
    });
  }
  return { source: counted ? 'cdrs' : 'sums', sums: rows };
}

/** Whether the sums do not hold what is asked for. */
function isCounted({ by, filter = {}, percentiles = false }: CdrSummaryQuery): boolean {
  const unknown = by.some((name) => SUMMED[name] === undefined);
  const asked = [filter.user, filter.number, filter.prefix];
  return percentiles || unknown || asked.some((value) => value !== undefined);
}

async function addSums(
  database: Database,
  edges: readonly number[],
  query: CdrSummaryQuery,
  whole: boolean,
): Promise<CdrSum[]> {
  const parts = edges.slice(1).flatMap((until, index) => {
    const since = edges[index] ?? until;
    return partsOf(query.group, since, until).map((piece) => ({ ...piece, start: since }));
  });
  // Where no account is asked for, what is over has been added up over all of them.
  const together = whole && query.account === undefined && !query.by.includes('account');
  const pieces = together ? await rolledPieces(database, parts) : parts.map((part) => ({ ...part, rolled: false }));
  const list = conditions();
  const spans = list.value(JSON.stringify(pieces));
  list.add('account = ?', query.account);
  list.add('result = ?', query.filter?.result);
  // Asked of what has been read: the planner would search the primary key for them, once for each account.
  const later = (['direction', 'country', 'carrier', 'cause'] as const).flatMap((name) => {
    const value = query.filter?.[name];
    return value === undefined ? [] : [`s.${name} = ${list.value(value)}`];
  });
  const wanted = DIMENSIONS.filter((name) => query.by.includes(name));
  const shown = DIMENSIONS.map((name) => `${(wanted.includes(name) && SUMMED[name]) || 'null'} as "${name}"`);
  return database.rows<CdrSum>(
    `select p.start, ${shown.join(', ')}, sum(p.sign * s.cdrs)::bigint as cdrs, sum(p.sign * s.calls)::bigint as calls,
       coalesce(sum(p.sign * s.cdrs) filter (where s.result = 'ok'), 0)::bigint as delivered,
       sum(p.sign * s.pages)::bigint as pages, sum(p.sign * s.billable_calls)::bigint as "billableCalls",
       sum(p.sign * s.billable_seconds)::bigint as "billableSeconds",
       sum(p.sign * s.cost)::bigint as cost, sum(p.sign * s.unpriced_calls)::bigint as "unpricedCalls",
       null as connect, null as open
     from jsonb_to_recordset(${spans}::jsonb) as p(unit text, since bigint, until bigint, sign integer, start bigint, rolled boolean)
     cross join lateral (
       select account, ${SUM_COLUMNS} from cdr_sums
       where not p.rolled and unit = p.unit and slot >= p.since and slot < p.until and ${list.where()} ${together ? rollsOf(list) : ''} offset 0
     ) s
     ${later.length === 0 ? '' : `where ${later.join(' and ')}`}
     group by ${['p.start', ...wanted.map((name) => SUMMED[name])].join(', ')} having sum(p.sign * s.cdrs) > 0
     ${endOf(query, wanted, list)}`,
    list.values,
  );
}

const SUM_COLUMNS = `direction, country, carrier, result, cause, cdrs, calls, pages, billable_calls, billable_seconds, cost,
  unpriced_calls`;

/** What has been added up over all accounts, as further rows of a piece. */
const rollsOf = (list: Conditions) => `union all
  select null, ${SUM_COLUMNS} from cdr_rolls
  where p.rolled and unit = p.unit and slot >= p.since and slot < p.until and ${list.where()}`;

/** Hours are the quarters in them; of longer spans whole days and months are taken. */
function partsOf(group: CdrSpan, since: number, until: number): readonly Piece[] {
  return group === 'hour' ? [{ unit: 'quarter', since, until, sign: 1 }] : piecesOf(since, until);
}

/** Percentiles are those of a nearest rank (PostgreSQL's percentile_disc): times that calls really took. */
const percentilesOf = (time: string) => {
  const both = `percentile_disc(array[0.5, 0.95]) within group (order by ${time}) filter (where d.answered_at is not null)`;
  return `case when count(d.answered_at) > 0 then jsonb_build_object('p50', (${both})[1], 'p95', (${both})[2]) end`;
};

/** Reads every CDR of the time, in its own transaction, so that one report cannot hold the database up for long. */
function countCdrs(
  database: Database,
  patience: string,
  edges: readonly number[],
  query: CdrSummaryQuery,
): Promise<CdrSum[]> {
  const list = conditions();
  const starts = `${list.value(edges)}::bigint[]`;
  list.add('d.ended_at >= ?', edges[0]);
  list.add('d.ended_at < ?', edges.at(-1));
  list.add('d.account = ?', query.account);
  const { user, number, prefix, ...rest } = query.filter ?? {};
  list.add('d.user_id = ?', user);
  list.add('(d.to_number = ? or d.from_number = ?)', number, number);
  for (const name of ['direction', 'country', 'carrier', 'result', 'cause'] as const) {
    list.add(`${COUNTED[name]} = ?`, rest[name]);
  }
  if (prefix !== undefined) {
    list.add(`(${beginsWith(list, 'd.to_number', prefix)} or ${beginsWith(list, 'd.from_number', prefix)})`);
  }
  const wanted = DIMENSIONS.filter((name) => query.by.includes(name));
  const shown = DIMENSIONS.map((name) => `${wanted.includes(name) ? COUNTED[name] : 'null'} as "${name}"`);
  const times = query.percentiles === true ? ['d.answered_at - d.started_at', 'd.duration'].map(percentilesOf) : [];
  const start = `(${starts})[width_bucket(d.ended_at, ${starts})]`;
  const text = `select ${start} as start, ${shown.join(', ')}, count(*) as cdrs, count(d.call) as calls,
       count(*) filter (where d.result = 'ok') as delivered, sum(d.pages_sent)::bigint as pages,
       count(*) filter (where d.billable) as "billableCalls",
       coalesce(sum((d.duration + 999) / 1000) filter (where d.billable), 0)::bigint as "billableSeconds",
       coalesce(sum(d.cost), 0)::bigint as cost,
       count(*) filter (where d.billable and d.answered_at is not null and d.cost is null) as "unpricedCalls",
       ${times[0] ?? 'null'} as connect, ${times[1] ?? 'null'} as open
     from cdrs d where ${list.where()} group by ${['1', ...wanted.map((name) => COUNTED[name])].join(', ')}
     ${endOf(query, wanted, list)}`;
  const reading = database.transaction(async (tx) => {
    await tx.change(`set local statement_timeout = '${patience}'`);
    return tx.rows<CdrSum>(text, list.values);
  });
  return reading.catch((error: unknown) => refuseReading(error, patience));
}

/** The largest first, or in order of time and names. */
function endOf({ top }: CdrSummaryQuery, wanted: readonly CdrDimension[], list: Conditions): string {
  const order = ['start', ...wanted.map((name) => `"${name}"`)].join(', ');
  return top === undefined
    ? `order by ${order} limit ${list.value(MOST_SUMS + 1)}`
    : `order by cdrs desc, ${order} limit ${list.value(top)}`;
}

/** 57014: the statement was given up because of its timeout. */
function refuseReading(error: unknown, patience: string): never {
  if (sqlState(error) !== '57014') throw error;
  throw new FaxError('option_invalid', `the report would take longer than ${patience}; ask for less time at once`, {
    pointer: '/from',
  });
}

/**
 * The first moment of every span, and the end of the last one. Spans are those of the calendar; the first and the last
 * may be cut off by the query. A quarter of an hour is the finest that sums are kept for.
 */
async function edgesOf(database: Database, { from, to, timeZone, group }: CdrSummaryQuery): Promise<number[]> {
  if (!(from < to)) throw new FaxError('option_invalid', 'the report ends before it begins', { pointer: '/to' });
  const reading = database.rows<{ edge: number }>(
    `select distinct extract(epoch from wall at time zone $3)::bigint * 1000 as edge from (
       select $1::timestamp as wall union all select $2::timestamp ${WALLS[group]}
     ) walls ${group === 'hour' ? HOURS : ''} order by edge`,
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
