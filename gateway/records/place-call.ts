import type { LineReport } from '../fax/call-result.ts';
import type { CallId } from '../fax/ids.ts';
import type { FaxRecords } from '../ports/fax-records.ts';
import { lockCall } from './call-row.ts';
import { RecordsError } from './errors.ts';
import { changeFax, lockFenced } from './fax-row.ts';
import type { Store } from './store.ts';

/** W2, the intent: whatever happens from now on, the reference of the call is known. */
export function intend(store: Store, ...[fax, fence, call, now]: Parameters<FaxRecords['intend']>): Promise<boolean> {
  return store.database.transaction(async (tx) => {
    const row = await lockFenced(tx, fax, fence);
    if (row === undefined || row.leaseUntil === null) return false;
    await changeFax(tx, row, { state: 'dialing', attempts: row.attempts + 1, live_to: row.to }, now);
    await tx.change(
      `insert into calls (id, fax, account, direction, carrier, reference, stored, fence, state, first_page,
         page_started, pages_confirmed, intended_at, route)
       values ($1, $2, $3, 'outbound', $4, $5, $10, $6, 'intended', $7, $8, $8, $9, $11)`,
      [
        call.id,
        fax,
        row.account,
        call.carrier,
        call.reference,
        fence,
        call.firstPage,
        call.firstPage - 1,
        now,
        call.stored ?? false,
        call.route === undefined ? null : JSON.stringify(call.route),
      ],
    );
    const data = { call: call.id, attempt: row.attempts + 1, carrier: call.carrier };
    await store.ledger.append(tx, row.account, [{ type: 'fax.dialing', fax, data }], now);
    return true;
  });
}

/** W3, gate 2: a worker that overslept its lease rings a telephone, but no paper comes. */
export function passGate2(store: Store, call: CallId, fence: number, now: number): Promise<boolean> {
  return store.database.transaction(async (tx) => {
    const live = await lockCall(tx, call, fence);
    if (live === undefined || live.call.state !== 'intended') return false;
    await changeFax(tx, live.fax, { state: 'sending' }, now);
    await tx.change(`update calls set state = 'in_call', answered_at = $2 where id = $1`, [call, now]);
    await store.ledger.append(
      tx,
      live.fax.account,
      [{ type: 'fax.sending', fax: live.fax.id, data: { call, firstPage: live.call.firstPage } }],
      now,
    );
    return true;
  });
}

/** Longest id of a carrier that is kept; one of ours is a third of it. */
const LONGEST_ID = 200;

/** The carrier has the fax under its own id: whoever settles the call after a crash asks for that. */
export async function taken(store: Store, call: CallId, fence: number, carrierId: string): Promise<boolean> {
  if (carrierId.length === 0 || carrierId.length > LONGEST_ID) {
    throw new RecordsError('usage', 'no id of a carrier is as long as that');
  }
  return store.database.transaction(async (tx) => {
    const live = await lockCall(tx, call, fence);
    if (live === undefined) return false;
    await tx.change('update calls set carrier_id = $2 where id = $1', [call, carrierId]);
    return true;
  });
}

/** What the far machine said of itself and the line; for people, no step depends on it. */
export function negotiated(
  store: Store,
  call: CallId,
  fence: number,
  remoteId: string | null,
  line: LineReport,
): Promise<void> {
  return store.database.transaction(async (tx) => {
    const live = await lockCall(tx, call, fence);
    if (live === undefined) return;
    await tx.change('update calls set remote_id = $2, line = $3 where id = $1', [call, remoteId, JSON.stringify(line)]);
    await tx.change('update faxes set remote_id = coalesce($2, remote_id) where id = $1', [live.fax.id, remoteId]);
  });
}
