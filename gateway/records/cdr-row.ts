import { randomId } from '../../crypto/index.ts';
import type { Cdr } from '../fax/cdr.ts';
import { newId } from '../fax/ids.ts';
import type { Sql } from './database.ts';
import type { FaxRow } from './fax-row.ts';

/** Columns of a CDR as `Cdr` names them. */
export const CDR_COLUMNS = `d.id, d.account, d.user_id as "user", d.fax, d.batch, d.call, d.direction,
  d.from_number as "from", d.to_number as "to", d.remote_id as "remoteId", d.carrier, d.reference, d.attempt,
  d.started_at as "startedAt", d.answered_at as "answeredAt", d.ended_at as "endedAt", d.duration, d.pages,
  d.pages_sent as "pagesSent", d.result, d.cause, d.detail, d.billable, d.line, d.fax_state as "faxState", d.tags,
  d.receipt, d.epoch_receipt as "epochReceipt"`;

/** What a CDR tells beyond its fax. */
export type CdrFacts = Pick<
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

/** Longest detail that is kept: it comes from a carrier or a far machine. */
const LONGEST_DETAIL = 500;

/**
 * Writes the CDR of `fax`. `duration` is the time that the line was open: from answer to end, 0 when nobody answered.
 * Receipts that exist already (an image that was wiped before the fax ended) are taken over.
 */
export async function writeCdr(sql: Sql, fax: FaxRow, facts: CdrFacts): Promise<void> {
  await sql.change(
    `insert into cdrs (id, account, user_id, fax, batch, call, direction, from_number, to_number, remote_id, carrier,
       reference, attempt, started_at, answered_at, ended_at, duration, pages, pages_sent, result, cause, detail,
       billable, line, fax_state, tags, receipt, epoch_receipt)
     select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
       $24, $25, $26, r.jws, r.epoch_jws from (select 1) one left join receipts r on r.fax = $4`,
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
      facts.answeredAt === null ? 0 : Math.max(0, facts.endedAt - facts.answeredAt),
      facts.pages,
      facts.pagesSent,
      facts.result,
      facts.cause,
      facts.detail.slice(0, LONGEST_DETAIL),
      facts.billable,
      facts.line === null ? null : JSON.stringify(facts.line),
      facts.faxState,
      JSON.stringify(fax.tags),
    ],
  );
}
