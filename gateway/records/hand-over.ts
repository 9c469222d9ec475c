import type { Fax } from '../fax/fax.ts';
import type { AccountId, UserId } from '../fax/ids.ts';
import type { FaxRecords } from '../ports/fax-records.ts';
import { note } from './audit.ts';
import type { Database } from './database.ts';
import { changeFax, FAX_COLUMNS, lockFax } from './fax-row.ts';
import type { Store } from './store.ts';
import { insertIntent } from './wipe.ts';

/** The oldest fax that waits, for this user alone for a while. Two who ask at once get two. */
export function leaseNext(
  database: Database,
  account: AccountId,
  user: UserId,
  seconds: number,
  now: number,
): Promise<Fax | undefined> {
  return database.row<Fax>(
    `update faxes f set leased_until = $3, leased_by = $2, updated_at = $4
     where f.id = (
       select w.id from faxes w
       where w.account = $1 and w.state = 'received' and w.acknowledged_at is null and w.image_exists
         and (w.leased_until is null or w.leased_until <= $4)
         and not exists (select 1 from wipe_intents i where i.fax = w.id)
       order by w.created_at, w.id limit 1 for update skip locked)
     returning ${FAX_COLUMNS}`,
    [account, user, now + seconds * 1_000, now],
  );
}

/** The customer has it: → `handed_over`, and the image dies. */
export function acknowledge(
  store: Store,
  ...[fax, account, user, now]: Parameters<FaxRecords['acknowledge']>
): ReturnType<FaxRecords['acknowledge']> {
  return store.database.forAccount(account).transaction(async (tx) => {
    const row = await lockFax(tx, fax);
    if (row?.account !== account || row.direction !== 'inbound') return 'unknown';
    if (row.acknowledgedAt !== null) return 'acknowledged';
    if (row.state !== 'received') return 'state_conflict';
    const held = row.leasedUntil !== null && row.leasedUntil > now;
    if (held && row.leasedBy !== user) return 'lease_held';
    await changeFax(tx, row, { state: 'handed_over', acknowledged_at: now, leased_until: null, leased_by: null }, now);
    await insertIntent(tx, fax, 'acknowledged', now);
    await note(tx, { who: user, address: null }, account, 'fax.acknowledge', fax, {}, now);
    await store.ledger.append(tx, account, [{ type: 'fax.handed_over', fax, data: { pages: row.pages } }], now);
    return 'acknowledged';
  });
}
