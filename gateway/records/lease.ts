import type { FaxId } from '../fax/ids.ts';
import { type Database, prepared, WITHOUT_WAITING } from './database.ts';
import { changeFax, lockFenced, RELEASED } from './fax-row.ts';
import type { Store } from './store.ts';

// Not waited for: a crash that loses it leaves the lease as long as it was.
const RENEW = prepared(
  'renew',
  `update faxes set lease_until = $3 where id = $1 and fence = $2 and lease_until is not null
     and ${WITHOUT_WAITING} is not null
   returning cancel_asked as cancel`,
);

/** A claim that ended, by whatever hand, has no lease to renew. */
export async function renew(
  database: Database,
  fax: FaxId,
  fence: number,
  lease: number,
  now: number,
): Promise<{ readonly held: boolean; readonly cancel: boolean }> {
  const row = await database.row<{ cancel: boolean }>(RENEW, [fax, fence, now + lease]);
  return { held: row !== undefined, cancel: row?.cancel ?? false };
}

/** Nothing rang: the fax goes back as it was. A render claim is given back in the same way and stays `rendering`. */
export function release(store: Store, fax: FaxId, fence: number, nextCallAt: number, now: number): Promise<boolean> {
  return store.database.transaction(async (tx) => {
    const row = await lockFenced(tx, fax, fence);
    if (row === undefined || row.leaseUntil === null) return false;
    if (row.state !== 'queued' && row.state !== 'rendering') return false;
    const next = row.state === 'queued' ? { next_call_at: nextCallAt } : {};
    await changeFax(tx, row, { ...RELEASED, ...next }, now);
    return true;
  });
}

/**
 * fence + 1: of several that want to settle the same orphan, one gets it, and the dead worker's writes bounce. A worker
 * that was only slow may have ended the call since it was looked for, under this fence: then there is nothing to settle.
 */
export async function takeOver(
  database: Database,
  fax: FaxId,
  fence: number,
  worker: string,
  lease: number,
  now: number,
): Promise<number | undefined> {
  const row = await database.row<{ fence: number }>(
    `update faxes set fence = fence + 1, worker = $3, lease_until = $4, updated_at = $5
     where id = $1 and fence = $2 and state in ('dialing', 'sending', 'ringing', 'receiving') returning fence`,
    [fax, fence, worker, now + lease, now],
  );
  return row?.fence;
}

/**
 * What a dead process held is free from now on: its leases, and the Idempotency-Keys of uploads that it was taking. Of
 * those uploads nobody will hear again: they expire now, so that the sweep of this start removes them.
 */
export function breakLeases(database: Database, worker: string, now: number): Promise<number> {
  return database.transaction(async (tx) => {
    await tx.change(`delete from idempotency_keys where state = 'running'`);
    await tx.change(`update vault_keys set expires_at = $1 where state = 'uploading' and expires_at > $1`, [now]);
    return tx.change('update faxes set lease_until = $2 where lease_until > $2 and worker is distinct from $1', [
      worker,
      now,
    ]);
  });
}
