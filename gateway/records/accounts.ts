import { randomId } from '../../crypto/index.ts';
import type { Account } from '../fax/account.ts';
import { type AccountId, newId } from '../fax/ids.ts';
import { type AccountPolicy, DEFAULT_POLICY } from '../fax/policy.ts';
import type { AccountRecords } from '../ports/account-records.ts';
import type { AccessJournal } from './access-changes.ts';
import { checkCidrs, checkName, checkPolicy } from './account-checks.ts';
import { AccountError } from './account-error.ts';
import { note } from './audit.ts';
import type { Database, Transaction } from './database.ts';
import { violated } from './errors.ts';
import { replanAccount } from './line.ts';

/** Columns of an account as `Account` names them; `a` is the table. */
export const ACCOUNT_COLUMNS =
  'a.id, a.name, a.title, a.disabled, a.paused, a.paused_reason as "pausedReason", a.policy, a.cidrs, a.created_at as "createdAt", a.closed_at as "closedAt", a.erase_at as "eraseAt", a.erased_at as "erasedAt"';

/** A policy stored by an earlier release lacks the fields that came later: they have their defaults. */
export function withDefaults(account: Account): Account {
  return { ...account, policy: { ...DEFAULT_POLICY, ...account.policy } };
}

export type Accounts = Pick<AccountRecords, 'createAccount' | 'account' | 'accounts' | 'updateAccount'>;

export function createAccounts(database: Database, access: AccessJournal): Accounts {
  return {
    createAccount: (account, actor, now) => create(database, account, actor, now),
    account: (key) => find(database, key),
    accounts: async () => {
      const rows = await database.rows<Account>(`select ${ACCOUNT_COLUMNS} from accounts a order by name`);
      return rows.map(withDefaults);
    },
    updateAccount: (id, change, actor, now) => update(database, access, id, change, actor, now),
  };
}

async function find(database: Database, key: AccountId | { readonly name: string }): Promise<Account | undefined> {
  const [column, value] = typeof key === 'string' ? ['id', key] : ['name', key.name];
  const row = await database.row<Account>(`select ${ACCOUNT_COLUMNS} from accounts a where ${column} = $1`, [value]);
  return row === undefined ? undefined : withDefaults(row);
}

const create = async (
  database: Database,
  ...[account, actor, now]: Parameters<AccountRecords['createAccount']>
): Promise<Account> => {
  checkName(account.name);
  checkCidrs(account.cidrs);
  checkPolicy(account.policy);
  const row: Account = {
    id: newId('acc', (prefix) => randomId(prefix, now)),
    name: account.name,
    title: account.title,
    disabled: false,
    paused: false,
    pausedReason: null,
    policy: { ...DEFAULT_POLICY, ...account.policy },
    cidrs: [...account.cidrs],
    createdAt: now,
    closedAt: null,
    eraseAt: null,
    erasedAt: null,
  };
  await database
    .transaction(async (tx) => {
      await tx.change(
        'insert into accounts (id, name, title, policy, cidrs, created_at) values ($1, $2, $3, $4, $5, $6)',
        [row.id, row.name, row.title, JSON.stringify(row.policy), row.cidrs, now],
      );
      await tx.change('insert into ledgers (account) values ($1)', [row.id]);
      await note(tx, actor, row.id, 'account.create', row.id, { name: row.name, ...policyDetail(account) }, now);
    })
    .catch((error: unknown) => {
      if (violated(error) === 'accounts_name') throw new AccountError('name_taken', 'this account name is taken');
      throw error;
    });
  return row;
};

/** What was closed is opened by those who may, and not by a switch. @throws AccountError account_closed */
async function refuseClosed(tx: Transaction, id: AccountId): Promise<void> {
  const closed = await tx.row('select 1 from accounts where id = $1 and closed_at is not null for update', [id]);
  if (closed !== undefined) throw new AccountError('account_closed', 'the account was closed; open it again');
}

/** A pause and its end stand in the audit log with their reason. */
function pauseDetail({ paused, pausedReason }: Parameters<AccountRecords['updateAccount']>[1]): object {
  if (paused === undefined) return {};
  return paused ? { paused, reason: pausedReason ?? null } : { paused };
}

/** Text of a policy that is one of a few words; all other may name somebody. */
const WORDS: readonly string[] = [
  ...['sealed', 'imageLife', 'uncertain', 'tlsIntercepted', 'localPasswords', 'overLimit', 'overBudget', 'unknownLine'],
];

/** What of the policy changed, and to what; of names, keys and lists only that they did. */
function policyDetail({ policy = {} }: { readonly policy?: Partial<AccountPolicy> }): object {
  if (Object.keys(policy).length === 0) return {};
  const isPlain = (name: string, value: unknown) =>
    WORDS.includes(name) || value === null || typeof value === 'boolean' || typeof value === 'number';
  const told = Object.entries(policy).map(([name, value]) => [name, isPlain(name, value) ? value : 'changed']);
  return { policy: Object.fromEntries(told) };
}

const update = (
  database: Database,
  access: AccessJournal,
  ...[id, change, actor, now]: Parameters<AccountRecords['updateAccount']>
): Promise<Account> => {
  checkCidrs(change.cidrs ?? []);
  checkPolicy(change.policy ?? {});
  return database.transaction(async (tx) => {
    if (change.disabled === false) await refuseClosed(tx, id);
    const row = await tx.row<Account>(
      `update accounts a set title = coalesce($2, title), disabled = coalesce($3, disabled),
         paused = coalesce($4, paused),
         paused_at = case when $4 is null then paused_at when $4 then coalesce(paused_at, $8) end,
         paused_reason = case when $4 is null then paused_reason when $4 then coalesce($7, paused_reason) end,
         policy = policy || $5::jsonb, cidrs = coalesce($6, cidrs)
       where id = $1 returning ${ACCOUNT_COLUMNS}`,
      [
        id,
        change.title ?? null,
        change.disabled ?? null,
        change.paused ?? null,
        JSON.stringify(change.policy ?? {}),
        change.cidrs ?? null,
        change.pausedReason ?? null,
        now,
      ],
    );
    if (row === undefined) throw new AccountError('account_unknown', 'there is no such account');
    const detail = { changed: Object.keys(change), ...pauseDetail(change), ...policyDetail(change) };
    await note(tx, actor, id, 'account.update', id, detail, now);
    await access.note(tx, id, null, now);
    if (change.policy?.carrierTags !== undefined || change.policy?.pullMedia !== undefined) await replanAccount(tx, id);
    return withDefaults(row);
  });
};
