import type { Account } from '../fax/account.ts';
import type { AccountId } from '../fax/ids.ts';
import type { ClosingRecords, Leftover } from '../ports/closing-records.ts';
import type { AccessJournal } from './access-changes.ts';
import { AccountError } from './account-error.ts';
import { ACCOUNT_COLUMNS, withDefaults } from './accounts.ts';
import { GATEWAY, note } from './audit.ts';
import type { Database, Transaction } from './database.ts';

/** Accounts that end, on PostgreSQL. */
export function createClosingRecords(database: Database, access: AccessJournal): ClosingRecords {
  return {
    close: (...args) => close(database, access, ...args),
    reopen: (...args) => reopen(database, access, ...args),
    leftovers: (limit) => database.rows<Leftover>(LEFTOVERS, [limit]),
    settle: async (now) => {
      const settled = await database.change(SETTLE, [now]);
      const row = await database.row<{ waiting: number }>(
        `select count(*)::int as waiting from accounts a where ${UNSETTLED}`,
      );
      return { settled, waiting: row?.waiting ?? 0 };
    },
    due: async (now, limit) => {
      const rows = await database.rows<{ id: AccountId }>(
        `select id from accounts where closed_at is not null and settled_at is not null and erased_at is null
           and erase_at <= $1 order by erase_at limit $2`,
        [now, limit],
      );
      return rows.map(({ id }) => id);
    },
    erase: (account, now) => erase(database, access, account, now),
    freeNumbers: (now) => freeNumbers(database, now),
  };
}

const close = (
  database: Database,
  access: AccessJournal,
  ...[id, { eraseAt, numbersUntil }, actor, now]: Parameters<ClosingRecords['close']>
): Promise<Account> =>
  database.transaction(async (tx) => {
    const { closedAt, name } = await locked(tx, id);
    if (closedAt !== null) throw new AccountError('account_closed', 'the account is closed already');
    await tx.change(
      `update endpoints set disabled = true, disabled_reason = 'the account was closed'
       where account = $1 and not disabled`,
      [id],
    );
    const row = await changed(
      tx,
      'disabled = true, closed_at = $2, settled_at = null, erase_at = $3, numbers_until = $4',
      [id, now, eraseAt, numbersUntil],
    );
    const times = { eraseAt: new Date(eraseAt).toISOString(), numbersUntil: new Date(numbersUntil).toISOString() };
    await note(tx, actor, id, 'account.close', id, { name, ...times }, now);
    await access.note(tx, id, null, now);
    return row;
  });

const reopen = (
  database: Database,
  access: AccessJournal,
  ...[id, actor, now]: Parameters<ClosingRecords['reopen']>
): Promise<Account> =>
  database.transaction(async (tx) => {
    const before = await locked(tx, id);
    if (before.erasedAt !== null)
      throw new AccountError('account_erased', 'what the account needs to work was erased; add another account');
    if (before.closedAt === null) return before;
    const open = 'disabled = false, closed_at = null, settled_at = null, erase_at = null, numbers_until = null';
    const row = await changed(tx, open, [id]);
    await note(tx, actor, id, 'account.reopen', id, { name: row.name }, now);
    await access.note(tx, id, null, now);
    return row;
  });

/** The account, for this transaction alone. */
async function locked(tx: Transaction, id: AccountId): Promise<Account> {
  const row = await tx.row<Account>(`select ${ACCOUNT_COLUMNS} from accounts a where id = $1 for update`, [id]);
  if (row === undefined) throw new AccountError('account_unknown', 'there is no such account');
  return withDefaults(row);
}

async function changed(tx: Transaction, what: string, values: readonly unknown[]): Promise<Account> {
  const row = await tx.row<Account>(`update accounts a set ${what} where id = $1 returning ${ACCOUNT_COLUMNS}`, values);
  if (row === undefined) throw new AccountError('account_unknown', 'there is no such account');
  return withDefaults(row);
}

const UNSETTLED = 'a.closed_at is not null and a.settled_at is null';
/** States of faxes that have not ended; those of calls that come in end by themselves. */
const UNFINISHED = `('accepted', 'rendering', 'held', 'queued', 'dialing', 'sending')`;
const RINGING = `('ringing', 'receiving')`;

const LEFTOVERS = `
  select f.id as fax, f.account, case when f.state in ${UNFINISHED} then 'cancel' else 'wipe' end as todo
  from accounts a join faxes f on f.account = a.id
  where ${UNSETTLED} and case
    when f.state in ${UNFINISHED} then not f.cancel_asked
    else f.image_exists and f.state not in ${RINGING} and not exists (select 1 from wipe_intents w where w.fax = f.id)
  end
  order by f.created_at limit $1`;

const SETTLE = `
  update accounts a set settled_at = $1 where ${UNSETTLED} and not exists (
    select 1 from faxes f where f.account = a.id and (f.image_exists or f.state in ${UNFINISHED} or f.state in ${RINGING}))`;

/** Rows that the account has no use for any more. CDRs, faxes, events and the audit log stay as long as their own rules say. */
const NEEDLESS = [
  'delete from identities where user_id in (select id from users where account = $1 or scope = $1)',
  'delete from identity_sessions where user_id in (select id from users where account = $1 or scope = $1)',
  'delete from recovery_codes where user_id in (select id from users where account = $1 or scope = $1)',
  'delete from passkeys where user_id in (select id from users where account = $1 or scope = $1)',
  'delete from endpoints where account = $1',
  'delete from account_covers where account = $1',
  'delete from account_places where account = $1',
  'delete from saved_reports where owner = $1',
  'delete from report_schedules where owner = $1',
  'delete from notice_settings where owner = $1 or owner in (select id from users where scope = $1)',
  'delete from seen_networks where holder in (select id from users where account = $1 or scope = $1)',
  'delete from mail_outbox where account = $1',
  'delete from idempotency_keys where account = $1',
] as const;

/** Nothing of a user is left but its name, by which CDRs and the audit log are read. */
const FORGET_USERS = `
  update users set disabled = true, cidrs = '{}', client_key = null, password_hash = null, secret_mac = null,
    old_secret_mac = null, old_secret_until = null,
    totp_secret = null, totp_pending = null, kept_session = null, kept_stamps = null
  where account = $1 or scope = $1`;

function erase(database: Database, access: AccessJournal, id: AccountId, now: number): Promise<boolean> {
  return database.transaction(async (tx) => {
    const row = await tx.row<{ due: boolean }>(
      `select closed_at is not null and settled_at is not null and erased_at is null and erase_at <= $2 as due
       from accounts where id = $1 for update`,
      [id, now],
    );
    if (row?.due !== true) return false;
    for (const statement of NEEDLESS) await tx.change(statement, [id]);
    const users = await tx.change(FORGET_USERS, [id]);
    await tx.change(
      `update accounts set erased_at = $2, cidrs = '{}',
         policy = policy || '{"senderName": "", "csid": "", "sealedInboundKey": null}'
       where id = $1`,
      [id, now],
    );
    await note(tx, GATEWAY, id, 'account.erased', id, { users }, now);
    await access.note(tx, id, null, now);
    return true;
  });
}

function freeNumbers(database: Database, now: number): Promise<number> {
  return database.transaction(async (tx) => {
    const rested = 'select id from accounts where erased_at is not null and numbers_until <= $1';
    await tx.change(`delete from subaddresses where account in (${rested})`, [now]);
    const freed = await tx.rows<{ account: AccountId; number: string }>(
      `delete from numbers n where account in (${rested})
         and not exists (select 1 from subaddresses s where s.number = n.number) returning account, number`,
      [now],
    );
    for (const { account, number } of freed) await note(tx, GATEWAY, account, 'number.remove', number, {}, now);
    return freed.length;
  });
}
