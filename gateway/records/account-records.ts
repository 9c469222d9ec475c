import type { AccountRecords } from '../ports/account-records.ts';
import type { AccessJournal } from './access-changes.ts';
import { createAccounts } from './accounts.ts';
import { readAudit, writeAudit } from './audit.ts';
import type { Database } from './database.ts';
import { createLoginTries } from './login-tries.ts';
import { createNumbers } from './numbers.ts';
import { createPasskeys } from './passkeys.ts';
import { createSecondSteps } from './second-steps.ts';
import { createSubaddresses } from './subaddresses.ts';
import { createUsers } from './users.ts';
import { noteWrongCode, wrongCodes } from './wrong-codes.ts';

/** Accounts, users, numbers, audit log and settings on PostgreSQL. */
export function createAccountRecords(database: Database, access: AccessJournal): AccountRecords {
  return {
    ...createAccounts(database, access),
    ...createUsers(database, access),
    ...createPasskeys(database, access),
    ...createSecondSteps(database, access),
    ...createNumbers(database),
    ...createSubaddresses(database),
    ...createLoginTries(database),
    noteWrongCode: (...args) => noteWrongCode(database, ...args),
    wrongCodes: (...args) => wrongCodes(database, ...args),
    accessChanges: (after) => access.changes(after),
    audit: (entry) => writeAudit(database, entry),
    auditLog: async (query) => [...(await readAudit(database, query)).items],
    auditPage: (query) => readAudit(database, query),
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
    nextNumber: async (name) => {
      const row = await database.row<{ value: string }>(
        `insert into settings as s (name, value) values ($1, '1')
         on conflict (name) do update set value = (s.value::bigint + 1)::text returning value`,
        [name],
      );
      return Number(row?.value);
    },
  };
}
