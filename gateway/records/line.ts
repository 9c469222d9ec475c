import type { Fax } from '../fax/fax.ts';
import type { CallRequest } from '../ports/fax-records.ts';
import type { Database, Sql, Transaction } from './database.ts';

/** What stands in the column `carrier` of a fax that no carrier can call. */
export const NO_CARRIER = '';

/** Faxes that join the line in one transaction. */
const JOIN_AT_ONCE = 1_000;

/**
 * Faxes whose time has come join the line of the carrier of their next call. Answers whether more of them are waiting to,
 * and when the next one comes due.
 */
export async function joinLine(
  tx: Transaction,
  plan: CallRequest['plan'],
  now: number,
): Promise<{ readonly more: boolean; readonly nextAt: number | null }> {
  const due = await tx.rows<Pick<Fax, 'id' | 'to' | 'line'>>(
    `select f.id, f.to_number as "to", f.line from faxes f
     where f.state = 'queued' and f.carrier is null and f.next_call_at <= $1
     order by f.next_call_at limit $2 for update skip locked`,
    [now, JOIN_AT_ONCE],
  );
  if (due.length > 0) {
    await tx.change(
      `update faxes f set carrier = joined.carrier
       from unnest($1::text[], $2::text[]) as joined(fax, carrier) where f.id = joined.fax`,
      [due.map(({ id }) => id), due.map((fax) => plan(fax) ?? NO_CARRIER)],
    );
  }
  const row = await tx.row<{ at: number | null }>(
    `select min(next_call_at) as at from faxes where state = 'queued' and carrier is null`,
  );
  return { more: due.length === JOIN_AT_ONCE, nextAt: row?.at ?? null };
}

/** What a claim would find. */
export interface Outlook {
  /** Claims that were not renewed. */
  readonly stale: boolean;
  /** Faxes that may join the line now. */
  readonly due: boolean;
  /** Faxes that stand in the line. */
  readonly waiting: boolean;
  /** When the next fax may join the line; null when none is waiting to. */
  readonly nextAt: number | null;
}

/**
 * Selects an `Outlook` at the time $1. It asks for the first of an index, because a search for any would begin with the
 * whole table's dead rows.
 */
export const OUTLOOK = `select w.at as "nextAt", coalesce(w.at <= $1::bigint, false) as due,
    (select live_to from faxes where live_to is not null and state = 'queued' and lease_until <= $1::bigint
     order by live_to limit 1) is not null as stale,
    (select account from faxes where state = 'queued' and live_to is null and carrier is not null
     order by account limit 1) is not null as waiting
  from (select min(next_call_at) as at from faxes where state = 'queued' and carrier is null) w`;

/** Looks without a transaction: an idle worker's claim ends here. What changes meanwhile is rung for, or found at the next look. */
export async function outlook(sql: Sql, now: number): Promise<Outlook> {
  const row = await sql.row<Outlook>(OUTLOOK, [now]);
  return row ?? { stale: false, due: false, waiting: false, nextAt: null };
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
