import type { AccountId } from '../fax/ids.ts';
import type { KeyState } from '../ports/fax-records.ts';
import type { Database, Sql } from './database.ts';

/** An upload that never ended gives its key free after this time, as its image dies then too (W0a). */
const RUNNING_FOR = 600_000;
/** Answers are kept at least 24 hours; twice that, so that a client may count from its last try. */
const KEPT_FOR = 172_800_000;
/** Old rows removed by each new one: the table shrinks faster than it grows. */
const SWEEP = 4;

/** Takes the key when it is new; of several at once, one. */
export function beginKey(database: Database, account: AccountId, key: string, now: number): Promise<KeyState> {
  return database.transaction(async (tx) => {
    await sweep(tx, now);
    const taken = await tx.change(
      `insert into idempotency_keys as k (account, key, state, created_at) values ($1, $2, 'running', $3)
       on conflict (account, key) do update set state = 'running', hash = null, answer = null, created_at = $3
       where (k.state = 'running' and k.created_at <= $3::bigint - $4) or k.created_at <= $3::bigint - $5`,
      [account, key, now, RUNNING_FOR, KEPT_FOR],
    );
    if (taken === 1) return { state: 'new' };
    const row = await tx.row<{ state: string; hash: string; answer: string }>(
      'select state, hash, answer from idempotency_keys where account = $1 and key = $2',
      [account, key],
    );
    return row?.state === 'done' ? { state: 'done', hash: row.hash, answer: row.answer } : { state: 'running' };
  });
}

async function sweep(sql: Sql, now: number): Promise<void> {
  await sql.change(
    `delete from idempotency_keys where ctid = any(array(
       select ctid from idempotency_keys where created_at <= $1::bigint - $2 limit $3 for update skip locked))`,
    [now, KEPT_FOR, SWEEP],
  );
}

/** Gives a key back whose request came to nothing. An answer that was stored stays. */
export async function dropKey(database: Database, account: AccountId, key: string): Promise<void> {
  await database.change(`delete from idempotency_keys where account = $1 and key = $2 and state = 'running'`, [
    account,
    key,
  ]);
}

/** Stores the answer. False when the key is not this request's any more. */
export async function finishKey(
  sql: Sql,
  account: AccountId,
  done: { readonly key: string; readonly hash: string; readonly answer: string },
): Promise<boolean> {
  const written = await sql.change(
    `update idempotency_keys set state = 'done', hash = $3, answer = $4
     where account = $1 and key = $2 and state = 'running'`,
    [account, done.key, done.hash, done.answer],
  );
  return written === 1;
}
