import type { FaxId } from '../fax/ids.ts';
import { mayStep } from '../fax/states.ts';
import type { CopyAtCarrier, VaultRecords, WipeIntent } from '../ports/vault-records.ts';
import { GATEWAY, note } from './audit.ts';
import type { Database, Sql, Transaction } from './database.ts';
import { changeFax, type FaxRow, lockFax } from './fax-row.ts';
import { markAttested } from './purges.ts';
import type { Store } from './store.ts';

type Wipes = Pick<
  VaultRecords,
  'intents' | 'addIntent' | 'storeReceipt' | 'copies' | 'receipt' | 'receiptsOfEpoch' | 'overdueImages'
>;

export function createWipes(store: Store): Wipes {
  const { database } = store;
  return {
    intents: (olderThan, limit) =>
      database.rows<WipeIntent>(
        'select fax, reason, since from wipe_intents where since <= $1 order by since limit $2',
        [olderThan, limit],
      ),
    addIntent: (fax, reason, now) => insertIntent(database, fax, reason, now),
    storeReceipt: (...args) => storeReceipt(store, ...args),
    copies: (fax) => copiesOf(database, fax),
    receipt: (fax) => database.row('select jws, epoch, epoch_jws as "epochJws" from receipts where fax = $1', [fax]),
    receiptsOfEpoch: (number) => database.rows('select fax, jws from receipts where epoch = $1 order by fax', [number]),
    overdueImages: (now, absolute, limit) => overdueImages(database, now, absolute, limit),
  };
}

/** Asks for a wipe; the first reason stays. */
export async function insertIntent(sql: Sql, fax: FaxId, reason: string, now: number): Promise<void> {
  await sql.change('insert into wipe_intents (fax, reason, since) values ($1, $2, $3) on conflict (fax) do nothing', [
    fax,
    reason,
    now,
  ]);
}

/**
 * W6. Whoever comes second finds neither key nor objects and leaves the first receipt as it is; an image that was
 * uploaded again after a wipe has rows again, and its receipt takes the place of the older one.
 */
function storeReceipt(
  store: Store,
  ...[fax, epoch, jws, now, decided = []]: Parameters<VaultRecords['storeReceipt']>
): Promise<void> {
  return store.database.transaction(async (tx) => {
    const row = await lockFax(tx, fax);
    await tx.change('select 1 from vault_keys where fax = $1 for update', [fax]);
    const objects = await tx.change('delete from vault_objects where fax = $1', [fax]);
    const keys = await tx.change('delete from vault_keys where fax = $1', [fax]);
    await tx.change('delete from wipe_intents where fax = $1', [fax]);
    const known = await tx.row('select 1 from receipts where fax = $1', [fax]);
    if (known !== undefined && objects + keys === 0) return;
    await tx.change(
      `insert into receipts (fax, epoch, jws, at) values ($1, $2, $3, $4)
       on conflict (fax) do update set epoch = $2, jws = $3, epoch_jws = null, at = $4`,
      [fax, epoch, jws, now],
    );
    await markAttested(tx, decided);
    if (row !== undefined) await markWiped(store, tx, row, epoch, now);
  });
}

function copiesOf(database: Database, fax: FaxId): Promise<CopyAtCarrier[]> {
  return database.rows<CopyAtCarrier>(
    `select call, carrier, outcome, detail, answered_at as "answeredAt", next_at is not null as open
     from carrier_purges where fax = $1 order by since, call`,
    [fax],
  );
}

async function markWiped(store: Store, tx: Transaction, row: FaxRow, epoch: number, now: number): Promise<void> {
  const step = row.direction === 'inbound' && mayStep('inbound', row.state, 'wiped') ? { state: 'wiped' } : {};
  await changeFax(tx, row, { ...step, image_exists: false, leased_until: null, leased_by: null }, now);
  await note(tx, GATEWAY, row.account, 'fax.wipe', row.id, { epoch }, now);
  await store.ledger.append(tx, row.account, [{ type: 'fax.wiped', fax: row.id, data: { epoch } }], now);
}

/** Images that have outlived what their policy grants them, and those that have no wipe intent yet. */
function overdueImages(
  database: Database,
  now: number,
  absolute: number,
  limit: number,
): Promise<{ readonly fax: FaxId; readonly reason: string }[]> {
  return database.rows(
    `select distinct on (fax) fax, reason from (
       select id as fax, case state when 'received' then 'hold_expired' else 'uncertain_expired' end as reason
       from faxes where image_exists and state in ('received', 'uncertain')
         and finished_at + 1000 * (policy ->> (case state when 'received' then 'inboundHold' else 'uncertainHold' end))::bigint <= $1
       union
       select id, 'absolute_life' from faxes where image_exists and created_at <= $1 - $2::bigint
     ) overdue
     where not exists (select 1 from wipe_intents w where w.fax = overdue.fax)
     order by fax, reason limit $3`,
    [now, absolute, limit],
  );
}
