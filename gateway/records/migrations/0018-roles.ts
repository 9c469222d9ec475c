/**
 * Administrators get a role, and may be bound to one account. Those who are there could do everything and go on as
 * owners. An owner is never bound; API users have neither.
 */
export const ROLES = `
alter table users add column role text check (role in ('auditor', 'operator', 'admin', 'owner'));
alter table users add column scope text references accounts;

update users set role = 'owner' where realm = 'admin';

alter table users add constraint users_role_realm check ((realm = 'admin') = (role is not null));
alter table users add constraint users_scope_role check (scope is null or (role is not null and role <> 'owner'));
create index users_scope on users (scope) where scope is not null;
`;
