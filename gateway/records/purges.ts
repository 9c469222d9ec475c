import type { Call } from '../fax/fax.ts';
import type { CallId } from '../fax/ids.ts';
import {
  type CarrierPurge,
  type OutstandingPurges,
  PURGE_PATIENCE,
  type PurgeOrder,
  type PurgeRecords,
} from '../ports/purge-records.ts';
import { note } from './audit.ts';
import { conditions, pageOf, readCursor } from './cursor.ts';
import type { Database, Sql } from './database.ts';
import type { Store } from './store.ts';

const PURGE_COLUMNS = `p.call, p.fax, p.account, p.carrier, p.outcome, p.detail, p.since, p.answered_at as "answeredAt",
  p.tries, p.next_at as "nextAt"`;

/** Longest detail that is kept: it comes from a carrier. */
const LONGEST_DETAIL = 300;

/** Orders to carriers to erase what they keep, on PostgreSQL. */
export function createPurgeRecords(store: Store): PurgeRecords {
  const { database } = store;
  return {
    claimPurges: (...args) => claimPurges(database, ...args),
    purgeAnswered: (...args) => purgeAnswered(store, ...args),
    postponePurge: async ({ call, tries }, at) =>
      (await database.change(
        `update carrier_purges set tries = tries - 1, next_at = $3
         where call = $1 and tries = $2 and next_at is not null`,
        [call, tries, at],
      )) > 0,
    abandonPurges: (now, limit) => abandonPurges(store, now, limit),
    unattestedPurges: (limit) =>
      database.rows<CarrierPurge>(
        `select ${PURGE_COLUMNS} from carrier_purges p join receipts r on r.fax = p.fax
         where p.next_at is null and not p.attested order by p.fax limit $1`,
        [limit],
      ),
    attestPurge: async ({ call, answeredAt }, jws) =>
      (await database.change(
        `update carrier_purges set attested = true, receipts = receipts || $3::text
         where call = $1 and answered_at = $2 and next_at is null and not attested`,
        [call, answeredAt, jws],
      )) > 0,
    purge: (call) =>
      database.row<CarrierPurge>(`select ${PURGE_COLUMNS} from carrier_purges p where p.call = $1`, [call]),
    purgesOf: (fax) =>
      database.rows(
        `select ${PURGE_COLUMNS}, p.receipts from carrier_purges p where p.fax = $1 order by p.since, p.call`,
        [fax],
      ),
    purges: async ({ outstanding, carrier, limit, cursor }) => {
      const from = readCursor(cursor);
      const list = conditions();
      if (outstanding === true) list.add(`p.outcome in ('pending', 'kept')`);
      list.add('p.carrier = ?', carrier);
      list.add('(p.since, p.call) < (?, ?)', from?.at, from?.id);
      const rows = await database.rows<CarrierPurge>(
        `select ${PURGE_COLUMNS} from carrier_purges p where ${list.where()}
         order by p.since desc, p.call desc limit ${list.value(limit + 1)}`,
        list.values,
      );
      return pageOf(rows, limit, (row) => ({ at: row.since, id: row.call }));
    },
    outstandingPurges: () =>
      database.rows<OutstandingPurges>(
        `select carrier, count(*) filter (where next_at is not null) as pending,
           count(*) filter (where next_at is null) as "givenUp"
         from carrier_purges where outcome in ('pending', 'kept') group by carrier order by carrier`,
      ),
    retryPurge: (...args) => retryPurge(database, ...args),
  };
}

/** The order to erase what the carrier keeps of `call`, in the transaction that ends it: it cannot be lost. */
export async function orderPurge(sql: Sql, call: Pick<Call, 'id' | 'fax' | 'account' | 'carrier'>, now: number) {
  await sql.change(
    `insert into carrier_purges (call, fax, account, carrier, outcome, since, next_at, give_up_at)
     values ($1, $2, $3, $4, 'pending', $5, $5, $6)`,
    [call.id, call.fax, call.account, call.carrier, now, now + PURGE_PATIENCE],
  );
}

/** The first receipt of a fax tells how these ended, or will not: no further one is needed. */
export async function markAttested(sql: Sql, calls: readonly CallId[]): Promise<void> {
  if (calls.length === 0) return;
  await sql.change('update carrier_purges set attested = true where call = any($1) and next_at is null', [calls]);
}

/** Each claim raises `tries`, so that the answer to an earlier one is not taken for the answer to this. */
function claimPurges(
  database: Database,
  carriers: readonly string[],
  lease: number,
  limit: number,
  now: number,
): Promise<PurgeOrder[]> {
  return database.rows<PurgeOrder>(
    `with due as (
       select call from carrier_purges where next_at <= $4 and carrier = any($1) order by next_at limit $3
       for update skip locked)
     update carrier_purges p set tries = p.tries + 1, next_at = $4::bigint + $2::bigint
     from due join calls c on c.id = due.call where p.call = due.call
     returning p.call, p.fax, p.account, p.carrier, c.reference, c.carrier_id as "carrierId", p.since,
       p.tries, p.give_up_at as "giveUpAt"`,
    [carriers, lease, limit, now],
  );
}

function purgeAnswered(
  { database, ledger }: Store,
  ...[order, report, nextAt, now]: Parameters<PurgeRecords['purgeAnswered']>
): Promise<boolean> {
  return database.transaction(async (tx) => {
    const before = await tx.row<{ outcome: CarrierPurge['outcome'] }>(
      'select outcome from carrier_purges where call = $1 and tries = $2 and next_at is not null for update',
      [order.call, order.tries],
    );
    if (before === undefined) return false;
    await tx.change(
      `update carrier_purges set outcome = $2, detail = $3, answered_at = $4, next_at = $5, attested = false
       where call = $1`,
      [order.call, report.outcome, report.detail.slice(0, LONGEST_DETAIL), now, nextAt],
    );
    const givenUp = nextAt === null;
    if (report.outcome === 'kept' && (givenUp || before.outcome === 'pending')) {
      const data = { call: order.call, carrier: order.carrier, tries: order.tries, givenUp };
      await ledger.append(tx, order.account, [{ type: 'fax.carrier_purge_failed', fax: order.fax, data }], now);
    }
    return true;
  });
}

/** A carrier that is not configured any more cannot be asked; what was tried last stands. */
function abandonPurges({ database, ledger }: Store, now: number, limit: number): Promise<CarrierPurge[]> {
  return database.transaction(async (tx) => {
    const given = await tx.rows<CarrierPurge>(
      `with late as (
         select call from carrier_purges where next_at <= $1 and give_up_at < $1 order by next_at limit $2
         for update skip locked)
       update carrier_purges p set outcome = 'kept', next_at = null, answered_at = $1, attested = false,
         detail = coalesce(p.detail, 'the carrier was not asked: it is not configured any more')
       from late where p.call = late.call returning ${PURGE_COLUMNS}`,
      [now, limit],
    );
    for (const { account, fax, call, carrier, tries } of given) {
      const data = { call, carrier, tries, givenUp: true };
      await ledger.append(tx, account, [{ type: 'fax.carrier_purge_failed', fax, data }], now);
    }
    return given;
  });
}

function retryPurge(
  database: Database,
  ...[call, giveUpAt, actor, now]: Parameters<PurgeRecords['retryPurge']>
): Promise<'queued' | 'gone' | 'unknown'> {
  return database.transaction(async (tx) => {
    const row = await tx.row<Pick<CarrierPurge, 'outcome' | 'account'>>(
      'select outcome, account from carrier_purges where call = $1 for update',
      [call],
    );
    if (row === undefined) return 'unknown';
    if (row.outcome === 'purged' || row.outcome === 'none') return 'gone';
    await tx.change('update carrier_purges set tries = 0, next_at = $2, give_up_at = $3 where call = $1', [
      call,
      now,
      giveUpAt,
    ]);
    await note(tx, actor, row.account, 'carrier.purge_retry', call, {}, now);
    return 'queued';
  });
}
