/**
 * CDRs for years: one table a month (UTC, by the end of the call), a net below it for rows whose month nobody has made
 * ready, and sums by quarter of an hour, day and month for reports. A quarter, because every time zone in use is a whole
 * number of them from UTC. Receipts are not repeated in each CDR any more but read from where they are first written, so that a
 * CDR never changes once it stands. Existing rows move over; `make_cdr_month` is what the upkeep calls from then on.
 */
export const CDR_MONTHS = `
alter table cdrs rename to cdrs_flat;
alter table cdrs_flat drop constraint cdrs_pkey;
drop index cdrs_call, cdrs_fax, cdrs_account, cdrs_time;

create table cdrs (
  id text not null,
  account text not null,
  user_id text,
  fax text not null,
  batch text,
  call text,
  direction text not null,
  from_number text,
  to_number text not null,
  remote_id text,
  carrier text,
  reference text,
  attempt integer not null,
  started_at bigint not null,
  answered_at bigint,
  ended_at bigint not null,
  duration bigint not null,
  pages integer,
  pages_sent integer not null,
  result text not null,
  cause text not null,
  detail text not null,
  billable boolean not null,
  line jsonb,
  fax_state text not null,
  tags jsonb not null,
  primary key (ended_at, id)
) partition by range (ended_at);
create table cdrs_rest partition of cdrs default;
create unique index cdrs_rest_call_once on cdrs_rest (call) where call is not null;

create index cdrs_fax on cdrs (fax);
create index cdrs_account on cdrs (account, ended_at desc, id desc);
create index cdrs_to on cdrs (to_number, ended_at desc, id desc);
create index cdrs_from on cdrs (from_number, ended_at desc, id desc) where from_number is not null;
create index cdrs_user on cdrs (user_id, ended_at desc, id desc) where user_id is not null;
create index cdrs_tags on cdrs using gin (tags jsonb_path_ops) where tags <> '{}';
create index cdrs_inbound on cdrs (account, ended_at desc, id desc) where direction = 'inbound';
create index cdrs_rare on cdrs (result, account, ended_at desc, id desc) where result in ('partial', 'uncertain', 'canceled');

-- Makes the month of the moment ready (milliseconds), with any of its rows that the net has caught; false if it stands.
create function make_cdr_month(moment bigint) returns boolean language plpgsql as $body$
declare
  first timestamp := date_trunc('month', to_timestamp(moment / 1000.0) at time zone 'UTC');
  since bigint := extract(epoch from first) * 1000;
  until bigint := extract(epoch from first + interval '1 month') * 1000;
  month text := 'cdrs_' || to_char(first, 'YYYYMM');
begin
  if to_regclass(month) is not null then return false; end if;
  -- Taken first, so that no row of the month comes in between the move and the attachment, and nobody else makes it.
  lock table cdrs_rest in access exclusive mode;
  if to_regclass(month) is not null then return false; end if;
  execute format('create table %I (like cdrs including defaults including constraints)', month);
  execute format(
    'with moved as (delete from cdrs_rest where ended_at >= %s and ended_at < %s returning *) insert into %I select * from moved',
    since, until, month);
  execute format('create unique index %I on %I (call) where call is not null', month || '_call_once', month);
  execute format('alter table cdrs attach partition %I for values from (%s) to (%s)', month, since, until);
  return true;
end $body$;

select make_cdr_month(moment) from (
  select distinct (extract(epoch from date_trunc('month', to_timestamp(ended_at / 1000.0) at time zone 'UTC')) * 1000)::bigint
    as moment from cdrs_flat
  union
  select (extract(epoch from date_trunc('month', now() at time zone 'UTC') + ahead * interval '1 month') * 1000)::bigint
    from generate_series(0, 3) as ahead
) months;

insert into cdrs (id, account, user_id, fax, batch, call, direction, from_number, to_number, remote_id, carrier, reference,
  attempt, started_at, answered_at, ended_at, duration, pages, pages_sent, result, cause, detail, billable, line, fax_state,
  tags)
select id, account, user_id, fax, batch, call, direction, from_number, to_number, remote_id, carrier, reference, attempt,
  started_at, answered_at, ended_at, duration, pages, pages_sent, result, cause, detail, billable, line, fax_state, tags
from cdrs_flat;
drop table cdrs_flat;

create table cdr_sums (
  account text not null,
  unit text not null check (unit in ('quarter', 'day', 'month')),
  -- First moment (UTC) of the quarter of an hour, day or month in which the calls ended.
  slot bigint not null,
  direction text not null,
  -- Empty for faxes that ended without a call.
  carrier text not null,
  cause text not null,
  result text not null,
  cdrs integer not null,
  calls integer not null,
  pages bigint not null,
  billable_calls integer not null,
  billable_seconds bigint not null,
  primary key (account, unit, slot, direction, carrier, cause, result)
) with (fillfactor = 80);
create index cdr_sums_slot on cdr_sums (unit, slot);

insert into cdr_sums
select account, 'quarter', ended_at - ended_at % 900000, direction, coalesce(carrier, ''), cause, result, count(*),
  count(call), sum(pages_sent), count(*) filter (where billable),
  coalesce(sum((duration + 999) / 1000) filter (where billable), 0)
from cdrs group by 1, 2, 3, 4, 5, 6, 7;
insert into cdr_sums
select account, 'day', slot - slot % 86400000, direction, carrier, cause, result, sum(cdrs), sum(calls), sum(pages),
  sum(billable_calls), sum(billable_seconds)
from cdr_sums group by 1, 2, 3, 4, 5, 6, 7;
insert into cdr_sums
select account, 'month', extract(epoch from date_trunc('month', to_timestamp(slot / 1000) at time zone 'UTC')) * 1000,
  direction, carrier, cause, result, sum(cdrs), sum(calls), sum(pages), sum(billable_calls), sum(billable_seconds)
from cdr_sums where unit = 'day' group by 1, 2, 3, 4, 5, 6, 7;
`;
