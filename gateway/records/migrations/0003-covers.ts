/**
 * Cover forms of accounts. The PDF is a customer's document: it is sealed under a key of its own, which is wrapped under
 * the gateway's record-seal key with account and name as context, so that the column alone shows nothing and rows cannot
 * be exchanged. `fields` are those that were found when the form was checked.
 */
export const COVERS = `
create table account_covers (
  account text not null references accounts,
  name text not null,
  fields text[] not null,
  pages integer not null,
  bytes integer not null,
  sealed bytea not null,
  created_at bigint not null,
  constraint account_covers_name primary key (account, name)
);
`;
