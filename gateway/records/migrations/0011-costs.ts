/**
 * What calls cost, in millionths of the gateway's currency: null where no rate told it. `charged_seconds` is the time that
 * the price was made of. Sums hold what is known, and how many billable calls are not in it. A mark stands for a budget
 * that has run low or out in one calendar day or month.
 */
export const COSTS = `
alter table cdrs add column cost bigint, add column currency text, add column charged_seconds integer;
alter table cdr_sums
  add column cost bigint not null default 0,
  add column unpriced_calls integer not null default 0;

create table budget_marks (
  kind text not null check (kind in ('account', 'carrier')),
  -- Id of an account, or name of a carrier.
  name text not null,
  span text not null check (span in ('day', 'month')),
  since bigint not null,
  until bigint not null,
  level text not null check (level in ('warned', 'spent')),
  spent bigint not null,
  budget bigint not null,
  at bigint not null,
  primary key (kind, name, span)
);
`;
