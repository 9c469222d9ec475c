import type pg from 'pg';
import { randomId } from '../../crypto/index.ts';
import { type AccountId, newId } from '../../gateway/fax/ids.ts';
import { parseE164 } from '../../gateway/fax/number.ts';
import type { CdrSummaryQuery } from '../../gateway/ports/cdr-records.ts';
import type { CdrQuery } from '../../gateway/ports/fax-records.ts';
import { type CdrFacts, type CdrFax, writeCdr } from '../../gateway/records/cdr-row.ts';
import { writeCursor } from '../../gateway/records/cursor.ts';
import { openDatabase } from '../../gateway/records/database.ts';
import type { Records } from '../../gateway/records/index.ts';
import { accountAt } from './cdr-history.ts';
import { onHistory, say, silent } from './history-run.ts';
import { costOf } from './rounds.ts';

const SIZE = { rows: 10_000_000, months: 24, accounts: 200 };
const ROUNDS = 9;
const DAY = 86_400_000;

/** One measured line: the first time, with nothing of it in memory perhaps, and the median of nine. */
interface Figure {
  readonly what: string;
  readonly first: number;
  readonly median: number;
  readonly limit: number;
}

/**
 * Reports and lists on ten million CDRs (`--rows N` for another number). `--directory DIR` keeps the database there, and
 * measures again on the one that it finds; it is 12 GB for ten million, 4 KB more for every fax with receipts.
 */
function main(): Promise<void> {
  return onHistory(SIZE, 10, async (records, pool) => {
    await report(pool);
    for (const figure of await measure(records)) say(lineOf(figure));
    say(await insertRate(pool));
  });
}

/** How much lies on the disk, by kind. */
async function report(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ what: string; rows: string; size: string }>(
    `select what, to_char(sum(rows), 'FM999,999,999') as rows, pg_size_pretty(sum(size)) as size from (
       select case when relname like 'cdr_sums%' then 'sums' else 'CDRs' end || case relkind when 'i' then ', indexes' else '' end
         as what, case relkind when 'i' then null else reltuples end as rows, pg_relation_size(oid) as size
       from pg_class where relname ~ '^cdr' and relkind in ('r', 'i') and relnamespace = current_schema()::regnamespace
     ) relations group by what order by what`,
  );
  for (const { what, rows: count, size } of rows)
    say(`${what.padEnd(16)} ${(count ?? '').padStart(12)} ${size.padStart(10)}`);
}

async function measure(records: Records): Promise<Figure[]> {
  const list = (query: Omit<CdrQuery, 'limit'>) => () => records.faxes.cdrs({ ...query, limit: 50 });
  const last = (change: Partial<CdrSummaryQuery>) => () =>
    records.cdrs.summary({ ...lastMonth(), timeZone: 'UTC', group: 'month', by: [], ...change });
  const [big, small] = [account(1), account(SIZE.accounts - 1)];
  const popular = parseE164('+49890000001');
  const deep = writeCursor({ at: Date.now() - 600 * DAY, id: `cdr_${'0'.repeat(26)}` });
  const figures: Figure[] = [];
  const add = async (what: string, limit: number, run: () => Promise<unknown>) => {
    figures.push(await timed(what, limit, run));
  };
  await add('month summary, all accounts', 1_000, last({}));
  await add('the same by account, result and cause', 1_000, last({ by: ['account', 'result', 'cause'] }));
  await add('the same by account, month of Berlin', 1_000, last({ by: ['account'], timeZone: 'Europe/Berlin' }));
  await add('the same by day of Kolkata', 1_000, last({ group: 'day', timeZone: 'Asia/Kolkata' }));
  await add(
    'largest account, by day, direction and cause',
    1_000,
    last({ account: big, group: 'day', by: ['direction', 'cause'] }),
  );
  await add('first page, all accounts', 200, list({}));
  await add('first page, largest account', 200, list({ account: big }));
  await add('first page, a small account', 200, list({ account: small }));
  await add('largest account, failed', 200, list({ account: big, result: 'failed' }));
  await add('largest account, uncertain (1 in 2,000)', 200, list({ account: big, result: 'uncertain' }));
  await add('all accounts, uncertain', 200, list({ result: 'uncertain' }));
  await add('an account that never received, inbound', 200, list({ account: account(10), direction: 'inbound' }));
  await add('a number that many call, all accounts', 200, list({ number: popular }));
  await add('a number that many call, a small account', 200, list({ account: small, number: popular }));
  await add('a number that nobody called', 200, list({ number: parseE164('+4915550000') }));
  await add(
    'a tag that few have, largest account',
    200,
    list({ account: big, tag: { name: 'case', value: 'A-77000' } }),
  );
  await add('a tag that many have, a small account', 200, list({ account: small, tag: { name: 'dept', value: 'd1' } }));
  await add('a cursor 600 days back, all accounts', 200, list({ cursor: deep }));
  await add('a cursor 600 days back, largest account', 200, list({ account: big, cursor: deep }));
  return figures;
}

const account = (place: number): AccountId => newId('acc', () => accountAt(place));

/** The last month that is over. */
function lastMonth(): { readonly from: string; readonly to: string } {
  const now = new Date();
  const first = (back: number) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back)).toISOString().slice(0, 10);
  return { from: first(1), to: first(0) };
}

async function timed(what: string, limit: number, run: () => Promise<unknown>): Promise<Figure> {
  const { first, median } = await costOf(ROUNDS, run);
  return { what, first, median, limit };
}

function lineOf({ what, first, median, limit }: Figure): string {
  const ms = (value: number) => `${value.toFixed(value < 10 ? 1 : 0)} ms`.padStart(9);
  return `${what.padEnd(48)} first ${ms(first)}, median ${ms(median)} (limit ${limit} ms)${median > limit ? ' missed' : ''}`;
}

const WRITERS = 4;
const SECONDS = 5;

/** Durable transactions of one CDR with its sums each, as the end of a call writes them. */
async function insertRate(pool: pg.Pool): Promise<string> {
  const database = openDatabase(pool, silent);
  const until = performance.now() + SECONDS * 1_000;
  let written = 0;
  const writer = async (place: number): Promise<void> => {
    for (; performance.now() < until; written++) {
      await database.transaction((tx) => writeCdr(tx, ...cdrOf(account(place))));
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, index) => writer(index + 1)));
  return `${Math.round(written / SECONDS)} CDRs a second written one by one, ${WRITERS} at once`;
}

function cdrOf(id: AccountId): [CdrFax, CdrFacts] {
  const now = Date.now();
  const number = parseE164('+49301234567');
  const fax: CdrFax = {
    ...{ id: newId('fax', randomId), account: id, user: null, batch: null, direction: 'outbound' },
    ...{ from: number, to: number, tags: { case: 'B-1' }, subaddress: null },
  };
  const facts: CdrFacts = {
    ...{ call: newId('call', randomId), remoteId: null, carrier: 'carrier-1', reference: 'r', attempt: 1 },
    ...{ startedAt: now - 40_000, answeredAt: now - 30_000, endedAt: now, pages: 1, pagesSent: 1 },
    ...{ result: 'ok', cause: 'ok', detail: '', billable: true, line: null, faxState: 'delivered' },
  };
  return [fax, facts];
}

await main();
