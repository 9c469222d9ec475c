import type { Cause } from '../fax/cause.ts';
import { causeFacts } from '../fax/cause.ts';
import type { FaxId } from '../fax/ids.ts';
import { mayStep } from '../fax/states.ts';
import type { Actor } from '../ports/account-records.ts';
import type { FaxRecords } from '../ports/fax-records.ts';
import { GATEWAY, note } from './audit.ts';
import { type CdrFacts, writeCdr } from './cdr-row.ts';
import { countryOf } from './country.ts';
import type { Transaction } from './database.ts';
import { changeFax, type FaxRow, isHeld, lockFax, RELEASED } from './fax-row.ts';
import type { Store } from './store.ts';
import { insertIntent } from './wipe.ts';

/** States without a live call from which a fax may end. */
export const UNCALLED: readonly string[] = ['accepted', 'rendering', 'held', 'queued'];

/** Ends a fax that has no live call; answers false when there is one, someone works on it, or it has ended. */
export function endUncalled(
  store: Store,
  ...[fax, fence, state, cause, detail, now]: Parameters<FaxRecords['endUncalled']>
): Promise<boolean> {
  return store.database.transaction(async (tx) => {
    const row = await lockFax(tx, fax);
    if (row === undefined || !UNCALLED.includes(row.state)) return false;
    if (fence === null ? isHeld(row, now) : row.fence !== fence) return false;
    if (!mayStep('outbound', row.state, state)) return false;
    await endNow(store, tx, row, { state, cause, detail }, GATEWAY, now);
    return true;
  });
}

/** How a fax without a live call ends. */
export interface UncalledEnd {
  readonly state: 'failed' | 'canceled' | 'partial';
  readonly cause: Cause;
  readonly detail: string;
}

/** Writes the end of a locked fax; fence + 1, so that a worker that slept through it cannot write any more. */
export async function endNow(
  store: Store,
  tx: Transaction,
  row: FaxRow,
  end: UncalledEnd,
  actor: Actor,
  now: number,
): Promise<void> {
  const { state, cause, detail } = end;
  await changeFax(
    tx,
    row,
    {
      ...RELEASED,
      state,
      cause,
      detail,
      fence: row.fence + 1,
      next_call_at: null,
      finished_at: now,
      cancel_asked: false,
      held: null,
      held_until: null,
    },
    now,
  );
  const facts: CdrFacts = {
    call: null,
    remoteId: null,
    carrier: null,
    reference: null,
    attempt: row.attempts,
    startedAt: row.createdAt,
    answeredAt: null,
    endedAt: now,
    pages: row.pages,
    pagesSent: 0,
    result: state,
    cause,
    detail,
    billable: false,
    line: null,
    faxState: state,
  };
  await writeCdr(tx, row, facts, { charge: null, country: countryOf(store, row) });
  if (row.imageExists) await insertIntent(tx, row.id as FaxId, `fax_${state}`, now);
  const data = { cause, pages: row.pages, pagesConfirmed: row.pagesConfirmed, retryable: causeFacts(cause).retryable };
  await note(tx, actor, row.account, `fax.${state}`, row.id, data, now);
  await store.ledger.append(tx, row.account, [{ type: `fax.${state}`, fax: row.id, data }], now, -1);
}
