import type { AccountId, FaxId } from '../fax/ids.ts';
import type { Actor } from '../ports/account-records.ts';
import type { FaxRecords } from '../ports/fax-records.ts';
import { note } from './audit.ts';
import { endNow, UNCALLED } from './end-uncalled.ts';
import { changeFax, lockFax, RELEASED } from './fax-row.ts';
import type { Store } from './store.ts';

/** The account's own wish; its API names the user in the request log. */
const CUSTOMER: Actor = { who: 'customer', address: null };

/** Ends a fax that has no call; asks the worker of one that has. */
export function cancel(
  store: Store,
  fax: FaxId,
  account: AccountId,
  now: number,
  actor = CUSTOMER,
): Promise<'ended' | 'asked' | 'final' | 'unknown'> {
  return store.database.forAccount(account).transaction(async (tx) => {
    const row = await lockFax(tx, fax);
    if (row?.account !== account) return 'unknown';
    if (row.direction === 'outbound' && UNCALLED.includes(row.state)) {
      await endNow(store, tx, row, { state: 'canceled', cause: 'canceled', detail: '' }, actor, now);
      return 'ended';
    }
    if (row.state !== 'dialing' && row.state !== 'sending') return 'final';
    await changeFax(tx, row, { cancel_asked: true }, now);
    await note(tx, actor, account, 'fax.cancel', fax, {}, now);
    return 'asked';
  });
}

/** The decision about an `uncertain` fax, the customer's or an administrator's. */
export function resend(
  store: Store,
  ...[fax, account, mode, now, actor = CUSTOMER]: Parameters<FaxRecords['resend']>
): ReturnType<FaxRecords['resend']> {
  return store.database.forAccount(account).transaction(async (tx) => {
    const row = await lockFax(tx, fax);
    if (row?.account !== account) return 'unknown';
    if (row.state !== 'uncertain') return 'state_conflict';
    const dying = await tx.row('select 1 from wipe_intents where fax = $1', [fax]);
    if (!row.imageExists || dying !== undefined) return 'image_wiped';
    const pages = mode === 'all' ? { pages_confirmed: 0 } : {};
    await changeFax(
      tx,
      row,
      {
        ...RELEASED,
        ...pages,
        state: 'queued',
        fence: row.fence + 1,
        next_call_at: now,
        finished_at: null,
        cause: null,
        detail: null,
        cancel_asked: false,
      },
      now,
    );
    await note(tx, actor, account, 'fax.resend', fax, { mode }, now);
    const data = { pages: row.pages, nextCallAt: now, resend: mode };
    await store.ledger.append(tx, account, [{ type: 'fax.queued', fax, data }], now, 1);
    return 'queued';
  });
}
