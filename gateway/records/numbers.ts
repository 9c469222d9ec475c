import type { Account, FaxNumber } from '../fax/account.ts';
import type { AccountId } from '../fax/ids.ts';
import type { AccountRecords } from '../ports/account-records.ts';
import { AccountError } from './account-error.ts';
import { ACCOUNT_COLUMNS, withDefaults } from './accounts.ts';
import { note } from './audit.ts';
import { type Database, prepared } from './database.ts';
import { violated } from './errors.ts';
import { gather } from './gather.ts';

const NUMBER_COLUMNS =
  'n.number, n.account, n.label, n.created_at as "createdAt", n.subaddress_only as "subaddressOnly"';

/** Accounts whose numbers one statement reads. */
const MOST_READ = 64;

const READ_NUMBERS = prepared(
  'read_numbers',
  `select ${NUMBER_COLUMNS} from numbers n where n.account = any($1) order by n.number`,
);

export type Numbers = Pick<
  AccountRecords,
  'addNumber' | 'removeNumber' | 'numbers' | 'allNumbers' | 'numbersAmong' | 'ownerOf'
>;

export function createNumbers(database: Database): Numbers {
  const read = gather(async (accounts: readonly AccountId[]) => {
    const rows = await database.rows<FaxNumber>(READ_NUMBERS, [[...new Set(accounts)]]);
    return accounts.map((account) => rows.filter((row) => row.account === account));
  }, MOST_READ);
  return {
    addNumber: (...args) => add(database, ...args),
    removeNumber: (...args) => remove(database, ...args),
    numbers: (account) => read(account),
    allNumbers: ({ after, limit }) =>
      database.rows<FaxNumber>(
        `select ${NUMBER_COLUMNS} from numbers n where n.number > $1 order by n.number limit $2`,
        [after ?? '', limit],
      ),
    numbersAmong: (numbers) =>
      database.rows<FaxNumber>(`select ${NUMBER_COLUMNS} from numbers n where n.number = any($1) order by n.number`, [
        [...numbers],
      ]),
    ownerOf: async (number) => {
      const row = await database.row<FaxNumber & { owner: Account; shared: boolean }>(
        `select ${NUMBER_COLUMNS}, exists (select 1 from subaddresses s where s.number = n.number) as shared, (select to_jsonb(found) from
           (select ${ACCOUNT_COLUMNS} from accounts a where a.id = n.account) found) as owner
         from numbers n where n.number = $1`,
        [number],
      );
      if (row === undefined) return undefined;
      const { owner, shared, ...found } = row;
      return { number: found, account: withDefaults(owner), shared };
    },
  };
}

function remove(
  database: Database,
  ...[number, account, actor, now]: Parameters<AccountRecords['removeNumber']>
): Promise<boolean> {
  return database
    .transaction(async (tx) => {
      const removed = await tx.change('delete from numbers where number = $1 and account = $2', [number, account]);
      if (removed > 0) await note(tx, actor, account, 'number.remove', null, { number }, now);
      return removed > 0;
    })
    .catch((error: unknown) => {
      if (violated(error) !== 'subaddresses_number_fkey') throw error;
      throw new AccountError('number_shared', 'subaddresses of this number belong to somebody; remove them first');
    });
}

const add = async (
  database: Database,
  ...[number, account, label, actor, now]: Parameters<AccountRecords['addNumber']>
): Promise<FaxNumber> => {
  await database
    .transaction(async (tx) => {
      await tx.change('insert into numbers (number, account, label, created_at) values ($1, $2, $3, $4)', [
        number,
        account,
        label,
        now,
      ]);
      await note(tx, actor, account, 'number.add', null, { number }, now);
    })
    .catch((error: unknown) => {
      const constraint = violated(error);
      if (constraint === 'numbers_pkey') throw new AccountError('number_taken', 'this number is in use already');
      if (constraint === 'numbers_account_fkey') throw new AccountError('account_unknown', 'there is no such account');
      throw error;
    });
  return { number, account, label, createdAt: now, subaddressOnly: false };
};
