import { causeFacts } from '../fax/cause.ts';
import type { PageOptions } from '../fax/fax.ts';
import { FIRST_LINE_SETTINGS } from '../fax/policy.ts';
import type { KnownFax } from '../ports/carrier-adapter.ts';
import type { Claim, FaxRecords } from '../ports/fax-records.ts';
import { GATEWAY, note } from './audit.ts';
import { type LiveCall, lockCall } from './call-row.ts';
import { type CdrFacts, writeCdr } from './cdr-row.ts';
import { chargeOf } from './charge.ts';
import { countryOf } from './country.ts';
import type { Sql, Transaction } from './database.ts';
import { endJournal } from './end-call.ts';
import { RecordsError } from './errors.ts';
import { changeFax, faxOf, lockFax, RELEASED } from './fax-row.ts';
import { orderPurge } from './purges.ts';
import { writePages } from './render.ts';
import type { Store } from './store.ts';
import { insertIntent } from './wipe.ts';

/** Nothing is rendered for a fax that comes in; its pages say themselves what they are. */
const NOT_RENDERED: PageOptions = {
  resolution: 'fine',
  halftone: 'auto',
  contrast: 0,
  paper: 'a4',
  header: null,
  senderName: '',
  csid: '',
  timeZone: 'UTC',
  cover: null,
};

/** A call rings: fax, call and the right to work on it. */
export function ring(store: Store, ...[inbound, worker, lease, now]: Parameters<FaxRecords['ring']>): Promise<Claim> {
  return store.database.transaction(async (tx) => {
    await tx.change(
      `insert into faxes (id, account, direction, state, from_number, to_number, pages, retries, retry_interval,
         priority, options, policy, line, tags, documents, created_at, updated_at, image_exists, fence, worker, lease_until)
       values ($1, $2, 'inbound', 'ringing', $3, $4, 0, 0, 0, 0, $5, $6, $7, '{}', 0, $8, $8, true, 1, $9, $10)`,
      [
        inbound.id,
        inbound.account,
        inbound.from,
        inbound.to,
        JSON.stringify(NOT_RENDERED),
        JSON.stringify(inbound.policy),
        JSON.stringify(FIRST_LINE_SETTINGS),
        now,
        worker,
        now + lease,
      ],
    );
    await tx.change(
      `insert into calls (id, fax, account, direction, carrier, reference, stored, fence, state, first_page,
         page_started, pages_confirmed, intended_at)
       values ($1, $2, $3, 'inbound', $4, $5, $7, 1, 'intended', 1, 0, 0, $6)`,
      [inbound.call, inbound.id, inbound.account, inbound.carrier, inbound.reference, now, inbound.stored ?? false],
    );
    await keepKey(tx, inbound.id);
    const row = await lockFax(tx, inbound.id);
    if (row === undefined) throw new RecordsError('usage', 'a fax that was just written is gone');
    return { fax: faxOf(row), fence: 1 };
  });
}

/** What is known of a stored fax of `carrier`; undefined: it may be taken. */
export async function knownFax(sql: Sql, carrier: string, reference: string): Promise<KnownFax | undefined> {
  const row = await sql.row<{ known: KnownFax }>(
    `select case when c.state <> 'ended' then 'receiving'
       when exists (select 1 from carrier_purges p where p.call = c.id) then 'received' else 'rejected' end as known
     from calls c where c.carrier = $1 and c.reference = $2 and c.direction = 'inbound' and c.stored`,
    [carrier, reference],
  );
  return row?.known;
}

/** A key made for a call does not expire as an upload does. Reception may make it before or after the first ring. */
async function keepKey(sql: Sql, fax: string): Promise<void> {
  await sql.change(`update vault_keys set state = 'live', expires_at = null where fax = $1 and state = 'uploading'`, [
    fax,
  ]);
}

/** Answered. */
export function receiving(
  store: Store,
  ...[call, fence, remoteId, now, subaddress = null]: Parameters<FaxRecords['receiving']>
): Promise<boolean> {
  return store.database.transaction(async (tx) => {
    const live = await lockCall(tx, call, fence);
    if (live === undefined || live.call.state !== 'intended') return false;
    await changeFax(tx, live.fax, { state: 'receiving', remote_id: remoteId, subaddress }, now);
    await tx.change(`update calls set state = 'in_call', answered_at = $2, remote_id = $3 where id = $1`, [
      call,
      now,
      remoteId,
    ]);
    await keepKey(tx, live.fax.id);
    await store.ledger.append(
      tx,
      live.fax.account,
      [{ type: 'fax.receiving', fax: live.fax.id, data: { call, subaddress } }],
      now,
    );
    return true;
  });
}

/** The page is durable in the vault and may be confirmed once this has answered. */
export function pageReceived(
  store: Store,
  ...[call, fence, page, line, now]: Parameters<FaxRecords['pageReceived']>
): Promise<boolean> {
  return store.database.transaction(async (tx) => {
    const live = await lockCall(tx, call, fence);
    if (live === undefined) return false;
    if (live.fax.state !== 'receiving' || page.number !== live.call.pagesConfirmed + 1) {
      throw new RecordsError('usage', 'illegal step of a call: a received page out of order');
    }
    await writePages(tx, live.fax.id, [page]);
    await tx.change('update calls set page_started = $2, pages_confirmed = $2, line = $3 where id = $1', [
      call,
      page.number,
      JSON.stringify(line),
    ]);
    await changeFax(tx, live.fax, { pages: page.number, pages_confirmed: page.number }, now);
    await keepKey(tx, live.fax.id);
    const data = { call, page: page.number, pages: null, line };
    await store.ledger.append(tx, live.fax.account, [{ type: 'fax.page', fax: live.fax.id, data }], now);
    return true;
  });
}

/** The call is over: `received` with its whole pages, or `failed` with none. */
export function inboundEnded(
  store: Store,
  ...[call, fence, result, sealedKey, now, copy]: Parameters<FaxRecords['inboundEnded']>
): Promise<boolean> {
  return store.database.transaction(async (tx) => {
    const live = await lockCall(tx, call, fence);
    if (live === undefined) return false;
    if (live.call.direction !== 'inbound') throw new RecordsError('usage', 'an outbound call ends by endCall');
    const again = live.call.stored && copy === 'take_again';
    if (again) await dropTaken(tx, live);
    const pages = again ? 0 : live.call.pagesConfirmed;
    const state = pages > 0 ? 'received' : 'failed';
    // The journal knows the pages; what the carrier counts may include one that was never durable.
    await endJournal(tx, live, { ...result, pagesConfirmed: 0 }, now);
    await changeFax(
      tx,
      live.fax,
      {
        ...RELEASED,
        state,
        cause: result.cause,
        detail: result.detail,
        remote_id: result.remoteId ?? live.fax.remoteId,
        sealed_key: again ? null : sealedKey,
        finished_at: now,
        ...(again ? { pages: 0, pages_confirmed: 0 } : {}),
      },
      now,
    );
    await writeInboundCdr(store, tx, live, result, pages, now);
    if (live.call.stored && copy === 'purge') await orderPurge(tx, live.call, now);
    // inbound_hold 0: nobody took it while the call lasted, so it dies with the call.
    if (state === 'failed' || live.fax.policy.inboundHold === 0) {
      await insertIntent(tx, live.fax.id, state === 'failed' ? 'receive_failed' : 'hold_expired', now);
    }
    const type = state === 'received' ? 'fax.received' : 'fax.receive_failed';
    const data = { call, cause: result.cause, pages, subaddress: live.fax.subaddress };
    await note(tx, GATEWAY, live.fax.account, type, live.fax.id, data, now);
    await store.ledger.append(tx, live.fax.account, [{ type, fax: live.fax.id, data }], now);
    return true;
  });
}

/** The carrier has the whole fax still, and its next offer is taken: a part of it is worth nothing beside that. */
async function dropTaken(tx: Transaction, { call, fax }: LiveCall): Promise<void> {
  await tx.change('update calls set stored = false, page_started = 0, pages_confirmed = 0 where id = $1', [call.id]);
  await tx.change('delete from pages where fax = $1', [fax.id]);
}

async function writeInboundCdr(
  store: Store,
  tx: Transaction,
  { call, fax }: LiveCall,
  result: Parameters<FaxRecords['inboundEnded']>[2],
  pages: number,
  now: number,
): Promise<void> {
  const state = pages > 0 ? 'received' : 'failed';
  const whole = result.cause === 'ok' ? 'ok' : 'partial';
  const facts: CdrFacts = {
    call: call.id,
    remoteId: result.remoteId ?? call.remoteId,
    carrier: call.carrier,
    reference: call.reference,
    attempt: 1,
    startedAt: call.intendedAt,
    answeredAt: call.answeredAt,
    endedAt: now,
    pages,
    pagesSent: pages,
    result: state === 'received' ? whole : 'failed',
    cause: result.cause,
    detail: result.detail,
    billable: causeFacts(result.cause).billable && call.answeredAt !== null,
    line: result.line ?? call.line,
    faxState: state,
    ladder: result.ladder,
  };
  const charge = chargeOf(store, tx, fax, facts, result.lineSeconds);
  await writeCdr(tx, fax, facts, { charge, country: countryOf(store, fax) });
}
