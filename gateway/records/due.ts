import type { Call, Fax } from '../fax/fax.ts';
import type { FaxId } from '../fax/ids.ts';
import type { OrphanCall } from '../ports/fax-records.ts';
import { CALL_COLUMNS } from './call-row.ts';
import type { Database } from './database.ts';
import { FAX_COLUMNS } from './fax-row.ts';

type Due = { readonly fax: FaxId; readonly priority: number };

/** Renderings that the bell may have missed, the most urgent first. */
export function dueRenders(database: Database, now: number, limit: number): Promise<Due[]> {
  return database.rows<Due>(
    `select id as fax, priority from faxes
     where state in ('accepted', 'rendering') and (lease_until is null or lease_until <= $1)
     order by priority desc, created_at limit $2`,
    [now, limit],
  );
}

/** Outbound faxes whose deadline has come and that have no call. */
export async function pastDeadline(database: Database, now: number, limit: number): Promise<FaxId[]> {
  const rows = await database.rows<{ fax: FaxId }>(
    `select id as fax from faxes
     where deadline <= $1 and state in ('accepted', 'rendering', 'held', 'queued')
       and (lease_until is null or lease_until <= $1)
     order by deadline limit $2`,
    [now, limit],
  );
  return rows.map((row) => row.fax);
}

/** Calls that nobody drives any more. */
export async function orphanCalls(database: Database, leaseBefore: number, limit: number): Promise<OrphanCall[]> {
  const rows = await database.rows<{ callRow: Call; faxRow: Fax; fence: number; leaseUntil: number }>(
    `select (select to_jsonb(found) from (select ${CALL_COLUMNS}) found) as "callRow",
       (select to_jsonb(found) from (select ${FAX_COLUMNS}) found) as "faxRow",
       f.fence, coalesce(f.lease_until, 0) as "leaseUntil"
     from calls c join faxes f on f.id = c.fax
     where c.state <> 'ended' and coalesce(f.lease_until, 0) < $1 order by c.intended_at limit $2`,
    [Number.isFinite(leaseBefore) ? leaseBefore : Number.MAX_SAFE_INTEGER, limit],
  );
  return rows.map((row) => ({ call: row.callRow, fax: row.faxRow, fence: row.fence, leaseUntil: row.leaseUntil }));
}
