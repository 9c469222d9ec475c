/**
 * Notices and reports by mail: who hears of what, an outbox that every process shares, how far the audit log has been read
 * for notices, and when saved reports are mailed. Texts are sealed and go with the sending.
 */
export const MAIL = `
create table notice_settings (
  -- Id of an administrator or of an account.
  owner text primary key,
  addresses text[] not null,
  topics text[] not null,
  changed_at bigint not null
);

create table mail_outbox (
  id text primary key,
  kind text not null,
  recipient text not null,
  account text references accounts,
  sealed bytea,
  state text not null default 'waiting' check (state in ('waiting', 'sent', 'given_up')),
  attempts integer not null default 0,
  next_at bigint,
  last_error text,
  created_at bigint not null,
  ended_at bigint,
  check ((state = 'waiting') = (next_at is not null)),
  check ((state = 'waiting') = (ended_at is null)),
  check ((state = 'waiting') = (sealed is not null))
);
create index mail_outbox_due on mail_outbox (next_at) where state = 'waiting';
create index mail_outbox_ended on mail_outbox (ended_at) where state <> 'waiting';
create index mail_outbox_account on mail_outbox (account, id);

create table mail_read (
  one boolean primary key default true check (one),
  place bigint not null
);
-- What happened before there were notices is no news.
insert into mail_read (place) select coalesce(max(place), 0) from audit_chain;

create table seen_networks (
  holder text not null references users,
  -- HMAC under the server's key: who reads the table learns no address.
  network bytea not null,
  at bigint not null,
  primary key (holder, network)
);
create index seen_networks_at on seen_networks (at);

create table told_alerts (
  alert text primary key,
  at bigint not null
);

create table report_schedules (
  owner text not null,
  name text not null,
  schedule jsonb not null,
  recipients jsonb not null,
  next_at bigint not null,
  changed_by text not null,
  changed_at bigint not null,
  primary key (owner, name),
  foreign key (owner, name) references saved_reports on delete cascade
);
create index report_schedules_due on report_schedules (next_at);

create index audit_logins on audit (actor, at) where action in ('login', 'login.denied');
`;
