import type { PageRecord } from '../fax/fax.ts';
import type { FaxId } from '../fax/ids.ts';
import type { Claim } from '../ports/fax-records.ts';
import { prepared, type Sql } from './database.ts';
import { changeFax, faxOf, isHeld, lockFax, lockFenced } from './fax-row.ts';
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
    const fence = row.fence + 1;
    const step = row.state === 'accepted' ? { state: 'rendering' } : {};
    await changeFax(tx, row, { ...step, fence, worker, lease_until: now + lease }, now);
    return { fax: { ...faxOf(row), state: 'rendering', updatedAt: now }, fence };
  });
}

/** → `queued` with its pages. */
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
    await changeFax(
      tx,
      row,
      { state: 'queued', pages: pages.length, next_call_at: at, worker: null, lease_until: null },
      now,
    );
    await tx.change(REPLACE_PAGES, [fax, JSON.stringify(pages), pages.length]);
    await store.ledger.append(
      tx,
      row.account,
      [{ type: 'fax.queued', fax, data: { pages: pages.length, nextCallAt: at } }],
      now,
    );
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
