import type { AccountId } from '../fax/ids.ts';
import type { Actor, AuditEntry } from '../ports/account-records.ts';
import type { Database, Sql } from './database.ts';

/** The gateway itself as an actor. */
export const GATEWAY: Actor = { who: 'gateway', address: null };

/** Writes one audit row; called within the transaction that it tells of. */
export async function writeAudit(sql: Sql, entry: AuditEntry): Promise<void> {
  await sql.change(
    'insert into audit (at, actor, address, account, action, object, detail) values ($1, $2, $3, $4, $5, $6, $7)',
    [entry.at, entry.actor, entry.address, entry.account, entry.action, entry.object, JSON.stringify(entry.detail)],
  );
}

/** An audit row in one line: `actor` did `action` to `object`. */
export function note(
  sql: Sql,
  actor: Actor,
  account: AccountId | null,
  action: string,
  object: string | null,
  detail: Readonly<Record<string, unknown>>,
  now: number,
): Promise<void> {
  return writeAudit(sql, { at: now, actor: actor.who, address: actor.address, account, action, object, detail });
}

/** Newest first; `before` is a time. */
export function readAudit(
  database: Database,
  query: { readonly account?: AccountId; readonly before?: number; readonly limit: number },
): Promise<AuditEntry[]> {
  return database.rows<AuditEntry>(
    `select at, actor, address, account, action, object, detail from audit
     where ($1::text is null or account = $1) and ($2::bigint is null or at < $2)
     order by at desc, id desc limit $3`,
    [query.account ?? null, query.before ?? null, query.limit],
  );
}
