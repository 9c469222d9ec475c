import { COVER_FORMS, type CoverForm } from '../fax/cover.ts';
import type { CoverRecords, CoverRow } from '../ports/cover-records.ts';
import { AccountError } from './account-error.ts';
import { note } from './audit.ts';
import type { Database } from './database.ts';
import { violated } from './errors.ts';

const COVER_COLUMNS = 'c.account, c.name, c.fields, c.pages, c.bytes, c.created_at as "createdAt"';

/** Cover forms on PostgreSQL. */
export function createCoverRecords(database: Database): CoverRecords {
  return {
    addCover: (cover, actor) => add(database.forAccount(cover.account), cover, actor),
    covers: (account) =>
      database
        .forAccount(account)
        .rows<CoverForm>(`select ${COVER_COLUMNS} from account_covers c where account = $1 order by name collate "C"`, [
          account,
        ]),
    cover: (account, name) =>
      database
        .forAccount(account)
        .row<CoverRow>(`select ${COVER_COLUMNS}, c.sealed from account_covers c where account = $1 and name = $2`, [
          account,
          name,
        ]),
    removeCover: (account, name, actor, now) =>
      database.forAccount(account).transaction(async (tx) => {
        const removed = await tx.change('delete from account_covers where account = $1 and name = $2', [account, name]);
        if (removed > 0) await note(tx, actor, account, 'cover.remove', name, {}, now);
        return removed > 0;
      }),
  };
}

async function add(database: Database, ...[cover, actor]: Parameters<CoverRecords['addCover']>): Promise<void> {
  const { account, name, fields, pages, bytes, sealed, createdAt } = cover;
  await database
    .transaction(async (tx) => {
      // The account's row is held, so that two administrators together cannot pass the limit.
      const found = await tx.row('select 1 from accounts where id = $1 for update', [account]);
      if (found === undefined) throw new AccountError('account_unknown', 'there is no such account');
      const held = await tx.row<{ count: number }>(
        'select count(*)::integer as count from account_covers where account = $1 and name <> $2',
        [account, name],
      );
      if ((held?.count ?? 0) >= COVER_FORMS) {
        throw new AccountError('too_many_covers', `an account has at most ${COVER_FORMS} cover forms`);
      }
      await tx.change(
        `insert into account_covers (account, name, fields, pages, bytes, sealed, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [account, name, fields, pages, bytes, sealed, createdAt],
      );
      await note(tx, actor, account, 'cover.add', name, { pages, bytes }, createdAt);
    })
    .catch((error: unknown) => {
      if (violated(error) === 'account_covers_name') {
        throw new AccountError('name_taken', 'the account has a cover of this name');
      }
      throw error;
    });
}
