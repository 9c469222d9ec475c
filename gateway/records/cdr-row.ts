import { randomId } from '../../crypto/index.ts';
import type { Cdr } from '../fax/cdr.ts';
import type { Place } from '../fax/destination.ts';
import { newId } from '../fax/ids.ts';
import type { CallLadder } from '../fax/ladder.ts';
import { slotsOf } from './cdr-slots.ts';
import { type CdrCharge, openFor } from './charge.ts';
import type { Sql } from './database.ts';
import type { FaxRow } from './fax-row.ts';

/**
 * Columns of a CDR `d` as `Cdr` names them. Receipts come from `r`, the receipts of the fax, and what became of the
 * carrier's copy from `p`, the order to erase it: a CDR is written once and never changed, and shows them as they stand.
 */
export const CDR_COLUMNS = `d.id, d.account, d.user_id as "user", d.fax, d.batch, d.call, d.direction,
  d.from_number as "from", d.to_number as "to", d.country, d.remote_id as "remoteId", d.subaddress, d.carrier,
  d.reference, d.attempt,
  d.started_at as "startedAt", d.answered_at as "answeredAt", d.ended_at as "endedAt", d.duration, d.pages,
  d.pages_sent as "pagesSent", d.result, d.cause, d.detail, d.billable, d.cost, d.currency,
  d.charged_seconds as "chargedSeconds", d.line, d.route, d.fax_state as "faxState", d.tags,
  r.jws as receipt, r.epoch_jws as "epochReceipt", p.outcome as purge,
  p.receipts[cardinality(p.receipts)] as "purgeReceipt"`;

/** Where `r` and `p` of these columns come from. */
export const CDR_JOINS = 'left join receipts r on r.fax = d.fax left join carrier_purges p on p.call = d.call';

/** What a CDR tells beyond its fax, and the steps of its call. */
export type CdrFacts = { readonly ladder?: CallLadder | undefined; readonly route?: Cdr['route'] } & Pick<
  Cdr,
  | 'call'
  | 'remoteId'
  | 'carrier'
  | 'reference'
  | 'attempt'
  | 'startedAt'
  | 'answeredAt'
  | 'endedAt'
  | 'pages'
  | 'pagesSent'
  | 'result'
  | 'cause'
  | 'detail'
  | 'billable'
  | 'line'
  | 'faxState'
>;

/** What a CDR takes over from its fax. */
export type CdrFax = Pick<
  FaxRow,
  'id' | 'account' | 'user' | 'batch' | 'direction' | 'from' | 'to' | 'tags' | 'subaddress'
>;

/** Longest detail that is kept: it comes from a carrier or a far machine. */
const LONGEST_DETAIL = 500;

/**
 * Writes the CDR of `fax` and adds it to the sums of its slots, so that all stand or fall together. `duration` is the
 * time that the line was open: from answer to end, 0 when nobody answered. The rows of sums are held until the end of the
 * transaction; only the account's ledger is taken after it.
 */
export async function writeCdr(
  sql: Sql,
  fax: CdrFax,
  facts: CdrFacts,
  findings: CdrFindings = NOTHING_FOUND,
): Promise<void> {
  await insertCdr(sql, fax, facts, findings);
  await addUp(sql, fax, facts, findings);
}

/** What others know of a call that has ended. */
export interface CdrFindings {
  /** Null: there was no call, or its price is not known. */
  readonly charge: CdrCharge | null;
  /** Of the far number; null where it is not known. */
  readonly country: Place | null;
}

const NOTHING_FOUND: CdrFindings = { charge: null, country: null };

async function insertCdr(sql: Sql, fax: CdrFax, facts: CdrFacts, { charge, country }: CdrFindings): Promise<void> {
  await sql.change(
    `insert into cdrs (id, account, user_id, fax, batch, call, direction, from_number, to_number, remote_id, carrier,
       reference, attempt, started_at, answered_at, ended_at, duration, pages, pages_sent, result, cause, detail,
       billable, line, fax_state, tags, ladder, cost, currency, charged_seconds, route,
       subaddress, country)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
       $24, $25, $26, $27, $28, $29, $30, $31, $32, $33)`,
    [
      newId('cdr', (prefix) => randomId(prefix, facts.endedAt)),
      fax.account,
      fax.user,
      fax.id,
      fax.batch,
      facts.call,
      fax.direction,
      fax.from,
      fax.to,
      facts.remoteId,
      facts.carrier,
      facts.reference,
      facts.attempt,
      facts.startedAt,
      facts.answeredAt,
      facts.endedAt,
      openFor(facts),
      facts.pages,
      facts.pagesSent,
      facts.result,
      facts.cause,
      facts.detail.slice(0, LONGEST_DETAIL),
      facts.billable,
      facts.line === null ? null : JSON.stringify(facts.line),
      facts.faxState,
      JSON.stringify(fax.tags),
      facts.ladder === undefined ? null : JSON.stringify(facts.ladder),
      charge?.cost ?? null,
      charge?.currency ?? null,
      charge?.seconds ?? null,
      facts.route === undefined || facts.route === null ? null : JSON.stringify(facts.route),
      fax.subaddress,
      country,
    ],
  );
}

/** A call is billed by the second, a second that has begun counts. */
async function addUp(sql: Sql, fax: CdrFax, facts: CdrFacts, { charge, country }: CdrFindings): Promise<void> {
  const slots = slotsOf(facts.endedAt);
  await sql.change(
    `insert into cdr_sums as s (account, unit, slot, direction, carrier, cause, result, cdrs, calls, pages,
       billable_calls, billable_seconds, cost, unpriced_calls, country)
     select $1, unit, slot, $4, $5, $6, $7, 1, $8::int, $9::int, $10::int, $11::int, $12::bigint, $13::int, $14
     from unnest($2::text[], $3::bigint[]) as slots(unit, slot)
     on conflict (account, unit, slot, direction, carrier, cause, result, country) do update set cdrs = s.cdrs + 1,
       calls = s.calls + excluded.calls, pages = s.pages + excluded.pages,
       billable_calls = s.billable_calls + excluded.billable_calls,
       billable_seconds = s.billable_seconds + excluded.billable_seconds, cost = s.cost + excluded.cost,
       unpriced_calls = s.unpriced_calls + excluded.unpriced_calls`,
    [
      fax.account,
      slots.map(({ unit }) => unit),
      slots.map(({ since }) => since),
      fax.direction,
      facts.carrier ?? '',
      facts.cause,
      facts.result,
      facts.call === null ? 0 : 1,
      facts.pagesSent,
      facts.billable ? 1 : 0,
      facts.billable ? Math.ceil(openFor(facts) / 1_000) : 0,
      charge?.cost ?? 0,
      facts.billable && facts.answeredAt !== null && charge === null ? 1 : 0,
      country ?? '',
    ],
  );
}
