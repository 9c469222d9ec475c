import type { CdrsRetired } from '../ports/cdr-records.ts';
import { beQuick, type CdrMonth, cdrMonths } from './cdr-months.ts';
import type { Database, Sql, Transaction } from './database.ts';

/** Milliseconds of a day. */
const DAY = 86_400_000;

/** Up to which moment each account's CDRs are past their time ($1 now, $2 the gateway's days); 0 where they stay. */
const DUE = `due as (
  select id as account, case when days > 0 then greatest($1::bigint - days * ${DAY}, 0) else 0 end as before from (
    select id, coalesce((policy ->> 'cdrRetentionDays')::bigint, $2::bigint) as days from accounts
  ) kept)`;

/** Faxes of which an image, its wipe or a receipt is still to come: few beside those that have ended. */
const OUTSTANDING = `outstanding as (
  select id as fax from faxes where image_exists
  union select fax from vault_keys
  union select fax from wipe_intents
  union select fax from carrier_purges where next_at is not null
  union select r.fax from epochs e join receipts r on r.epoch = e.number where e.state <> 'destroyed')`;

/** The same of one CDR `d`, by the keys of the tables. */
const IS_OUTSTANDING = `(exists (select 1 from faxes f where f.id = d.fax and f.image_exists)
  or exists (select 1 from vault_keys k where k.fax = d.fax)
  or exists (select 1 from wipe_intents w where w.fax = d.fax)
  or exists (select 1 from carrier_purges p where p.fax = d.fax and p.next_at is not null)
  or exists (select 1 from receipts r join epochs e on e.number = r.epoch where r.fax = d.fax and e.state <> 'destroyed'))`;

/** @see CdrRecords.retire */
export async function retireCdrs(database: Database, now: number, days: number, limit: number): Promise<CdrsRetired> {
  const latest = await latestDue(database, now, days);
  for (const month of await cdrMonths(database)) {
    if (month.since >= latest) break;
    if (month.until <= latest && (await dropMonth(database, month, now, days))) {
      return { cdrs: 0, months: 1, more: true };
    }
    const cdrs = await deleteDue(database, month, now, days, limit);
    if (cdrs > 0) return { cdrs, months: 0, more: true };
  }
  return { cdrs: 0, months: 0, more: false };
}

async function latestDue(sql: Sql, now: number, days: number): Promise<number> {
  const row = await sql.row<{ latest: number }>(`with ${DUE} select coalesce(max(before), 0) as latest from due`, [
    now,
    days,
  ]);
  return row?.latest ?? 0;
}

/** Drops the month's table when nothing in it has to stay. Its rows are held, so that none is written in between. */
function dropMonth(database: Database, month: CdrMonth, now: number, days: number): Promise<boolean> {
  return database.transaction(async (tx) => {
    if (await mustStay(tx, month, now, days)) return false;
    await beQuick(tx);
    await tx.change(`alter table cdrs detach partition ${month.table}`);
    if (await mustStay(tx, month, now, days)) throw new Error('a CDR was written into a month that was being dropped');
    await tx.change(`drop table ${month.table}`);
    return true;
  });
}

async function mustStay(tx: Transaction, { table }: CdrMonth, now: number, days: number): Promise<boolean> {
  const row = await tx.row<{ stays: boolean }>(
    `with ${DUE}, ${OUTSTANDING} select exists (
       select 1 from due where exists (select 1 from ${table} d where d.account = due.account and d.ended_at >= due.before)
     ) or exists (
       select 1 from outstanding o where exists (select 1 from ${table} d where d.fax = o.fax)
     ) as stays`,
    [now, days],
  );
  return row?.stays !== false;
}

/** Rows are chosen account by account through the index, and deleted where they lie. */
function deleteDue(sql: Sql, { table }: CdrMonth, now: number, days: number, limit: number): Promise<number> {
  return sql.change(
    `with ${DUE}
     delete from ${table} where ctid = any(array(
       select found.ctid from due cross join lateral (
         select d.ctid from ${table} d where d.account = due.account and d.ended_at < due.before
           and not ${IS_OUTSTANDING} limit $3
       ) found limit $3))`,
    [now, days, limit],
  );
}
