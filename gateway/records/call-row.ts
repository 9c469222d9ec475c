import type { LineReport } from '../fax/call-result.ts';
import type { Call } from '../fax/fax.ts';
import type { CallId } from '../fax/ids.ts';
import type { RouteDecision } from '../fax/route.ts';
import type { Transaction } from './database.ts';
import { type FaxRow, lockFenced } from './fax-row.ts';

/** Columns of a call as `Call` names them. */
export const CALL_COLUMNS = `c.id, c.fax, c.account, c.direction, c.carrier, c.reference, c.carrier_id as "carrierId", c.stored,
  c.fence, c.state,
  c.first_page as "firstPage", c.page_started as "pageStarted", c.pages_confirmed as "pagesConfirmed",
  c.intended_at as "intendedAt", c.answered_at as "answeredAt", c.ended_at as "endedAt"`;

/** A call with what its journal knows of the far side. */
export interface CallRow extends Call {
  readonly remoteId: string | null;
  readonly line: LineReport | null;
  readonly route: RouteDecision | null;
}

/** A call and its fax, both held for this transaction. */
export interface LiveCall {
  readonly call: CallRow;
  readonly fax: FaxRow;
}

/**
 * The call and its fax, held, if the call has not ended and `fence` is still the fax's newest. The fax is taken first:
 * every transaction takes account, fax, call and ledger in this order.
 */
export async function lockCall(tx: Transaction, call: CallId, fence: number): Promise<LiveCall | undefined> {
  const owner = await tx.row<{ fax: FaxRow['id'] }>('select fax from calls where id = $1', [call]);
  const fax = owner === undefined ? undefined : await lockFenced(tx, owner.fax, fence);
  if (fax === undefined) return undefined;
  const row = await tx.row<CallRow>(
    `select ${CALL_COLUMNS}, c.remote_id as "remoteId", c.line, c.route from calls c where c.id = $1 and c.state <> 'ended'`,
    [call],
  );
  return row === undefined ? undefined : { call: row, fax };
}
