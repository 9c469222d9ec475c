import { randomId } from '../../crypto/index.ts';
import type { Account, User, Verifiers } from '../fax/account.ts';
import { newId, type PasskeyId, type UserId } from '../fax/ids.ts';
import type { AccessRow, AccountRecords } from '../ports/account-records.ts';
import type { AccessJournal } from './access-changes.ts';
import { checkCidrs } from './account-checks.ts';
import { AccountError } from './account-error.ts';
import { ACCOUNT_COLUMNS, withDefaults } from './accounts.ts';
import { note } from './audit.ts';
import type { Database, Sql } from './database.ts';
import { violated } from './errors.ts';

/** A `User`, of the table `users u`. */
export const USER_COLUMNS = `u.id, u.realm, u.account, u.name, u.disabled, u.cidrs, u.client_key as "clientKey",
  u.totp_secret is not null as totp, u.role, u.scope, u.scopes, u.old_secret_until as "oldSecretUntil",
  u.created_at as "createdAt"`;

type Access = Pick<
  AccountRecords,
  | 'createUser'
  | 'access'
  | 'accessById'
  | 'accessBySecretMac'
  | 'users'
  | 'updateUser'
  | 'useTotpStep'
  | 'endOldSecrets'
>;

export function createUsers(database: Database, access: AccessJournal): Access {
  return {
    createUser: (user, actor, now) => create(database, user, actor, now),
    access: (realm, account, user) =>
      readAccess(
        database,
        `u.realm = $1 and u.name = $2 and u.account is not distinct from (select id from accounts where name = $3)
         and ($3::text is null) = (u.account is null)`,
        [realm, user, account],
      ),
    accessById: (user) => readAccess(database, 'u.id = $1', [user]),
    accessBySecretMac: (mac) => readAccess(database, 'u.secret_mac = $1 or u.old_secret_mac = $1', [mac]),
    users: (realm, account) =>
      database.rows<User>(
        `select ${USER_COLUMNS} from users u where u.realm = $1 and u.account is not distinct from $2 order by u.name`,
        [realm, account],
      ),
    updateUser: (id, change, actor, now) => update(database, access, id, change, actor, now),
    endOldSecrets: (now) => endOldSecrets(database, access, now),
    useTotpStep: async (user, sealed, step) => {
      const changed = await database.change(
        'update users set totp_step = $3 where id = $1 and totp_secret = $2::bytea and totp_step < $3',
        [user, sealed, step],
      );
      return changed === 1;
    },
  };
}

interface VerifierColumns {
  readonly passwordHash: string | null;
  readonly secretMac: Uint8Array | null;
  readonly oldSecretMac: Uint8Array | null;
  readonly totpSecret: Uint8Array | null;
  readonly totpStep: number;
  readonly scopeDisabled: boolean;
  readonly keptSession: Uint8Array | null;
  readonly keptStamps: readonly string[] | null;
  readonly passkeys: readonly PasskeyId[];
}

/** User, verifiers and account in one statement each way of looking; the account travels as JSON. */
async function readAccess(sql: Sql, where: string, values: readonly unknown[]): Promise<AccessRow | undefined> {
  const row = await sql.row<User & VerifierColumns & { accountRow: Account | null }>(
    `select ${USER_COLUMNS}, u.password_hash as "passwordHash", u.secret_mac as "secretMac",
       u.old_secret_mac as "oldSecretMac",
       u.totp_secret as "totpSecret", u.totp_step as "totpStep",
       u.kept_session as "keptSession", u.kept_stamps as "keptStamps",
       coalesce((select a.disabled from accounts a where a.id = u.scope), false) as "scopeDisabled",
       case u.realm when 'admin' then array(select k.id from passkeys k where k.user_id = u.id order by k.id)
         else '{}' end as passkeys,
       (select to_jsonb(found) from (select ${ACCOUNT_COLUMNS} from accounts a where a.id = u.account) found) as "accountRow"
     from users u where ${where}`,
    values,
  );
  if (row === undefined) return undefined;
  const { accountRow, passwordHash, secretMac, totpSecret, totpStep, scopeDisabled, passkeys, ...rest } = row;
  const { keptSession, keptStamps, oldSecretMac, ...user } = rest;
  const until = user.oldSecretUntil;
  const oldSecret = oldSecretMac === null || until === null ? null : { mac: oldSecretMac, until };
  const account = accountRow === null ? null : withDefaults(accountRow);
  const totp = totpSecret === null ? null : { sealed: totpSecret, lastStep: totpStep };
  const kept = keptSession === null || keptStamps === null ? null : { session: keptSession, stamps: keptStamps };
  return { account, user, verifiers: { passwordHash, secretMac, oldSecret }, totp, scopeDisabled, kept, passkeys };
}

const create = async (
  database: Database,
  ...[user, actor, now]: Parameters<AccountRecords['createUser']>
): Promise<User> => {
  checkUserName(user.name);
  checkCidrs(user.cidrs);
  const row: User = {
    id: newId('usr', (prefix) => randomId(prefix, now)),
    realm: user.realm,
    account: user.account,
    name: user.name,
    disabled: false,
    cidrs: [...user.cidrs],
    clientKey: user.clientKey ?? null,
    totp: false,
    role: user.rank?.role ?? null,
    scope: user.rank?.scope ?? null,
    scopes: user.scopes ?? null,
    oldSecretUntil: null,
    createdAt: now,
  };
  await database
    .transaction(async (tx) => {
      await insertUser(tx, row, user.verifiers);
      const scopes = row.scopes === null ? {} : { scopes: row.scopes };
      const rank = row.role === null ? scopes : { role: row.role, scope: row.scope };
      await note(tx, actor, row.account ?? row.scope, 'user.create', row.id, { realm: row.realm, ...rank }, now);
    })
    .catch(explainUser);
  return row;
};

function checkUserName(name: string): void {
  if (!/^[A-Za-z0-9._@+-]{1,100}$/.test(name)) {
    throw new AccountError('name_invalid', 'a user name is 1 to 100 letters, digits and . _ @ + -');
  }
}

/** Writes the row; what it refuses `explainUser` turns into words. */
export async function insertUser(sql: Sql, user: User, verifiers: Verifiers): Promise<void> {
  await sql.change(
    `insert into users (id, realm, account, name, cidrs, client_key, password_hash, secret_mac, role, scope,
       created_at, scopes)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      user.id,
      user.realm,
      user.account,
      user.name,
      user.cidrs,
      user.clientKey,
      verifiers.passwordHash,
      verifiers.secretMac,
      user.role,
      user.scope,
      user.createdAt,
      user.scopes,
    ],
  );
}

/** @throws AccountError for what a constraint refused, `error` itself for everything else */
export function explainUser(error: unknown): never {
  const constraint = violated(error);
  if (constraint === 'users_name') throw new AccountError('name_taken', 'this user name is taken');
  if (constraint === 'users_account_fkey' || constraint === 'users_scope_fkey')
    throw new AccountError('account_unknown', 'there is no such account');
  if (constraint === 'users_password_alone')
    throw new AccountError(
      'password_weak',
      'the password is too short to stand without a code; set a longer one first',
    );
  if (constraint === 'users_role_realm')
    throw new AccountError('role_invalid', 'administrators have a role, API users have none');
  if (constraint === 'users_scopes_realm')
    throw new AccountError('role_invalid', 'API users have scopes, administrators have a role');
  if (constraint === 'users_scope_role')
    throw new AccountError('role_invalid', 'an administrator who is no owner may be bound to an account, nobody else');
  throw error;
}

type UserRowChange = Parameters<AccountRecords['updateUser']>[1];

const update = (
  database: Database,
  access: AccessJournal,
  ...[id, change, actor, now]: Parameters<AccountRecords['updateUser']>
): Promise<User> => {
  checkCidrs(change.cidrs ?? []);
  const work = database.transaction(async (tx) => {
    // Two owners who take each other's role away at once: the second one waits, and finds itself the last.
    if (concernsOwners(change)) await tx.rows(`select id from users where role = 'owner' order by id for update`);
    const row = await tx.row<User>(
      `update users u set disabled = coalesce($2, disabled), cidrs = coalesce($3, cidrs),
         client_key = case when $4 then $5 else client_key end,
         password_hash = case when $6 then $7 else password_hash end,
         secret_mac = case when $8 then $9::bytea else secret_mac end,
         totp_secret = case when $10 then null else totp_secret end,
         totp_step = case when $10 then 0 else totp_step end,
         totp_pending = case when $10 then null else coalesce($11, totp_pending) end,
         role = coalesce($12, role), scope = case when $13 then $14 else scope end,
         password_alone = coalesce($15, password_alone),
         scopes = case when $20 then $21::text[] else scopes end,
         old_secret_mac = case when $18 then case when $19::bigint is null then null else secret_mac end
           else old_secret_mac end,
         old_secret_until = case when $18 then case when secret_mac is null then null else $19::bigint end
           else old_secret_until end,
         kept_session = coalesce($16, kept_session), kept_stamps = coalesce($17, kept_stamps)
       where id = $1 returning ${USER_COLUMNS}`,
      updateValues(id, change),
    );
    if (row === undefined) throw new AccountError('user_unknown', 'there is no such user');
    if (row.realm === 'admin' && concernsOwners(change)) await checkOwnerLeft(tx);
    if (change.totp === null) await tx.change('delete from recovery_codes where user_id = $1', [id]);
    const changed = Object.keys(change).filter((field) => field !== 'kept' && field !== 'passwordAlone');
    const detail = {
      changed,
      ...(concernsOwners(change) ? stateOf(row) : {}),
      ...overlapOf(change),
      ...scopesOf(change),
    };
    await note(tx, actor, row.account ?? row.scope, actionOf(change, changed), id, detail, now);
    await access.note(tx, row.account, id, now);
    return row;
  });
  return work.catch(explainUser);
};

/** How the audit log calls a change: one of nothing but what somebody logs in with has a name of its own. */
function actionOf({ totp, verifiers, overlapUntil }: UserRowChange, changed: readonly string[]): string {
  if (overlapUntil !== undefined) return verifiers?.secretMac === undefined ? 'secret.revoke' : 'secret.rotate';
  if (changed.length !== 1) return 'user.update';
  if (changed[0] === 'totp') return totp === null ? 'totp.remove' : 'user.update';
  if (changed[0] === 'totpPending') return 'totp.pending';
  return verifiers?.passwordHash === undefined ? 'user.update' : 'user.password';
}

/** What an API user may do from now on. */
function scopesOf({ scopes }: UserRowChange) {
  return scopes === undefined ? {} : { scopes };
}

/** Until when the secret before goes on, as the audit log says it. */
function overlapOf({ overlapUntil = null }: UserRowChange) {
  return overlapUntil === null ? {} : { oldUntil: new Date(overlapUntil).toISOString() };
}

/** What the audit log says of a change of rank or of an end. */
function stateOf({ role, scope, disabled }: User) {
  return role === null ? { disabled } : { role, scope, disabled };
}

function concernsOwners({ role, scope, disabled }: UserRowChange): boolean {
  return role !== undefined || scope !== undefined || disabled !== undefined;
}

/** Without an owner nobody could make one. */
async function checkOwnerLeft(sql: Sql): Promise<void> {
  const left = await sql.row(`select 1 from users where role = 'owner' and not disabled limit 1`);
  if (left === undefined) throw new AccountError('last_owner', 'one owner who may log in has to be left');
}

/** A field that is left out stays; one that is null is cleared, so each nullable one travels with a mark. */
function updateValues(id: UserId, change: UserRowChange): unknown[] {
  const verifiers = change.verifiers ?? {};
  return [
    id,
    change.disabled ?? null,
    change.cidrs ?? null,
    change.clientKey !== undefined,
    change.clientKey ?? null,
    verifiers.passwordHash !== undefined,
    verifiers.passwordHash ?? null,
    verifiers.secretMac !== undefined,
    verifiers.secretMac ?? null,
    change.totp !== undefined,
    change.totpPending ?? null,
    change.role ?? null,
    change.scope !== undefined,
    change.scope ?? null,
    change.passwordAlone ?? null,
    change.kept?.session ?? null,
    change.kept?.stamps ?? null,
    change.overlapUntil !== undefined,
    change.overlapUntil ?? null,
    change.scopes !== undefined,
    change.scopes ?? null,
  ];
}

/** Sessions that rest on them end, everywhere. */
function endOldSecrets(database: Database, access: AccessJournal, now: number): Promise<number> {
  return database.transaction(async (tx) => {
    const ended = await tx.rows<Pick<User, 'id' | 'account'>>(
      `update users set old_secret_mac = null, old_secret_until = null where old_secret_until <= $1
       returning id, account`,
      [now],
    );
    for (const { id, account } of ended) await access.note(tx, account, id, now);
    return ended.length;
  });
}
