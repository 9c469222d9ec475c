import { type Place, REVIEW } from '../fax/destination.ts';
import type { GuardRecords } from '../ports/guard-records.ts';
import { note } from './audit.ts';
import { changeFax, type FaxRow, lockFax } from './fax-row.ts';
import type { Store } from './store.ts';

/**
 * Somebody has looked at the pages. A fax whose pages are still being made only forgets what it waited for; its rendering
 * decides what follows.
 */
export function endReview(
  store: Store,
  ...[fax, hold, actor, now]: Parameters<GuardRecords['endReview']>
): Promise<boolean> {
  return store.database.transaction(async (tx) => {
    const row = await lockFax(tx, fax);
    if (row === undefined || row.held !== REVIEW || !WAITING.includes(row.state)) return false;
    const waits = { held: hold?.place ?? null, held_until: hold?.until ?? null };
    const at = Math.max(row.notBefore ?? 0, now);
    const goes = row.state === 'held' && hold === null;
    await changeFax(tx, row, { ...(goes ? { state: 'queued', next_call_at: at } : {}), ...waits }, now);
    await note(tx, actor, row.account, 'fax.release', fax, { pages: row.pages }, now);
    if (row.state !== 'held') return true;
    const queued = { type: 'fax.queued' as const, fax, data: { pages: row.pages, nextCallAt: at } };
    const held = { ...row, held: waits.held, heldUntil: waits.held_until };
    await store.ledger.append(tx, row.account, [goes ? queued : heldEvent(held, row.pages ?? 0)], now);
    return true;
  });
}

const WAITING: readonly string[] = ['accepted', 'rendering', 'held'];

/** A place as a held fax names it in its event (a country is not a number), or that it waits to be looked at. */
export function heldEvent(row: Pick<FaxRow, 'id' | 'held' | 'heldUntil'>, pages: number) {
  const waits = row.held === REVIEW ? { place: null, review: true } : { place: row.held as Place | null };
  return { type: 'fax.held' as const, fax: row.id, data: { pages, ...waits, until: row.heldUntil } };
}
