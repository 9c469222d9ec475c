import { type CallResult, inDoubt } from '../fax/call-result.ts';
import { causeFacts } from '../fax/cause.ts';
import type { Cdr } from '../fax/cdr.ts';
import type { EventType } from '../fax/event.ts';
import type { OutboundState } from '../fax/states.ts';
import type { AfterCall, FaxRecords } from '../ports/fax-records.ts';
import { GATEWAY, note } from './audit.ts';
import { type LiveCall, lockCall } from './call-row.ts';
import { type CdrFacts, writeCdr } from './cdr-row.ts';
import { chargeOf } from './charge.ts';
import { countryOf } from './country.ts';
import type { Transaction } from './database.ts';
import { RecordsError } from './errors.ts';
import { changeFax, type FaxChange, RELEASED } from './fax-row.ts';
import { orderPurge } from './purges.ts';
import type { Store } from './store.ts';
import { insertIntent } from './wipe.ts';

/** W5. Result, CDR, state, wipe intent, event and audit together: after it the call is history. */
export function endCall(
  store: Store,
  ...[call, fence, result, wanted, now]: Parameters<FaxRecords['endCall']>
): Promise<boolean> {
  return store.database.transaction(async (tx) => {
    const live = await lockCall(tx, call, fence);
    if (live === undefined) return false;
    if (live.call.direction !== 'outbound') throw new RecordsError('usage', 'an inbound call ends by inboundEnded');
    // A wish to cancel that came in just before the end must not be lost in a retry.
    const after: AfterCall = live.fax.cancelAsked && wanted.state === 'queued' ? { state: 'canceled' } : wanted;
    const confirmed = confirmedPages(live, result);
    await endJournal(tx, live, result, now);
    await changeFax(tx, live.fax, faxAfter(live, result, after, confirmed, now), now);
    await writeCallCdr(store, tx, live, result, after.state, now);
    // Gate 2 was passed: the carrier may have been given pages.
    if (live.call.stored && live.call.state === 'in_call') await orderPurge(tx, live.call, now);
    if (imageEnds(live, after)) await insertIntent(tx, live.fax.id, `fax_${after.state}`, now);
    const data = eventData(live, result, after, confirmed);
    await note(tx, GATEWAY, live.fax.account, 'call.end', live.fax.id, { call, ...data }, now);
    const event = { type: eventOf(after.state), fax: live.fax.id, data: { call, ...data } };
    await store.ledger.append(tx, live.fax.account, [event], now, after.state === 'queued' ? 0 : -1);
    return true;
  });
}

/** The journal, or what the carrier's own record knows beyond it; page numbers of the fax. */
function confirmedPages({ call, fax }: LiveCall, result: CallResult): number {
  const told = call.firstPage - 1 + result.pagesConfirmed;
  return Math.min(Math.max(fax.pagesConfirmed, call.pagesConfirmed, told), fax.pages ?? Number.MAX_SAFE_INTEGER);
}

/** Marks the call's row as ended. */
export async function endJournal(tx: Transaction, { call }: LiveCall, result: CallResult, now: number): Promise<void> {
  await tx.change(
    `update calls set state = 'ended', ended_at = $2, remote_id = coalesce($3, remote_id),
       line = coalesce($4, line), pages_confirmed = greatest(pages_confirmed, first_page - 1 + $5::int) where id = $1`,
    [call.id, now, result.remoteId, result.line === null ? null : JSON.stringify(result.line), result.pagesConfirmed],
  );
}

function faxAfter(live: LiveCall, result: CallResult, after: AfterCall, confirmed: number, now: number): FaxChange {
  const shared = {
    ...RELEASED,
    state: after.state,
    pages_confirmed: confirmed,
    remote_id: result.remoteId ?? live.fax.remoteId,
    cause: after.state === 'canceled' ? 'canceled' : result.cause,
    detail: result.detail,
    cancel_asked: false,
  };
  if (after.state !== 'queued') return { ...shared, next_call_at: null, finished_at: now };
  return { ...shared, next_call_at: after.at, line: after.line };
}

/** When the transmission is over, or the image lives for one call; an uncertain one waits for a decision. */
function imageEnds({ fax }: LiveCall, after: AfterCall): boolean {
  if (after.state === 'queued') return !after.keepImage;
  return after.state !== 'uncertain' || fax.policy.uncertainHold === 0;
}

const RESULTS: Readonly<Record<Exclude<AfterCall['state'], 'queued'>, Cdr['result']>> = {
  delivered: 'ok',
  partial: 'partial',
  failed: 'failed',
  canceled: 'canceled',
  uncertain: 'uncertain',
};

/** Of a call that another one follows: a page that the far machine gave up is not in doubt, it was not printed. */
function resultOf(state: AfterCall['state'], result: CallResult): Cdr['result'] {
  if (state !== 'queued') return RESULTS[state];
  if (inDoubt(result)) return 'uncertain';
  return result.pagesConfirmed > 0 ? 'partial' : 'failed';
}

async function writeCallCdr(
  store: Store,
  tx: Transaction,
  { call, fax }: LiveCall,
  result: CallResult,
  state: AfterCall['state'],
  now: number,
): Promise<void> {
  const facts: CdrFacts = {
    call: call.id,
    remoteId: result.remoteId ?? call.remoteId,
    carrier: call.carrier,
    reference: call.reference,
    attempt: fax.attempts,
    startedAt: call.intendedAt,
    answeredAt: call.answeredAt,
    endedAt: now,
    pages: fax.pages,
    pagesSent: Math.max(result.pagesConfirmed, call.pagesConfirmed - call.firstPage + 1),
    result: resultOf(state, result),
    cause: result.cause,
    detail: result.detail,
    billable: causeFacts(result.cause).billable,
    line: result.line ?? call.line,
    route: call.route,
    faxState: state,
    ladder: result.ladder,
  };
  const charge = chargeOf(store, tx, fax, facts, result.lineSeconds);
  await writeCdr(tx, fax, facts, { charge, country: countryOf(store, fax) });
}

function eventData(
  { fax }: LiveCall,
  result: CallResult,
  after: AfterCall,
  confirmed: number,
): Readonly<Record<string, unknown>> {
  const data = { cause: result.cause, attempt: fax.attempts, pages: fax.pages, pagesConfirmed: confirmed };
  return after.state === 'queued' ? { ...data, nextCallAt: after.at } : data;
}

/** The event that tells of an outbound fax's new state. */
export function eventOf(state: Extract<OutboundState, AfterCall['state']>): EventType {
  return state === 'queued' ? 'fax.retry' : `fax.${state}`;
}
