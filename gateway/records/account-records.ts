import type { AccountRecords } from '../ports/account-records.ts';
import { createAccounts } from './accounts.ts';
import { readAudit, writeAudit } from './audit.ts';
import type { Database } from './database.ts';
import { createNumbers } from './numbers.ts';
import { createUsers } from './users.ts';

/** Accounts, users, numbers, audit log and settings on PostgreSQL. */
export function createAccountRecords(database: Database): AccountRecords {
  return {
    ...createAccounts(database),
    ...createUsers(database),
    ...createNumbers(database),
    audit: (entry) => writeAudit(database, entry),
    auditLog: (query) => readAudit(database, query),
    setting: async (name) => {
      const row = await database.row<{ value: string }>('select value from settings where name = $1', [name]);
      return row?.value;
    },
    putSetting: async (name, value) => {
      await database.change(
        'insert into settings (name, value) values ($1, $2) on conflict (name) do update set value = $2',
        [name, value],
      );
    },
  };
}
