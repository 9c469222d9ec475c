/**
 * The audit log becomes append-only and chained: each entry has a salt, a place and a link in the order in which they were
 * sealed, and heads are signed. Entries themselves are never touched again, by nobody who has not taken the triggers away.
 */
export const AUDIT_CHAIN = `
alter table audit add column salt bytea not null default uuid_send(gen_random_uuid());

create table audit_chain (
  place bigint primary key,
  entry bigint not null unique references audit (id),
  link bytea not null
);

create table audit_heads (
  place bigint not null,
  at bigint not null,
  entry bigint not null,
  jws text not null,
  primary key (place, at)
);
create index audit_heads_at on audit_heads (at);

create function audit_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log is append-only' using errcode = 'insufficient_privilege';
end $$;

create trigger append_only before update or delete on audit
  for each row execute function audit_is_append_only();
create trigger never_emptied before truncate on audit
  for each statement execute function audit_is_append_only();
create trigger append_only before update or delete on audit_chain
  for each row execute function audit_is_append_only();
create trigger never_emptied before truncate on audit_chain
  for each statement execute function audit_is_append_only();
create trigger append_only before update or delete on audit_heads
  for each row execute function audit_is_append_only();
create trigger never_emptied before truncate on audit_heads
  for each statement execute function audit_is_append_only();
`;
