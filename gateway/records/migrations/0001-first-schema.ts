/**
 * The first schema. Times are bigint milliseconds since 1970. Telephone numbers, page geometry and account data stand
 * here; page content and usable keys never do (a wrapped key is noise without its epoch's KEK).
 */
export const FIRST_SCHEMA = `
create table settings (name text primary key, value text not null);

create table accounts (
  id text primary key,
  name text not null constraint accounts_name unique,
  title text not null,
  disabled boolean not null default false,
  paused boolean not null default false,
  policy jsonb not null,
  cidrs text[] not null,
  created_at bigint not null
);

-- One row an account, locked by whoever appends an event: that makes seq gap-free, and the count of unfinished faxes exact.
create table ledgers (
  account text primary key references accounts,
  head bigint not null default 0,
  unfinished bigint not null default 0
);

create table users (
  id text primary key,
  realm text not null check (realm in ('api', 'admin')),
  account text references accounts,
  name text not null,
  disabled boolean not null default false,
  cidrs text[] not null,
  client_key text,
  password_hash text,
  secret_mac bytea,
  created_at bigint not null
);
create unique index users_name on users (realm, coalesce(account, ''), name);
create unique index users_secret on users (secret_mac) where secret_mac is not null;
create index users_account on users (account);

create table numbers (
  number text primary key,
  account text not null references accounts,
  label text not null,
  created_at bigint not null
);
create index numbers_account on numbers (account, number);

create table audit (
  id bigint generated always as identity primary key,
  at bigint not null,
  actor text not null,
  address text,
  account text,
  action text not null,
  object text,
  detail jsonb not null
);
create index audit_account on audit (account, at desc, id desc);
create index audit_at on audit (at desc, id desc);

create table idempotency_keys (
  account text not null,
  key text not null,
  state text not null check (state in ('running', 'done')),
  hash text,
  answer text,
  created_at bigint not null,
  primary key (account, key)
);
create index idempotency_keys_age on idempotency_keys (created_at);

create table faxes (
  id text primary key,
  account text not null references accounts,
  user_id text,
  direction text not null check (direction in ('outbound', 'inbound')),
  batch text,
  state text not null,
  from_number text,
  to_number text not null,
  remote_id text,
  pages integer,
  pages_confirmed integer not null default 0,
  attempts integer not null default 0,
  retries integer not null,
  retry_interval integer not null,
  priority integer not null,
  not_before bigint,
  deadline bigint,
  next_call_at bigint,
  cause text,
  detail text,
  options jsonb not null,
  policy jsonb not null,
  line jsonb not null,
  tags jsonb not null,
  documents integer not null,
  created_at bigint not null,
  updated_at bigint not null,
  finished_at bigint,
  image_exists boolean not null,
  leased_until bigint,
  leased_by text,
  acknowledged_at bigint,
  sealed_key text,
  -- The right to work on the fax: who holds it until when, and how often it has changed hands.
  fence integer not null default 0,
  worker text,
  lease_until bigint,
  cancel_asked boolean not null default false,
  -- The destination while a call is claimed or live; unique, because machines answer busy to a second call.
  live_to text
);
create unique index faxes_live on faxes (live_to) where live_to is not null;
create index faxes_live_account on faxes (account) where live_to is not null;
create index faxes_list on faxes (account, created_at desc, id desc);
create index faxes_batch on faxes (batch) where batch is not null;
create index faxes_render on faxes (priority desc, created_at) where state in ('accepted', 'rendering');
create index faxes_dial on faxes (account, priority desc, next_call_at) where state = 'queued';
create index faxes_deadline on faxes (deadline)
  where deadline is not null and state in ('accepted', 'rendering', 'queued');
create index faxes_leased on faxes (lease_until) where lease_until is not null;
create index faxes_unread on faxes (account, created_at) where state = 'received' and acknowledged_at is null;
create index faxes_images on faxes (created_at) where image_exists;
create index faxes_held on faxes (finished_at) where image_exists and state in ('received', 'uncertain');
create index faxes_unfinished on faxes (state)
  where state in ('accepted', 'rendering', 'queued', 'dialing', 'sending', 'ringing', 'receiving', 'received', 'uncertain');

create table pages (
  fax text not null references faxes,
  number integer not null,
  width integer not null,
  rows integer not null,
  x_dpi integer not null,
  y_dpi integer not null,
  bytes integer not null,
  mark text not null,
  warnings text[] not null,
  primary key (fax, number)
);

create table calls (
  id text primary key,
  fax text not null references faxes,
  account text not null,
  direction text not null,
  carrier text not null,
  reference text not null,
  fence integer not null,
  state text not null check (state in ('intended', 'in_call', 'ended')),
  first_page integer not null,
  page_started integer not null,
  pages_confirmed integer not null,
  remote_id text,
  line jsonb,
  intended_at bigint not null,
  answered_at bigint,
  ended_at bigint
);
create unique index calls_fence on calls (fax, fence);
create unique index calls_open on calls (fax) where state <> 'ended';

create table cdrs (
  id text primary key,
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
  receipt text,
  epoch_receipt text
);
create unique index cdrs_call on cdrs (call) where call is not null;
create index cdrs_fax on cdrs (fax);
create index cdrs_account on cdrs (account, ended_at desc, id desc);
create index cdrs_time on cdrs (ended_at desc, id desc);

create table events (
  account text not null,
  seq bigint not null,
  id text not null,
  type text not null,
  fax text,
  at bigint not null,
  data jsonb not null,
  primary key (account, seq)
);

create table endpoints (
  id text primary key,
  account text not null references accounts,
  url text not null,
  types text[] not null,
  sealed_secrets bytea not null,
  disabled boolean not null,
  disabled_reason text,
  created_at bigint not null
);
create index endpoints_account on endpoints (account);

create table deliveries (
  id text primary key,
  account text not null,
  endpoint text not null references endpoints on delete cascade,
  event text not null,
  seq bigint not null,
  type text not null,
  state text not null check (state in ('pending', 'delivered', 'given_up')),
  attempts integer not null default 0,
  next_at bigint,
  lease_until bigint,
  last_status integer,
  last_error text,
  created_at bigint not null,
  delivered_at bigint
);
create index deliveries_due on deliveries (next_at) where state = 'pending';
create index deliveries_list on deliveries (account, created_at desc, id desc);
create index deliveries_endpoint on deliveries (endpoint, created_at desc, id desc);

create table epochs (
  number bigint primary key,
  state text not null check (state in ('open', 'closing', 'destroyed')),
  opened_at bigint not null,
  destroyed_at bigint
);
create index epochs_live on epochs (number) where state <> 'destroyed';

create table vault_keys (
  fax text primary key,
  account text not null,
  dek text not null,
  epoch bigint not null references epochs,
  wrapped bytea not null,
  state text not null check (state in ('uploading', 'live')),
  expires_at bigint
);
create index vault_keys_epoch on vault_keys (epoch);
create index vault_keys_expiry on vault_keys (expires_at) where state = 'uploading';

create table vault_objects (
  fax text not null,
  object text not null,
  bytes bigint not null,
  sha256 text not null,
  stored boolean not null,
  primary key (fax, object)
);

create table wipe_intents (fax text primary key, reason text not null, since bigint not null);
create index wipe_intents_since on wipe_intents (since);

create table receipts (
  fax text primary key,
  epoch bigint not null,
  jws text not null,
  epoch_jws text,
  at bigint not null
);
create index receipts_epoch on receipts (epoch, fax);
`;
