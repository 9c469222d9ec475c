/**
 * Numbers that several accounts share. A number still has one account, which receives whatever names no subaddress that
 * somebody has, unless `subaddress_only` says that nobody does.
 */
export const SUBADDRESSES = `
alter table numbers add column subaddress_only boolean not null default false;

create table subaddresses (
  number text not null references numbers,
  subaddress text not null check (subaddress ~ '^[0-9]{1,20}$'),
  account text not null references accounts,
  label text not null,
  created_at bigint not null,
  primary key (number, subaddress)
);
create index subaddresses_account on subaddresses (account);

alter table faxes add column subaddress text;
alter table cdrs add column subaddress text;
`;
