/** An API secret that is replaced may go on beside the new one for a while, so that a program is moved without a gap. */
export const OLD_SECRETS = `
alter table users add column old_secret_mac bytea;
alter table users add column old_secret_until bigint;
alter table users add constraint users_old_secret check ((old_secret_mac is null) = (old_secret_until is null));
create unique index users_old_secret_mac on users (old_secret_mac) where old_secret_mac is not null;
create index users_old_secret_until on users (old_secret_until) where old_secret_until is not null;
`;
