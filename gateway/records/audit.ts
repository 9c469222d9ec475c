import type { AccountId } from '../fax/ids.ts';
import type { AccountRecords, Actor, AuditEntry } from '../ports/account-records.ts';
import type { Page } from '../ports/fax-records.ts';
import { conditions, pageOf, readCursor } from './cursor.ts';
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

/** Entries of one moment stand in the order in which they were written; a cursor names the last one that was read. */
export async function readAudit(
  database: Database,
  query: Parameters<AccountRecords['auditPage']>[0],
): Promise<Page<AuditEntry>> {
  const from = readCursor(query.cursor, ENTRY);
  const list = conditions();
  list.add('account = ?', query.account);
  list.add('at < ?', query.before);
  list.add('(at, id) < (?, ?)', from?.at, from?.id);
  const rows = await database.rows<AuditEntry & { readonly id: number }>(
    `select id, at, actor, address, account, action, object, detail from audit where ${list.where()}
     order by at desc, id desc limit ${list.value(query.limit + 1)}`,
    list.values,
  );
  const { items, next } = pageOf(rows, query.limit, ({ at, id }) => ({ at, id: String(id) }));
  return { items: items.map(({ id: _id, ...entry }) => entry), next };
}

/** Entries are numbered. */
const ENTRY = /^\d{1,15}$/;
