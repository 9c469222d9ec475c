import type { RetiredRows, RowRetention } from '../ports/row-retention.ts';
import type { Database, Transaction } from './database.ts';

/** Faxes, events and receipts past their time, on PostgreSQL. */
export function createRowRetention(database: Database): RowRetention {
  return {
    retire: (rows, before, limit) => database.transaction((tx) => RETIRE[rows](tx, before, limit)),
  };
}

const RETIRE: Readonly<Record<RetiredRows, (tx: Transaction, before: number, limit: number) => Promise<number>>> = {
  faxes: retireFaxes,
  events: retireEvents,
  receipts: retireReceipts,
};

/**
 * Faxes of each account, oldest first through its list; whoever holds one keeps it until the next time. An inbound call
 * whose carrier has a copy still is what keeps that copy from being received again.
 */
const ENDED = `
select f.id from accounts a cross join lateral (
  select f.id from faxes f
  where f.account = a.id and f.created_at < $1 and f.finished_at < $1 and not f.image_exists and f.live_to is null
    and f.state in ('delivered', 'partial', 'failed', 'canceled', 'uncertain', 'handed_over', 'wiped')
    and not exists (select 1 from vault_keys k where k.fax = f.id)
    and not exists (select 1 from vault_objects o where o.fax = f.id)
    and not exists (select 1 from wipe_intents w where w.fax = f.id)
    and not exists (select 1 from calls c where c.fax = f.id and c.state <> 'ended')
    and not exists (select 1 from carrier_purges p where p.fax = f.id
      and (p.outcome in ('pending', 'kept') or p.next_at is not null or not p.attested))
    and not exists (select 1 from receipts r join epochs e on e.number = r.epoch
      where r.fax = f.id and e.state <> 'destroyed')
  order by f.created_at, f.id limit $2
) f`;

/** What hangs on a fax goes before it. */
const OF_FAXES: readonly string[] = [
  'delete from carrier_purges where call = any(select id from calls where fax = any($1))',
  'delete from media_links where fax = any($1)',
  'delete from calls where fax = any($1)',
  'delete from pages where fax = any($1)',
  'delete from faxes where id = any($1)',
];

async function retireFaxes(tx: Transaction, before: number, limit: number): Promise<number> {
  const found = await tx.rows<{ id: string }>(ENDED, [before, limit]);
  const held = await tx.rows<{ id: string }>(
    'select id from faxes where id = any($1) order by id for update skip locked',
    [found.map(({ id }) => id)],
  );
  const ids = held.map(({ id }) => id);
  if (ids.length === 0) return 0;
  for (const statement of OF_FAXES) await tx.change(statement, [ids]);
  return ids.length;
}

/** The oldest of each account, through the order in which they stand. An event stays as long as a delivery of it does. */
async function retireEvents(tx: Transaction, before: number, limit: number): Promise<number> {
  const deliveries = await tx.change(
    `delete from deliveries where id in (
       select d.id from accounts a cross join lateral (
         select d.id, d.state, d.created_at from deliveries d where d.account = a.id
         order by d.created_at, d.id limit $2
       ) d where d.created_at < $1 and d.state <> 'pending')`,
    [before, limit],
  );
  const events = await tx.change(
    `delete from events where (account, seq) in (
       select e.account, e.seq from accounts a cross join lateral (
         select e.account, e.seq, e.at from events e where e.account = a.id order by e.seq limit $2
       ) e where e.at < $1
         and not exists (select 1 from deliveries d where d.account = e.account and d.seq = e.seq))`,
    [before, limit],
  );
  return deliveries + events;
}

/** Epochs are numbered in the order of time, and receipts stand in an index by them. */
function retireReceipts(tx: Transaction, before: number, limit: number): Promise<number> {
  return tx.change(
    `delete from receipts where fax in (
       select r.fax from epochs e join receipts r on r.epoch = e.number
       where e.number >= (select min(epoch) from receipts) and e.state = 'destroyed' and e.destroyed_at < $1 and r.at < $1
       order by e.number limit $2)`,
    [before, limit],
  );
}
