import type { LineReport } from '../fax/call-result.ts';
import type { CallId } from '../fax/ids.ts';
import { type LiveCall, lockCall } from './call-row.ts';
import { RecordsError } from './errors.ts';
import { changeFax } from './fax-row.ts';
import type { Store } from './store.ts';

/** W4 before page `page`: from here until its confirmation the page may be on paper. */
export function pageStarted(store: Store, call: CallId, fence: number, page: number): Promise<boolean> {
  return store.database.transaction(async (tx) => {
    const live = await lockCall(tx, call, fence);
    if (live === undefined) return false;
    mustBe(live.call.state === 'in_call', 'a page before gate 2');
    mustBe(isNext(live, page), 'a page out of order');
    await tx.change('update calls set page_started = $2 where id = $1', [call, page]);
    return true;
  });
}

/** The page after the last confirmed one; it comes again after a retrain. */
function isNext({ call, fax }: LiveCall, page: number): boolean {
  return page === call.pagesConfirmed + 1 && (fax.pages === null || page <= fax.pages);
}

/** W4 after its confirmation: the page is never sent again. */
export function pageConfirmed(
  store: Store,
  call: CallId,
  fence: number,
  page: number,
  line: LineReport,
  now: number,
): Promise<boolean> {
  return store.database.transaction(async (tx) => {
    const live = await lockCall(tx, call, fence);
    if (live === undefined) return false;
    mustBe(page === live.call.pageStarted && page === live.call.pagesConfirmed + 1, 'a confirmation out of order');
    await tx.change('update calls set pages_confirmed = $2, line = $3 where id = $1', [
      call,
      page,
      JSON.stringify(line),
    ]);
    await changeFax(tx, live.fax, { pages_confirmed: Math.max(page, live.fax.pagesConfirmed) }, now);
    const data = { call, page, pages: live.fax.pages, line };
    await store.ledger.append(tx, live.fax.account, [{ type: 'fax.page', fax: live.fax.id, data }], now);
    return true;
  });
}

/** An impossible order is a fault of ours, as an illegal step of a fax is. */
function mustBe(holds: boolean, what: string): void {
  if (!holds) throw new RecordsError('usage', `illegal step of a call: ${what}`);
}
