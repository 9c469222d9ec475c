/**
 * Reports by country: a CDR keeps where its far number is, and the sums tell countries apart; what stands already has none.
 * Reports by number and by user read the CDRs themselves. Saved reports are those of an account, or of the administrators.
 */
export const REPORTS = `
alter table cdrs add column country text;
alter table cdr_sums add column country text not null default '';
alter table cdr_sums drop constraint cdr_sums_pkey;
alter table cdr_sums add primary key (account, unit, slot, direction, carrier, cause, result, country);

create table saved_reports (
  -- Id of an account; empty: of the administrators.
  owner text not null,
  name text not null,
  title text not null,
  query jsonb not null,
  changed_by text not null,
  changed_at bigint not null,
  primary key (owner, name)
);
`;
