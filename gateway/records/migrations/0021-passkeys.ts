/**
 * Passkeys (WebAuthn) of administrators. `credential` is the id that their keeper gave them, base64url; `public_key` a
 * COSE_Key. Nothing in it opens anything.
 */
export const PASSKEYS = `
create table passkeys (
  id text primary key,
  user_id text not null references users on delete cascade,
  name text not null,
  -- Of the console that it was made at.
  host text not null,
  synced boolean not null,
  credential text not null constraint passkeys_credential unique,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  created_at bigint not null,
  used_at bigint
);
create index passkeys_user on passkeys (user_id);
-- Nobody who works for one account alone sees any of it.
alter table passkeys enable row level security;
`;
