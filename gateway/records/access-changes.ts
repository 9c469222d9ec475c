import type { AccountId, UserId } from '../fax/ids.ts';
import type { AccessChanges } from '../ports/account-records.ts';
import type { Notices } from '../ports/notices.ts';
import type { Database, Transaction } from './database.ts';

/** Whoever looks less often than this checks everything, ms. */
const KEPT_FOR = 3_600_000;
/** Changes answered one by one; more are as good as everything. */
const MOST = 500;

/** Who can do what has changed, for the sessions of every process. */
export interface AccessJournal {
  /** Notes a change within the transaction that makes it; the others are told after the commit. */
  note(tx: Transaction, account: AccountId | null, user: UserId | null, now: number): Promise<void>;
  changes(after: number | null): Promise<AccessChanges>;
}

export function createAccessJournal(database: Database, notices: Notices): AccessJournal {
  return {
    note: async (tx, account, user, now) => {
      // Until the commit: numbers become visible in their order, so that nobody goes past one that is still to come.
      await tx.change(`select pg_advisory_xact_lock(hashtext('access changes'), hashtext(current_schema()))`);
      await tx.change(
        `insert into access_changes (seq, account, user_id, at)
         select coalesce(max(seq), 0) + 1, $1, $2, $3 from access_changes`,
        [account, user, now],
      );
      await tx.change('delete from access_changes where at < $1 and seq < (select max(seq) from access_changes)', [
        now - KEPT_FOR,
      ]);
      tx.afterCommit(() => notices.tell({ about: 'access' }));
    },
    changes: (after) => readChanges(database, after),
  };
}

async function readChanges(database: Database, after: number | null): Promise<AccessChanges> {
  const rows = await database.rows<{ seq: number; account: AccountId | null; user: UserId | null }>(
    `select seq, account, user_id as "user" from access_changes
     where seq > coalesce($1, (select max(seq) - 1 from access_changes)) order by seq limit $2`,
    [after, MOST + 1],
  );
  const head = rows.at(-1)?.seq ?? after ?? 0;
  if (after === null) return { head, changed: [] };
  const isWhole = rows.length <= MOST && (rows[0]?.seq ?? after + 1) === after + 1;
  if (!isWhole) return { head: await headOf(database), changed: 'everything' };
  return { head, changed: rows.map(({ account, user }) => ({ account, user })) };
}

async function headOf(database: Database): Promise<number> {
  const row = await database.row<{ head: number }>('select coalesce(max(seq), 0)::bigint as head from access_changes');
  return row?.head ?? 0;
}
