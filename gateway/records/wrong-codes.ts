import type { UserId } from '../fax/ids.ts';
import type { Database } from './database.ts';

/** Counts one more; the first one after `within` ms begins a new count. */
export async function noteWrongCode(database: Database, user: UserId, within: number, now: number): Promise<void> {
  await database.change(
    `insert into wrong_codes as w (user_id, since, wrong) values ($1, $3, 1)
     on conflict (user_id) do update set
       wrong = case when w.since <= $3::bigint - $2::bigint then 1 else w.wrong + 1 end,
       since = case when w.since <= $3::bigint - $2::bigint then $3 else w.since end`,
    [user, within, now],
  );
}

export async function wrongCodes(database: Database, user: UserId, within: number, now: number): Promise<number> {
  const row = await database.row<{ wrong: number }>(
    'select wrong from wrong_codes where user_id = $1 and since > $2::bigint - $3::bigint',
    [user, now, within],
  );
  return row?.wrong ?? 0;
}
