import type { Fax } from '../fax/fax.ts';
import type { CallRequest } from '../ports/fax-records.ts';
import type { Database, Sql, Transaction } from './database.ts';

/** What stands in the column `carrier` of a fax that no carrier can call. */
export const NO_CARRIER = '';

/** Faxes that join the line in one transaction. */
const JOIN_AT_ONCE = 1_000;

/** Faxes whose time has come join the line of the carrier of their next call. Answers whether more are waiting to. */
export async function joinLine(tx: Transaction, plan: CallRequest['plan'], now: number): Promise<boolean> {
  const due = await tx.rows<Pick<Fax, 'id' | 'to' | 'line'>>(
    `select f.id, f.to_number as "to", f.line from faxes f
     where f.state = 'queued' and f.carrier is null and f.next_call_at <= $1
     order by f.next_call_at limit $2 for update skip locked`,
    [now, JOIN_AT_ONCE],
  );
  if (due.length === 0) return false;
  await tx.change(
    `update faxes f set carrier = joined.carrier
     from unnest($1::text[], $2::text[]) as joined(fax, carrier) where f.id = joined.fax`,
    [due.map(({ id }) => id), due.map((fax) => plan(fax) ?? NO_CARRIER)],
  );
  return due.length === JOIN_AT_ONCE;
}

/** Whether a claim could change anything: most looks of an idle worker end here, without a transaction. */
export async function outlook(
  sql: Sql,
  limit: number,
  now: number,
): Promise<{ readonly work: boolean; readonly nextAt: number | null }> {
  const row = await sql.row<{ work: boolean; nextAt: number | null }>(
    `select waits.at as "nextAt", coalesce(waits.at <= $1, false)
         or exists (select 1 from faxes where live_to is not null and state = 'queued' and lease_until <= $1)
         or ($2 and exists (select 1 from faxes where state = 'queued' and live_to is null and carrier is not null)) as work
     from (select min(next_call_at) as at from faxes where state = 'queued' and carrier is null) waits`,
    [now, limit > 0],
  );
  return row ?? { work: false, nextAt: null };
}

/** When the next fax joins the line; null when none is waiting to. */
export async function nextJoins(tx: Transaction): Promise<number | null> {
  const row = await tx.row<{ at: number | null }>(
    `select min(next_call_at) as at from faxes where state = 'queued' and carrier is null`,
  );
  return row?.at ?? null;
}

/**
 * A claim that was not renewed and from which no call came: its fax waits again to join the line. The
 * fence goes up, so that a worker that only slept finds its claim gone.
 */
export async function dropStaleClaims(tx: Transaction, now: number): Promise<void> {
  await tx.change(
    `update faxes set worker = null, lease_until = null, live_to = null, carrier = null, fence = fence + 1
     where live_to is not null and state = 'queued' and lease_until <= $1`,
    [now],
  );
}

/** The line was made with another configuration of routes and carriers: whoever stands in it joins again. */
export function replan(database: Database, configuration: string): Promise<void> {
  return database.transaction(async (tx) => {
    const known = await tx.row<{ value: string }>(`select value from settings where name = 'dial_plan' for update`);
    if (known?.value === configuration) return;
    await tx.change(
      `insert into settings (name, value) values ('dial_plan', $1) on conflict (name) do update set value = $1`,
      [configuration],
    );
    await tx.change(
      `update faxes set carrier = null where state = 'queued' and carrier is not null and live_to is null`,
    );
  });
}
