import type { AccountId } from '../fax/ids.ts';
import type { KeyState } from '../ports/fax-records.ts';
import { type Database, prepared, WITHOUT_WAITING } from './database.ts';
import { gather } from './gather.ts';

/**
 * A request that says nothing more for this time has died with its process, and its key is free; live ones renew theirs.
 * One that was only asleep cannot be accepted beside the next: of all that hold a key the first to be accepted ends it.
 */
const RUNNING_FOR = 60_000;
/** Answers are kept at least 24 hours; twice that, so that a client may count from its last try. */
const KEPT_FOR = 172_800_000;
/** Old rows removed by each statement that takes keys: the table shrinks faster than it grows. */
const SWEEP = 64;
/** Keys taken by one statement. */
const MOST = 64;

/** One taking of a key. */
export interface KeyCall {
  readonly account: AccountId;
  readonly key: string;
  readonly now: number;
}

// A crash that loses a taken key loses nothing: its request has no answer, and the key is free. What it has stored by
// then has rows of its own. Known keys are looked up one by one, and old ones not at all while the oldest is young:
// PostgreSQL takes the calls for a hundred, the table for a small one, and would read the whole of it each time.
const TAKE_KEYS = prepared(
  'take_keys',
  `with calls as (
     select account, key, now from jsonb_to_recordset($1::jsonb) as c(account text, key text, now bigint)
   ), swept as (
     delete from idempotency_keys where (select min(created_at) from idempotency_keys) <= $2::bigint
       and ctid = any(array(
         select k.ctid from idempotency_keys k where k.created_at <= $2::bigint
           and not exists (select 1 from calls c where c.account = k.account and c.key = k.key)
         limit ${SWEEP} for update skip locked))
   ), taken as (
     insert into idempotency_keys as k (account, key, state, created_at) select account, key, 'running', now from calls
     on conflict (account, key) do update set state = 'running', hash = null, answer = null, created_at = excluded.created_at
       where (k.state = 'running' and k.created_at <= excluded.created_at - ${RUNNING_FOR})
         or k.created_at <= excluded.created_at - ${KEPT_FOR}
     returning account, key
   )
   select c.account, c.key, t.key is not null as taken, k.state, k.hash, k.answer
   from calls c left join taken t using (account, key) left join lateral (
     select k.state, k.hash, k.answer from idempotency_keys k where k.account = c.account and k.key = c.key limit 1) k on true
   where ${WITHOUT_WAITING} is not null`,
);

interface KeyRow {
  readonly account: AccountId;
  readonly key: string;
  readonly taken: boolean;
  readonly state: string | null;
  readonly hash: string;
  readonly answer: string;
}

/** Takes each key when it is new; of several at once, one. */
export function createKeyTaking(database: Database): (call: KeyCall) => Promise<KeyState> {
  return gather(async (calls) => {
    const now = Math.min(...calls.map((call) => call.now));
    const rows = await database.rows<KeyRow>(TAKE_KEYS, [JSON.stringify(calls), now - KEPT_FOR]);
    return calls.map(({ account, key }) => stateOf(rows.find((row) => row.account === account && row.key === key)));
  }, MOST);
}

/** A row that the statement could not see yet was taken by another request in this very moment. */
function stateOf(row: KeyRow | undefined): KeyState {
  if (row?.taken === true) return { state: 'new' };
  return row?.state === 'done' ? { state: 'done', hash: row.hash, answer: row.answer } : { state: 'running' };
}

/** Says that the request which took a key is still at work. */
export async function renewKey(database: Database, account: AccountId, key: string, now: number): Promise<void> {
  await database
    .forAccount(account)
    .change(
      `update idempotency_keys set created_at = greatest(created_at, $3) where account = $1 and key = $2 and state = 'running'`,
      [account, key, now],
    );
}

/** Gives a key back whose request came to nothing. An answer that was stored stays. */
export async function dropKey(database: Database, account: AccountId, key: string): Promise<void> {
  await database
    .forAccount(account)
    .change(`delete from idempotency_keys where account = $1 and key = $2 and state = 'running'`, [account, key]);
}
