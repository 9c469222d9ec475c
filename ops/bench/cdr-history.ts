import pg from 'pg';
import { DEFAULT_POLICY, FIRST_LINE_SETTINGS } from '../../gateway/fax/policy.ts';

/** How large a history to make. */
export interface HistorySize {
  readonly rows: number;
  readonly months: number;
  readonly accounts: number;
}

/** Receipts are made for the newest faxes only: at 4 KB a fax, all of them would need more room than everything else. */
const RECEIPTS = 50_000;

/** The account of the history with this place; the first has 13 % of all calls, as the distribution is 1/n. */
export function accountAt(place: number): string {
  return `acc_${String(place).padStart(26, '0')}`;
}

/**
 * Fills an empty, migrated database with call detail records as years of service leave them: `months` that end with this
 * one, calls between 6 and 18 h, a third of them inbound (every tenth account only sends), 86 % delivered, 1 in 2,000
 * uncertain, tags on half, one in ten with another country. As a COPY would be, it is loaded without secondary indexes, which are built afterwards.
 */
export async function makeHistory(
  client: pg.ClientBase,
  size: HistorySize,
  tell: (line: string) => void,
): Promise<void> {
  await client.query(`set synchronous_commit = off; set work_mem = '256MB'; set maintenance_work_mem = '512MB'`);
  await insertAccounts(client, size);
  const indexes = await dropIndexes(client);
  for (let back = size.months - 1; back >= 0; back--) {
    await insertMonth(client, size, back);
    tell(`month ${size.months - back} of ${size.months}`);
  }
  for (const index of indexes) await client.query(index);
  tell('indexes');
  await client.query(SUM_UP);
  await insertReceipts(client);
  tell('sums and receipts');
  for (const table of ['cdrs', 'cdr_sums', 'receipts', 'accounts']) await client.query(`vacuum analyze ${table}`);
}

async function insertAccounts(client: pg.ClientBase, { accounts }: HistorySize): Promise<void> {
  await client.query(
    `insert into accounts (id, name, title, policy, cidrs, created_at)
     select 'acc_' || lpad(k::text, 26, '0'), 'bench-' || k, '', '{}', '{}', 0 from generate_series(1, $1::int) k`,
    [accounts],
  );
}

/** Answers the definitions of the indexes that it dropped: all but the primary key. */
async function dropIndexes(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `select indexname as name, indexdef as definition from pg_indexes
     where schemaname = current_schema() and tablename = 'cdrs' and indexname <> 'cdrs_pkey'`,
  );
  for (const { name } of rows) await client.query(`drop index ${pg.escapeIdentifier(name)}`);
  return rows.map(({ definition }) => definition.replace(' ON ONLY ', ' ON '));
}

const INSERT_MONTH = `
insert into cdrs (id, account, user_id, fax, batch, call, direction, from_number, to_number, remote_id, carrier, reference,
  attempt, started_at, answered_at, ended_at, duration, pages, pages_sent, result, cause, detail, billable, line, fax_state,
  tags, country)
select 'cdr_' || lpad(to_hex(at), 10, '0') || substr(hash, 1, 16), 'acc_' || lpad(k::text, 26, '0'),
  case when inbound then null else 'usr_' || lpad(k::text, 24, '0') || '0' || n % 3 end,
  'fax_' || lpad(to_hex(at), 10, '0') || substr(hash, 1, 16), null,
  case when result = 'canceled' then null else 'call_' || lpad(to_hex(at), 10, '0') || substr(hash, 1, 16) end,
  case when inbound then 'inbound' else 'outbound' end, case when inbound then far else own end,
  case when inbound then own else far end, case when result = 'ok' then far end,
  case when result = 'canceled' then null else 'carrier-' || n % 3 end, substr(hash, 1, 32), 1, at - 40000, at - pages * 32000,
  at, case when result = 'ok' then pages * 32000 else 0 end, pages, case when result = 'ok' then pages else 0 end, result,
  case result when 'ok' then 'ok' when 'canceled' then 'canceled' when 'uncertain' then 'uncertain' when 'partial' then 'line_lost'
    else (array['busy', 'no_answer', 'no_fax', 'training_failed'])[1 + n % 4] end,
  '', result in ('ok', 'partial', 'uncertain'),
  case when result = 'ok' then '{"rate":14400,"modulation":"V.17","compression":"MMR","ecm":true,"t38":true,"retrains":0,"badRows":0}'::jsonb end,
  case when inbound then 'wiped' when result = 'ok' then 'delivered' else result end,
  case n % 4 when 0 then jsonb_build_object('case', 'A-' || n / 8) when 1 then jsonb_build_object('dept', 'd' || n % 5) else '{}' end,
  case when n % 10 < 9 then 'DE' else (array['AT', 'CH', 'FR', 'GB', 'US'])[1 + n / 10 % 5] end
from (
  select n, k, at, pages, hash, dice < 0.3 and k % 10 > 0 as inbound,
    '+4930' || lpad((k * 10 + n % 5)::text, 7, '0') as own, '+4989' || lpad((power(200000, far))::int::text, 7, '0') as far,
    case when luck < 0.86 then 'ok' when luck < 0.975 then 'failed' when luck < 0.995 then 'canceled'
      when luck < 0.9995 then 'partial' else 'uncertain' end as result
  from (
    select n, floor(power($4::int, random()))::int as k, md5(n::text) as hash, 1 + floor(-2 * ln(1 - random()))::int as pages,
      random() as dice, random() as far, random() as luck,
      $1::bigint + 86400000 * floor(random() * $2::int)::bigint + 21600000 + ((random() + random()) * 21600000)::bigint as at
    from generate_series($3::bigint, $3::bigint + $5::bigint - 1) n offset 0
  ) drawn
) calls order by at`;

async function insertMonth(
  client: pg.ClientBase,
  { rows, months, accounts }: HistorySize,
  back: number,
): Promise<void> {
  const today = new Date();
  const start = Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - back);
  const days =
    back === 0
      ? today.getUTCDate()
      : new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - back + 1, 0)).getUTCDate();
  const share = Math.floor(rows / months);
  await client.query('select make_cdr_month($1)', [start]);
  await client.query(INSERT_MONTH, [start, days, (months - back) * share, accounts, share]);
}

/** In order of time, as service writes them. */
const SUM_UP = `
insert into cdr_sums (account, unit, slot, direction, carrier, cause, result, country, cdrs, calls, pages, billable_calls,
  billable_seconds)
select account, 'quarter', ended_at - ended_at % 900000, direction, coalesce(carrier, ''), cause, result, coalesce(country, ''),
  count(*), count(call), sum(pages_sent), count(*) filter (where billable),
  coalesce(sum((duration + 999) / 1000) filter (where billable), 0)
from cdrs group by 1, 2, 3, 4, 5, 6, 7, 8 order by 3;
insert into cdr_sums (account, unit, slot, direction, carrier, cause, result, country, cdrs, calls, pages, billable_calls,
  billable_seconds)
select account, 'day', slot - slot % 86400000, direction, carrier, cause, result, country, sum(cdrs), sum(calls), sum(pages),
  sum(billable_calls), sum(billable_seconds)
from cdr_sums group by 1, 2, 3, 4, 5, 6, 7, 8 order by 3;
insert into cdr_sums (account, unit, slot, direction, carrier, cause, result, country, cdrs, calls, pages, billable_calls,
  billable_seconds)
select account, 'month', extract(epoch from date_trunc('month', to_timestamp(slot / 1000) at time zone 'UTC')) * 1000,
  direction, carrier, cause, result, country, sum(cdrs), sum(calls), sum(pages), sum(billable_calls), sum(billable_seconds)
from cdr_sums where unit = 'day' group by 1, 2, 3, 4, 5, 6, 7, 8`;

async function insertReceipts(client: pg.ClientBase): Promise<void> {
  await client.query(
    `insert into receipts (fax, epoch, jws, epoch_jws, at)
     select fax, 1, repeat(md5(fax), 70), repeat(md5(id), 55), ended_at from cdrs order by ended_at desc limit $1`,
    [RECEIPTS],
  );
}

/** The faxes of the history's calls, all ended and erased, and what they left in the audit log and the webhooks. */
export async function makeFaxes(client: pg.ClientBase): Promise<void> {
  await client.query(`set synchronous_commit = off; set work_mem = '256MB'`);
  await client.query(FAXES, [JSON.stringify(OPTIONS), JSON.stringify(POLICY), JSON.stringify(FIRST_LINE_SETTINGS)]);
  await client.query(AUDIT);
  for (const table of ['faxes', 'audit']) await client.query(`vacuum analyze ${table}`);
}

/** What a fax is sent with when nobody asks for anything. */
const OPTIONS = {
  ...{ resolution: 'fine', halftone: 'auto', contrast: 0, paper: 'a4', header: null, senderName: '', csid: '' },
  ...{ timeZone: 'UTC', cover: null },
};
const { imageLife, uncertain, uncertainHold, inboundHold } = DEFAULT_POLICY;
const POLICY = { imageLife, uncertain, uncertainHold, inboundHold };

const FAXES = `
insert into faxes (id, account, user_id, direction, batch, state, from_number, to_number, remote_id, pages, pages_confirmed,
  attempts, retries, retry_interval, priority, cause, detail, options, policy, line, tags, documents, created_at, updated_at,
  finished_at, image_exists)
select fax, account, user_id, direction, batch, fax_state, from_number, to_number, remote_id, pages, pages_sent, attempt, 3,
  120, 5, cause, detail, $1, $2, $3, tags, 1, started_at - 1000, ended_at, ended_at, false
from cdrs order by started_at`;

/** One entry for every eighth call. */
const AUDIT = `
insert into audit (at, actor, address, account, action, object, detail)
select ended_at, coalesce(user_id, 'local'), '192.0.2.1', account, 'fax.preview', fax, '{}'
from cdrs where right(id, 1) < '2' order by ended_at`;
