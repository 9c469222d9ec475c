import type { Call, Fax } from '../fax/fax.ts';
import type { FaxId } from '../fax/ids.ts';
import type { FaxRecords, OrphanCall } from '../ports/fax-records.ts';
import { CALL_COLUMNS } from './call-row.ts';
import type { Database } from './database.ts';
import { FAX_COLUMNS } from './fax-row.ts';

type Due = { readonly fax: FaxId; readonly priority: number };

/** Work that the bell may have missed, the most urgent first. */
export function due(database: Database, ...[kind, now, limit]: Parameters<FaxRecords['due']>): Promise<Due[]> {
  return kind === 'render' ? dueRender(database, now, limit) : dueDial(database, now, limit);
}

function dueRender(database: Database, now: number, limit: number): Promise<Due[]> {
  return database.rows<Due>(
    `select id as fax, priority from faxes
     where state in ('accepted', 'rendering') and (lease_until is null or lease_until <= $1)
     order by priority desc, created_at limit $2`,
    [now, limit],
  );
}

/**
 * Faxes that a claim would not refuse: each account offers as many as it has free channels, so that one with a long
 * queue does not hide the others', and a destination that is being called offers none.
 */
function dueDial(database: Database, now: number, limit: number): Promise<Due[]> {
  return database.rows<Due>(
    `select d.fax, d.priority from (
       select a.id, (a.policy ->> 'channels')::int - (
         select count(*) from faxes l where l.account = a.id and l.live_to is not null and l.lease_until > $1
       ) as free from accounts a where not a.disabled and not a.paused
     ) a cross join lateral (
       select f.id as fax, f.priority, f.next_call_at from faxes f
       where f.account = a.id and f.state = 'queued' and f.next_call_at <= $1
         and (f.lease_until is null or f.lease_until <= $1)
         and (f.deadline is null or f.deadline > $1)
         and not exists (select 1 from faxes b where b.live_to = f.to_number and b.id <> f.id)
       order by f.priority desc, f.next_call_at limit least($2, greatest(a.free, 0))
     ) d order by d.priority desc, d.next_call_at limit $2`,
    [now, limit],
  );
}

/** Outbound faxes whose deadline has come and that have no call. */
export async function pastDeadline(database: Database, now: number, limit: number): Promise<FaxId[]> {
  const rows = await database.rows<{ fax: FaxId }>(
    `select id as fax from faxes
     where deadline <= $1 and state in ('accepted', 'rendering', 'queued') and (lease_until is null or lease_until <= $1)
     order by deadline limit $2`,
    [now, limit],
  );
  return rows.map((row) => row.fax);
}

/** Calls that nobody drives any more. */
export async function orphanCalls(database: Database, leaseBefore: number, limit: number): Promise<OrphanCall[]> {
  const rows = await database.rows<{ callRow: Call; faxRow: Fax; leaseUntil: number }>(
    `select (select to_jsonb(found) from (select ${CALL_COLUMNS}) found) as "callRow",
       (select to_jsonb(found) from (select ${FAX_COLUMNS}) found) as "faxRow",
       coalesce(f.lease_until, 0) as "leaseUntil"
     from calls c join faxes f on f.id = c.fax
     where c.state <> 'ended' and coalesce(f.lease_until, 0) < $1 order by c.intended_at limit $2`,
    [Number.isFinite(leaseBefore) ? leaseBefore : Number.MAX_SAFE_INTEGER, limit],
  );
  return rows.map((row) => ({ call: row.callRow, fax: row.faxRow, leaseUntil: row.leaseUntil }));
}
