/**
 * Who may call where. A held fax names the place that it waits for; its approval or the end of its time find it by that.
 * Accounts that there are already go on as before: nothing of theirs is held or capped until somebody says so.
 */
export const DESTINATION_GUARD = `
alter table faxes add column held text, add column held_until bigint;
create index faxes_hold on faxes (account, held) where held is not null;
create index faxes_hold_end on faxes (held_until) where held is not null;

create table account_places (
  account text not null references accounts,
  place text not null,
  decision text not null check (decision in ('approved', 'denied')),
  at bigint not null,
  by text not null,
  primary key (account, place)
);

-- Faxes accepted in the hour and the day that is running; a row of an earlier one counts nothing.
create table sending_counts (
  account text not null references accounts,
  unit text not null check (unit in ('hour', 'day')),
  slot bigint not null,
  faxes bigint not null,
  abroad bigint not null,
  primary key (account, unit)
);

create table line_types (
  number text primary key,
  type text not null check (type in ('mobile', 'landline', 'voip', 'unknown')),
  at bigint not null,
  until bigint not null
);
create index line_types_end on line_types (until);

drop index faxes_deadline;
create index faxes_deadline on faxes (deadline)
  where deadline is not null and state in ('accepted', 'rendering', 'held', 'queued');
drop index faxes_unfinished;
create index faxes_unfinished on faxes (state)
  where state in ('accepted', 'rendering', 'held', 'queued', 'dialing', 'sending', 'ringing', 'receiving', 'received', 'uncertain');

update accounts set policy = '{"holdNewCountries": false, "abroadPerHour": null, "abroadPerDay": null}' || policy;
`;
