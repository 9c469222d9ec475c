/**
 * A TOTP secret that waits for its first code, passwords that are long enough to stand alone, recovery codes in place of
 * an authenticator, and the session that outlives a change its own user made. A recovery code is stored as an HMAC under
 * the server's key.
 */
export const SECOND_STEPS = `
alter table users add column totp_pending bytea;
alter table users add column password_alone boolean not null default true;
alter table users add constraint users_password_alone
  check (password_alone or password_hash is null or totp_secret is not null);
-- SHA-256 of the session's id, and the digests of what its log-in rested on before and after the changes.
alter table users add column kept_session bytea;
alter table users add column kept_stamps text[];

create table recovery_codes (
  user_id text not null references users on delete cascade,
  mac bytea not null,
  primary key (user_id, mac)
);
-- Nobody who works for one account alone sees any of it.
alter table recovery_codes enable row level security;
`;
