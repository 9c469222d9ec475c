/**
 * Accounts that were closed: when, from when on nobody can open them again, when that was done, and until when their
 * numbers rest. `settled_at`: nothing of theirs was on its way any more and no image was left.
 */
export const CLOSING = `
alter table accounts add column closed_at bigint;
alter table accounts add column settled_at bigint;
alter table accounts add column erase_at bigint;
alter table accounts add column erased_at bigint;
alter table accounts add column numbers_until bigint;
alter table accounts add constraint accounts_closed
  check ((closed_at is null) = (erase_at is null) and (erased_at is null or (settled_at is not null and disabled)));
create index accounts_closing on accounts (closed_at) where closed_at is not null;
`;
