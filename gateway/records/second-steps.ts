import type { UserId } from '../fax/ids.ts';
import type { AccountRecords, SecondSteps } from '../ports/account-records.ts';
import type { AccessJournal } from './access-changes.ts';
import { AccountError } from './account-error.ts';
import { note } from './audit.ts';
import type { Database, Sql } from './database.ts';

type Steps = Pick<AccountRecords, 'secondSteps' | 'confirmTotp' | 'putRecoveryCodes' | 'useRecoveryCode'>;

/** TOTP secrets that wait for their first code, and recovery codes. */
export function createSecondSteps(database: Database, access: AccessJournal): Steps {
  return {
    secondSteps: (user) =>
      database.row<SecondSteps>(
        `select totp_pending as pending, password_hash is not null as password, password_alone as "passwordAlone",
           (select count(*)::int from recovery_codes r where r.user_id = u.id) as "recoveryCodes"
         from users u where u.id = $1`,
        [user],
      ),
    confirmTotp: (...args) => confirm(database, access, ...args),
    putRecoveryCodes: (user, macs, actor, now) =>
      database.transaction(async (tx) => {
        const { account } = await lockUser(tx, user);
        await tx.change('delete from recovery_codes where user_id = $1', [user]);
        await tx.change('insert into recovery_codes (user_id, mac) select $1, unnest($2::bytea[])', [user, [...macs]]);
        await note(tx, actor, account, 'recovery.new', user, { codes: macs.length }, now);
      }),
    useRecoveryCode: (user, mac, address, now) =>
      database.transaction(async (tx) => {
        const used = await tx.change('delete from recovery_codes where user_id = $1 and mac = $2', [user, mac]);
        if (used === 0) return false;
        const { account } = await lockUser(tx, user);
        const left = await tx.row<{ left: number }>(
          'select count(*)::int as left from recovery_codes where user_id = $1',
          [user],
        );
        await note(tx, { who: user, address }, account, 'recovery.used', user, { left: left?.left ?? 0 }, now);
        return true;
      }),
  };
}

/** The pending secret becomes the one that log-ins need; the code that confirmed it opens nothing any more. */
const confirm = (
  database: Database,
  access: AccessJournal,
  ...[user, pending, step, kept, actor, now]: Parameters<AccountRecords['confirmTotp']>
): Promise<boolean> =>
  database.transaction(async (tx) => {
    const row = await tx.row<Owner & { own: Owner['account'] }>(
      `update users u set totp_secret = totp_pending, totp_step = $3, totp_pending = null,
         kept_session = $4, kept_stamps = $5
       where id = $1 and totp_pending = $2::bytea
       returning coalesce(u.account, u.scope) as account, u.account as own`,
      [user, pending, step, kept?.session ?? null, kept?.stamps ?? null],
    );
    if (row === undefined) return false;
    await note(tx, actor, row.account, 'totp.confirm', user, {}, now);
    await access.note(tx, row.own, user, now);
    return true;
  });

interface Owner {
  readonly account: Parameters<typeof note>[2];
}

/** Two who change the same user's codes at once: one after the other. @throws AccountError user_unknown */
async function lockUser(sql: Sql, user: UserId): Promise<Owner> {
  const row = await sql.row<Owner>(
    'select coalesce(account, scope) as account from users where id = $1 for no key update',
    [user],
  );
  if (row === undefined) throw new AccountError('user_unknown', 'there is no such user');
  return row;
}
