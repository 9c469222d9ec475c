/**
 * Limits that all workers keep together. A queued fax whose time has come joins the line: `carrier` is the one that its
 * next call goes over. Who is first in the line of an account is said by `next_call_at - 600000 * priority`: each step of
 * priority is worth ten minutes of waiting, so that the order never changes while time passes, and an index holds it.
 */
export const LIMITS = `
create table carriers (
  name text primary key,
  -- When its next call may follow the last one, in ms since 1970; only for carriers with a rate.
  next_at double precision not null default 0,
  paused_at bigint,
  paused_by text,
  paused_reason text
);

alter table accounts
  add column paused_at bigint,
  add column paused_reason text;

alter table faxes add column carrier text;
drop index faxes_dial;
drop index faxes_live_account;
create index faxes_wait on faxes (next_call_at) where state = 'queued' and carrier is null;
create index faxes_line on faxes (account, carrier, (next_call_at - 600000 * priority))
  where state = 'queued' and live_to is null and carrier is not null;
create index faxes_calling on faxes (account, carrier) where live_to is not null;
`;
