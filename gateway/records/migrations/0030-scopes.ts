/** What an API user may do; null: everything, as all who were there before. Administrators have roles instead. */
export const USER_SCOPES = `
alter table users add column scopes text[];
alter table users add constraint users_scopes_realm check (scopes is null or realm = 'api');
alter table users add constraint users_scopes_known
  check (scopes <@ array['send', 'read', 'inbound', 'webhooks', 'reports'] and cardinality(scopes) > 0);
`;
