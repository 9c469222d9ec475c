/**
 * What several processes share beside the faxes. `lasting_keys`: keys of the gateway, each sealed under the root key, so
 * that a copy of the database without that key holds noise. `access_changes`: what ends sessions, numbered without gaps
 * in the order of the commits, so that whoever knows a number knows what it has missed. `wrong_codes`: log-ins that
 * were right in all but the code, counted over all processes.
 */
export const CLUSTER = `
create table lasting_keys (
  name text primary key,
  sealed bytea not null,
  changed_at bigint not null
);

create table access_changes (
  seq bigint primary key,
  account text,
  user_id text,
  at bigint not null
);

create table wrong_codes (
  user_id text primary key references users on delete cascade,
  since bigint not null,
  wrong integer not null
);
`;
