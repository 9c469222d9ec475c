import type { Account, NumberSubaddress } from '../fax/account.ts';
import type { AccountErrorCode, AccountRecords } from '../ports/account-records.ts';
import { AccountError } from './account-error.ts';
import { ACCOUNT_COLUMNS, withDefaults } from './accounts.ts';
import { note } from './audit.ts';
import type { Database } from './database.ts';
import { violated } from './errors.ts';

const COLUMNS = 's.number, s.subaddress, s.account, s.label, s.created_at as "createdAt"';

export type Subaddresses = Pick<
  AccountRecords,
  'addSubaddress' | 'removeSubaddress' | 'subaddresses' | 'receiverOf' | 'setSubaddressOnly'
>;

/** Who receives what is sent to the subaddresses of shared numbers. */
export function createSubaddresses(database: Database): Subaddresses {
  return {
    addSubaddress: (...args) => add(database, ...args),
    removeSubaddress: (number, subaddress, actor, now) =>
      database.transaction(async (tx) => {
        const removed = await tx.row<{ account: NumberSubaddress['account'] }>(
          'delete from subaddresses where number = $1 and subaddress = $2 returning account',
          [number, subaddress],
        );
        if (removed === undefined) return false;
        await note(tx, actor, removed.account, 'subaddress.remove', null, { number, subaddress }, now);
        return true;
      }),
    subaddresses: (of) =>
      database.rows<NumberSubaddress>(
        `select ${COLUMNS} from subaddresses s where ${'numbers' in of ? 's.number = any($1)' : 's.account = $1'}
         order by s.number, s.subaddress`,
        ['numbers' in of ? [...of.numbers] : of.account],
      ),
    receiverOf: async (number, subaddress) => {
      const row = await database.row<Account>(
        `select ${ACCOUNT_COLUMNS} from accounts a
         where a.id = (select s.account from subaddresses s where s.number = $1 and s.subaddress = $2)`,
        [number, subaddress],
      );
      return row === undefined ? undefined : withDefaults(row);
    },
    setSubaddressOnly: (number, only, actor, now) =>
      database.transaction(async (tx) => {
        const changed = await tx.row<{ account: NumberSubaddress['account'] }>(
          'update numbers set subaddress_only = $2 where number = $1 returning account',
          [number, only],
        );
        if (changed === undefined) return false;
        await note(tx, actor, changed.account, 'number.subaddress_only', null, { number, only }, now);
        return true;
      }),
  };
}

/** What the database calls that which stood in the way. */
const REFUSALS: Readonly<Record<string, readonly [AccountErrorCode, string]>> = {
  subaddresses_pkey: ['subaddress_taken', 'this subaddress is in use already'],
  subaddresses_number_fkey: ['number_not_found', 'nobody has this number'],
  subaddresses_account_fkey: ['account_unknown', 'there is no such account'],
};

async function add(
  database: Database,
  ...[wish, actor, now]: Parameters<AccountRecords['addSubaddress']>
): Promise<NumberSubaddress> {
  const { number, subaddress, account, label } = wish;
  await database
    .transaction(async (tx) => {
      await tx.change(
        'insert into subaddresses (number, subaddress, account, label, created_at) values ($1, $2, $3, $4, $5)',
        [number, subaddress, account, label, now],
      );
      await note(tx, actor, account, 'subaddress.add', null, { number, subaddress }, now);
    })
    .catch((error: unknown) => {
      const refusal = REFUSALS[violated(error) ?? ''];
      throw refusal === undefined ? error : new AccountError(...refusal);
    });
  return { ...wish, createdAt: now };
}
