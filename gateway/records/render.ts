import type { PageRecord } from '../fax/fax.ts';
import type { FaxId } from '../fax/ids.ts';
import type { Claim } from '../ports/fax-records.ts';
import { prepared, type Sql, type Transaction } from './database.ts';
import { changeFax, FAX_COLUMNS, type FaxRow, faxOf, isHeld, lockFax, lockFenced, WORK_COLUMNS } from './fax-row.ts';
import { heldEvent } from './review.ts';
import type { Store } from './store.ts';

/** `accepted`, or `rendering` whose worker has died → `rendering`, ours. */
export function claimRender(
  store: Store,
  fax: FaxId,
  worker: string,
  lease: number,
  now: number,
): Promise<Claim | undefined> {
  return store.database.transaction(async (tx) => {
    const row = await lockFax(tx, fax);
    if (row === undefined || (row.state !== 'accepted' && row.state !== 'rendering') || isHeld(row, now)) {
      return undefined;
    }
    return take(tx, row, worker, lease, now);
  });
}

/** As {@link claimRender}, of the fax whose turn it is. */
export function claimNextRender(store: Store, worker: string, lease: number, now: number): Promise<Claim | undefined> {
  return store.database.transaction(async (tx) => {
    const row = await tx.row<FaxRow>(NEXT, [now]);
    return row === undefined ? undefined : take(tx, row, worker, lease, now);
  }, BEGIN_NEXT);
}

async function take(tx: Transaction, row: FaxRow, worker: string, lease: number, now: number): Promise<Claim> {
  const fence = row.fence + 1;
  const step = row.state === 'accepted' ? { state: 'rendering' } : {};
  await changeFax(tx, row, { ...step, fence, worker, lease_until: now + lease }, now);
  return { fax: { ...faxOf(row), state: 'rendering', updatedAt: now }, fence };
}

/** As for a claim of calls: estimates for a long line are far above what is read of it. */
const BEGIN_NEXT = `begin;
  set local jit = off; set local plan_cache_mode = force_generic_plan;
  set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_sort = off`;

/** The condition of the index faxes_render_line, and its order within an account. */
const IN_LINE = `f.state in ('accepted', 'rendering')`;
const RANK = 'f.created_at - 600000 * f.priority';

/** Faxes offered, of each account and in all: as many workers may be about to take one at the same time. */
const OFFERED = 16;

/**
 * Accounts are found by jumping through the index from one to the next. Each fax counts beside what its account has in
 * work and what stands before it, so that accounts take turns; whoever is being taken by another worker is passed over.
 */
const NEXT = prepared(
  'next_render',
  `with recursive line as (
     (select f.account from faxes f where ${IN_LINE} order by f.account, ${RANK} limit 1)
     union all
     select next.account from line l cross join lateral (
       select f.account from faxes f where ${IN_LINE} and f.account > l.account order by f.account, ${RANK} limit 1) next
   ), busy as materialized (
     select account, count(*) as used from faxes where state = 'rendering' and lease_until > $1::bigint group by account
   ), waiting as materialized (
     select d.id, d.rank, coalesce(b.used, 0) + row_number() over (partition by l.account order by d.rank) as turn
     from line l left join busy b using (account) cross join lateral (
       select f.id, ${RANK} as rank from faxes f
       where ${IN_LINE} and f.account = l.account and (f.lease_until is null or f.lease_until <= $1::bigint)
       order by ${RANK} limit ${OFFERED}) d
   ), offered as materialized (
     select array(select id from waiting order by turn, rank limit ${OFFERED}) as ids
   )
   select ${FAX_COLUMNS}, ${WORK_COLUMNS} from faxes f
   where f.id = any((select ids from offered)::text[])
     and ${IN_LINE} and (f.lease_until is null or f.lease_until <= $1::bigint)
   order by array_position((select ids from offered), f.id) limit 1 for update skip locked`,
);

/** → `queued` with its pages, or `held` when its country waits for an approval. */
export function rendered(
  store: Store,
  fax: FaxId,
  fence: number,
  pages: readonly PageRecord[],
  now: number,
): Promise<boolean> {
  return store.database.transaction(async (tx) => {
    const row = await lockFenced(tx, fax, fence);
    if (row === undefined) return false;
    const at = Math.max(row.notBefore ?? 0, now);
    const step = row.held === null ? { state: 'queued', next_call_at: at } : { state: 'held' };
    await changeFax(tx, row, { ...step, pages: pages.length, worker: null, lease_until: null }, now);
    await tx.change(REPLACE_PAGES, [fax, JSON.stringify(pages), pages.length]);
    const queued = { type: 'fax.queued' as const, fax, data: { pages: pages.length, nextCallAt: at } };
    await store.ledger.append(tx, row.account, [row.held === null ? queued : heldEvent(row, pages.length)], now);
    return true;
  });
}

const WRITE = `insert into pages (fax, number, width, rows, x_dpi, y_dpi, bytes, mark, warnings)
     select $1, number, width, rows, "xDpi", "yDpi", bytes, mark, array(select jsonb_array_elements_text(warnings))
     from jsonb_to_recordset($2::jsonb) as p(number integer, width integer, rows integer, "xDpi" integer,
       "yDpi" integer, bytes integer, mark text, warnings jsonb)
     on conflict (fax, number) do update set width = excluded.width, rows = excluded.rows, x_dpi = excluded.x_dpi,
       y_dpi = excluded.y_dpi, bytes = excluded.bytes, mark = excluded.mark, warnings = excluded.warnings`;

const WRITE_PAGES = prepared('write_pages', WRITE);

// Numbers from 1: those of an earlier rendering beyond the last go.
const REPLACE_PAGES = prepared(
  'replace_pages',
  `with gone as (delete from pages where fax = $1 and number > $3::integer) ${WRITE}`,
);

/** A page that comes again replaces its first try. */
export async function writePages(sql: Sql, fax: FaxId, pages: readonly PageRecord[]): Promise<void> {
  await sql.change(WRITE_PAGES, [fax, JSON.stringify(pages)]);
}
