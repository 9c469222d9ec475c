/**
 * Who users are at OpenID providers, and the sessions that stand as long as a provider says so. `ticket` is what it is
 * asked again with, sealed under the gateway's record-seal key; a backup leaves these sessions out.
 */
export const IDENTITIES = `
create table identities (
  issuer text not null,
  subject text not null,
  user_id text not null references users on delete cascade,
  created_at bigint not null,
  constraint identities_identity primary key (issuer, subject)
);
create unique index identities_user on identities (user_id);

create table identity_sessions (
  sid bytea primary key,
  user_id text not null references users on delete cascade,
  realm text not null,
  provider text not null,
  issuer text not null,
  subject text not null,
  provider_sid text,
  ticket bytea not null,
  started_at bigint not null,
  good_at bigint not null,
  next_at bigint not null,
  until bigint,
  expires_at bigint not null
);
create index identity_sessions_next_at on identity_sessions (next_at);
create index identity_sessions_subject on identity_sessions (issuer, subject);
create index identity_sessions_user on identity_sessions (user_id);
`;
