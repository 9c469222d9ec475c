import type { Actor } from '../ports/account-records.ts';
import type { RestoreHold, RestoreRecords } from '../ports/restore-records.ts';
import { note } from './audit.ts';
import type { Database, Sql } from './database.ts';

/** Row of `settings` that stands from a restore until an operator confirms it. Claims ask for it in their own SQL. */
export const HOLD = 'restore_hold';

/** The hold after a restore, and how it ends. */
export function createRestoreRecords(database: Database): RestoreRecords {
  return {
    hold: () => readHold(database),
    confirm: (actor, now) =>
      database.transaction(async (tx) => {
        const hold = await readHold(tx);
        if ((await tx.change('delete from settings where name = $1', [HOLD])) === 0) return false;
        await note(tx, actor, null, 'restore.confirm', hold?.backup ?? null, {}, now);
        return true;
      }),
  };
}

async function readHold(sql: Sql): Promise<RestoreHold | null> {
  const row = await sql.row<{ value: string }>('select value from settings where name = $1', [HOLD]);
  return row === undefined ? null : (JSON.parse(row.value) as RestoreHold);
}

/** From the commit on nothing is dialled, answered, accepted or posted. */
export async function writeHold(sql: Sql, hold: RestoreHold, actor: Actor): Promise<void> {
  await sql.change('insert into settings (name, value) values ($1, $2) on conflict (name) do update set value = $2', [
    HOLD,
    JSON.stringify(hold),
  ]);
  await note(sql, actor, null, 'restore', hold.backup, { ...hold.ended }, hold.restoredAt);
}
