import type { Cdr } from '../fax/cdr.ts';
import type { Fax } from '../fax/fax.ts';
import type { AccountId, CallId, FaxId } from '../fax/ids.ts';
import type { CallLadder } from '../fax/ladder.ts';
import type { CallRecord, CdrQuery, FaxQuery, Page } from '../ports/fax-records.ts';
import { CDR_COLUMNS, CDR_JOINS } from './cdr-row.ts';
import { beginsWith, type Conditions, conditions, type Position, pageOf, readCursor } from './cursor.ts';
import type { Database } from './database.ts';
import { FAX_COLUMNS } from './fax-row.ts';

/** Rows that a stream reads at once. */
const STREAM_BATCH = 500;

/** Where lists are read from: behind the wall the views of it, in which every index serves (see the migration). */
const FAXES = (database: Database) => (database.walled ? 'own_faxes' : 'faxes');
const CDRS = (database: Database) => (database.walled ? 'own_cdrs' : 'cdrs');

/**
 * Newest first, by creation. A number is looked for as receiver and as sender apart from each other, because each has an
 * index that is in order of time; so is every state that ends badly, which most faxes are not in.
 */
export async function listFaxes(database: Database, query: FaxQuery): Promise<Page<Fax>> {
  const from = readCursor(query.cursor);
  const list = conditions();
  list.add('f.account = ?', query.account);
  list.add('f.direction = ?', query.direction);
  list.add('f.user_id = ?', query.user);
  list.add('f.batch = ?', query.batch);
  list.add("f.tags @> ?::jsonb and f.tags <> '{}'", tagOf(query.tag));
  list.add('f.created_at >= ?', query.since);
  list.add('f.created_at < ?', query.until);
  list.add('(f.created_at, f.id) < (?, ?)', from?.at, from?.id);
  const end = `order by f.created_at desc, f.id desc limit ${list.value(query.limit + 1)}`;
  const parts = partsOf(list, query).map(
    (part) => `(select f.* from ${FAXES(database)} f where ${list.where()} and ${part} ${end})`,
  );
  const rows = await database.rows<Fax>(
    `select ${FAX_COLUMNS} from (${parts.join(' union all ')}) f ${end}`,
    list.values,
  );
  return pageOf(rows, query.limit, (fax) => ({ at: fax.createdAt, id: fax.id }));
}

/** Parts that have no fax in common: by side of the number, and each state for itself, so that an index has each in order. */
function partsOf(list: Conditions, { number, states }: Pick<FaxQuery, 'number' | 'states'>): readonly string[] {
  const sides = sidesOf(list, { ...(number === undefined ? {} : { number }) }, 'f');
  if (states === undefined || states.length > MOST_PARTS) {
    const any = states === undefined ? '' : ` and f.state = any(${list.value(states)})`;
    return sides.map((side) => `${side}${any}`);
  }
  // None asked for is none found.
  if (states.length === 0) return ['false'];
  const each = [...new Set(states)].map((state) => `f.state = ${list.value(state)}`);
  return sides.flatMap((side) => each.map((state) => `${side} and ${state}`));
}

/** States that are looked for apart from each other; more of them are most faxes, which need no index. */
const MOST_PARTS = 4;

function tagOf(tag: { readonly name: string; readonly value: string } | undefined): string | undefined {
  return tag === undefined ? undefined : JSON.stringify({ [tag.name]: tag.value });
}

function cdrConditions(query: Omit<CdrQuery, 'limit' | 'cursor'>): Conditions {
  const list = conditions();
  list.add('d.account = ?', query.account);
  list.add('d.fax = ?', query.fax);
  list.add('d.direction = ?', query.direction);
  list.add('d.user_id = ?', query.user);
  list.add("d.tags @> ?::jsonb and d.tags <> '{}'", tagOf(query.tag));
  list.add('d.result = ?', query.result);
  list.add('d.cause = ?', query.cause);
  list.add('d.carrier = ?', query.carrier);
  list.add('d.country = ?', query.country);
  list.add('d.ended_at >= ?', query.since);
  list.add('d.ended_at < ?', query.until);
  return list;
}

/** Newest first, by the end of the call. */
export async function listCdrs(database: Database, query: CdrQuery): Promise<Page<Cdr>> {
  const rows = await cdrRows(database, query, 'desc', readCursor(query.cursor), query.limit + 1);
  return pageOf(rows, query.limit, placeOf);
}

/** The CDR of one call, with its ladder. */
export async function readCall(
  database: Database,
  call: CallId,
  account: AccountId | undefined,
): Promise<CallRecord | undefined> {
  const row = await database.row<CdrWithLadder>(
    `select ${CDR_COLUMNS}, d.ladder from cdrs d ${CDR_JOINS}
     where d.call = $1 and ($2::text is null or d.account = $2)`,
    [call, account ?? null],
  );
  return row === undefined ? undefined : recordOf(row);
}

/** A policy allows 21 calls; whoever decides an uncertain fax may add others. */
const MOST_CALLS = 100;

/** The CDRs of one fax with their ladders, oldest first. */
export async function readCalls(database: Database, fax: FaxId): Promise<CallRecord[]> {
  const rows = await database.rows<CdrWithLadder>(
    `select ${CDR_COLUMNS}, d.ladder from cdrs d ${CDR_JOINS} where d.fax = $1 order by d.ended_at desc, d.id desc limit $2`,
    [fax, MOST_CALLS],
  );
  return rows.toReversed().map(recordOf);
}

type CdrWithLadder = Cdr & { readonly ladder: CallLadder | null };

function recordOf({ ladder, ...cdr }: CdrWithLadder): CallRecord {
  return { cdr, ladder };
}

/** Oldest first; each batch begins where the last one ended, so that no cursor or transaction stays open meanwhile. */
export async function* streamCdrs(
  database: Database,
  query: Omit<CdrQuery, 'limit' | 'cursor'>,
): AsyncGenerator<Cdr, void> {
  for (let from: Position | undefined; ; ) {
    const rows = await cdrRows(database, query, 'asc', from, STREAM_BATCH);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < STREAM_BATCH) return;
    from = placeOf(last);
  }
}

const placeOf = (cdr: Cdr): Position => ({ at: cdr.endedAt, id: cdr.id });

/**
 * Up to `limit` CDRs beyond `from`. A number, or how one begins, is looked for as receiver and as sender apart from each
 * other, because each has an index that is in order of time. Receipts are looked up for the rows of the answer alone.
 */
function cdrRows(
  database: Database,
  query: Omit<CdrQuery, 'limit' | 'cursor'>,
  order: 'asc' | 'desc',
  from: Position | undefined,
  limit: number,
): Promise<Cdr[]> {
  const list = cdrConditions(query);
  const beyond = order === 'asc' ? '>' : '<';
  list.add(`(d.ended_at, d.id) ${beyond} (?, ?)`, from?.at, from?.id);
  // Says it again for the planner, which leaves months out by a plain comparison only.
  list.add(`d.ended_at ${beyond}= ?`, from?.at);
  const sides = sidesOf(list, query, 'd');
  const end = `order by d.ended_at ${order}, d.id ${order} limit ${list.value(limit)}`;
  const parts = sides.map((side) => `(select d.* from ${CDRS(database)} d where ${list.where()} and ${side} ${end})`);
  return database.rows<Cdr>(
    `select ${CDR_COLUMNS} from (${parts.join(' union all ')}) d ${CDR_JOINS} ${end}`,
    list.values,
  );
}

/** What is asked of the number of the receiver, and of the sender's where the receiver's is another. */
function sidesOf(
  list: Conditions,
  { number, prefix }: Pick<CdrQuery, 'number' | 'prefix'>,
  table: 'd' | 'f',
): readonly string[] {
  const is = (column: string) => [
    ...(number === undefined ? [] : [`${column} = ${list.value(number)}`]),
    ...(prefix === undefined ? [] : [beginsWith(list, column, prefix)]),
  ];
  const to = is(`${table}.to_number`).join(' and ');
  if (to === '') return ['true'];
  return [to, `${is(`${table}.from_number`).join(' and ')} and not (${to})`];
}
