import { FaxError } from '../fax/errors.ts';
import type { AccountId } from '../fax/ids.ts';
import { DEFAULT_POLICY } from '../fax/policy.ts';
import type { FaxRecords, NewFax } from '../ports/fax-records.ts';
import { note } from './audit.ts';
import type { Sql, Transaction } from './database.ts';
import { RecordsError } from './errors.ts';
import { finishKey } from './idempotency-key.ts';
import type { Store } from './store.ts';

/** W0c: all faxes of one request are accepted, or none. */
export function accept(
  store: Store,
  ...[faxes, key, now]: Parameters<FaxRecords['accept']>
): ReturnType<FaxRecords['accept']> {
  const [first] = faxes;
  if (first === undefined || faxes.some((fax) => fax.account !== first.account)) {
    throw new RecordsError('usage', 'faxes are accepted together for one account');
  }
  return store.database.transaction(async (tx) => {
    if (!(await finishKey(tx, first.account, key))) {
      throw new FaxError('idempotency_running', 'another request has taken this Idempotency-Key since');
    }
    await keepKeys(tx, faxes, now);
    await insertFaxes(tx, faxes, now);
    const actor = { who: first.user, address: null };
    await note(tx, actor, first.account, 'fax.accept', first.batch ?? first.id, { faxes: faxes.length }, now);
    const events = faxes.map((fax) => ({ type: 'fax.accepted' as const, fax: fax.id, data: { batch: fax.batch } }));
    const { unfinished } = await store.ledger.append(tx, first.account, events, now, faxes.length);
    if (unfinished > (await maxQueued(tx, first.account))) {
      throw new FaxError('too_many_queued', 'the account has too many unfinished faxes; wait for some to end');
    }
  });
}

/** The upload's keys live on with their faxes. One that has expired may be on its way to the sweeper. */
async function keepKeys(tx: Transaction, faxes: readonly NewFax[], now: number): Promise<void> {
  const kept = await tx.change(
    `update vault_keys set state = 'live', expires_at = null
     where fax = any($1) and state = 'uploading' and (expires_at is null or expires_at > $2)`,
    [faxes.map((fax) => fax.id), now],
  );
  if (kept !== faxes.length) throw new FaxError('image_lost', 'the upload took too long; send it again');
}

async function maxQueued(sql: Sql, account: AccountId): Promise<number> {
  const row = await sql.row<{ most: number | null }>(
    `select (policy ->> 'maxQueued')::bigint as most from accounts where id = $1`,
    [account],
  );
  return row?.most ?? DEFAULT_POLICY.maxQueued;
}

async function insertFaxes(sql: Sql, faxes: readonly NewFax[], now: number): Promise<void> {
  await sql.change(
    `insert into faxes (id, account, user_id, direction, batch, state, from_number, to_number, pages, retries,
       retry_interval, priority, not_before, deadline, options, policy, line, tags, documents, created_at, updated_at,
       image_exists)
     select id, account, "user", 'outbound', batch, 'accepted', "from", "to", pages, retries, "retryInterval", priority,
       "notBefore", deadline, options, policy, line, tags, documents, $2::bigint, $2::bigint, true
     from jsonb_to_recordset($1::jsonb) as f(id text, account text, "user" text, batch text, "from" text, "to" text,
       pages integer, retries integer, "retryInterval" integer, priority integer, "notBefore" bigint, deadline bigint,
       options jsonb, policy jsonb, line jsonb, tags jsonb, documents integer)`,
    [JSON.stringify(faxes), now],
  );
}
