import type { Fax } from '../fax/fax.ts';
import type { FaxId } from '../fax/ids.ts';
import { assertStep, type FaxState } from '../fax/states.ts';
import { prepared, type Sql, type Transaction } from './database.ts';

/** The line settings of a fax `f`; what earlier releases wrote knows of one carrier alone. */
export const LINE = `('{"avoid": [], "refused": [], "spared": 0}'::jsonb || (f.line - 'carrier'))`;

/** Columns of a fax as `Fax` names them. */
export const FAX_COLUMNS = `f.id, f.account, f.user_id as "user", f.direction, f.batch, f.state, f.from_number as "from",
  f.to_number as "to", f.remote_id as "remoteId", f.pages, f.pages_confirmed as "pagesConfirmed", f.attempts, f.retries,
  f.retry_interval as "retryInterval", f.priority, f.not_before as "notBefore", f.deadline,
  f.next_call_at as "nextCallAt", f.cause, f.detail, f.options, f.policy, ${LINE} as line, f.tags, f.documents,
  f.created_at as "createdAt", f.updated_at as "updatedAt", f.finished_at as "finishedAt",
  f.image_exists as "imageExists", f.leased_until as "leasedUntil", f.acknowledged_at as "acknowledgedAt",
  f.held, f.held_until as "heldUntil", f.subaddress, f.sealed_key as "sealedKey"`;

/** What only the records see of a fax. */
export const WORK_COLUMNS = `f.fence, f.worker, f.lease_until as "leaseUntil", f.cancel_asked as "cancelAsked",
  f.leased_by as "leasedBy"`;

/** A fax with the right to work on it. */
export interface FaxRow extends Fax {
  readonly fence: number;
  readonly worker: string | null;
  readonly leaseUntil: number | null;
  readonly cancelAsked: boolean;
  readonly leasedBy: string | null;
}

const LOCK_FAX = prepared('lock_fax', `select ${FAX_COLUMNS}, ${WORK_COLUMNS} from faxes f where f.id = $1 for update`);

/** The fax, held for this transaction. */
export function lockFax(tx: Transaction, fax: FaxId): Promise<FaxRow | undefined> {
  return tx.row<FaxRow>(LOCK_FAX, [fax]);
}

/** The fax, held, if `fence` is still its newest. */
export async function lockFenced(tx: Transaction, fax: FaxId, fence: number): Promise<FaxRow | undefined> {
  const row = await lockFax(tx, fax);
  return row?.fence === fence ? row : undefined;
}

/** The part of a row that callers see. */
export function faxOf(row: FaxRow): Fax {
  const { fence, worker, leaseUntil, cancelAsked, leasedBy, ...fax } = row;
  return fax;
}

/** Whether another worker holds the fax at `now`. */
export function isHeld(row: FaxRow, now: number): boolean {
  return row.leaseUntil !== null && row.leaseUntil > now;
}

/** A change of a fax by column; null clears. */
export type FaxChange = Readonly<Record<string, unknown>>;

/** The changes that end a claim: no lease, the destination is free, and the next call is planned anew. */
export const RELEASED: FaxChange = { worker: null, lease_until: null, live_to: null, carrier: null };

/**
 * Writes `change` to a locked fax; `state` in it must be a legal step. Column names come from this folder's code.
 *
 * @throws Error on an illegal step, a fault of ours
 */
export async function changeFax(sql: Sql, row: FaxRow, change: FaxChange, now: number): Promise<void> {
  const to = change.state as FaxState | undefined;
  if (to !== undefined) assertStep(row.direction, row.state, to);
  const columns = Object.keys(change);
  const values = columns.map((column) => jsonOf(change[column]));
  await sql.change(updateOf(columns), [row.id, now, ...values]);
}

/** Longest list of columns in the name of a statement: PostgreSQL cuts names at 63 octets. */
const LONGEST_NAME = 48;

/** The statement that sets `columns` from $3 on. There are as many as there are kinds of steps. */
function updateOf(columns: readonly string[]): string {
  const assignments = columns.map((column, index) => `${column} = $${index + 3}`);
  const text = `update faxes set ${['updated_at = $2', ...assignments].join(', ')} where id = $1`;
  const name = `set_${columns.join('_')}`;
  return name.length > LONGEST_NAME ? text : prepared(name, text);
}

/** Objects go into jsonb columns. */
export function jsonOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}
