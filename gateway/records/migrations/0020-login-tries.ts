/**
 * Tries of log-ins by password, and from where they were right before. `target` and `source` are HMACs of who was named
 * and from where, under the server's key: who reads the tables learns neither names nor addresses.
 */
export const LOGIN_TRIES = `
create table login_tries (
  target bytea not null,
  -- From a source that logged in before; those of all others are counted together.
  known boolean not null,
  tries integer not null,
  last_at bigint not null,
  primary key (target, known)
);
create index login_tries_last_at on login_tries (last_at);

create table login_sources (
  target bytea not null,
  source bytea not null,
  at bigint not null,
  primary key (target, source)
);
create index login_sources_at on login_sources (at);
`;
