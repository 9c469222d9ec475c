import { DEFAULT_POLICY } from '../fax/policy.ts';
import type { CarrierLoad, CarrierRecords, Channels } from '../ports/carrier-records.ts';
import { note } from './audit.ts';
import { readConditions } from './conditions.ts';
import type { Database } from './database.ts';

/** Pauses of carriers and the load of carriers and accounts, on PostgreSQL. */
export function createCarrierRecords(database: Database): CarrierRecords {
  return {
    carriers: (names) => loads(database, names),
    pauseCarrier: (name, reason, actor, now) =>
      database.transaction(async (tx) => {
        await tx.change(
          `insert into carriers (name, paused_at, paused_by, paused_reason) values ($1, $2, $3, $4)
           on conflict (name) do update set paused_at = coalesce(carriers.paused_at, $2), paused_by = $3, paused_reason = $4`,
          [name, now, actor.who, reason],
        );
        await note(tx, actor, null, 'carrier.pause', name, { reason }, now);
      }),
    resumeCarrier: (name, actor, now) =>
      database.transaction(async (tx) => {
        const resumed = await tx.change(
          `update carriers set paused_at = null, paused_by = null, paused_reason = null
           where name = $1 and paused_at is not null`,
          [name],
        );
        if (resumed > 0) await note(tx, actor, null, 'carrier.resume', name, {}, now);
        return resumed > 0;
      }),
    channels: async (account) => {
      const row = await database.row<Channels>(
        `select (select count(*) from faxes where account = $1 and live_to is not null) as used,
           coalesce((select (policy ->> 'channels')::int from accounts where id = $1), $2::int) as "limit"`,
        [account, DEFAULT_POLICY.channels],
      );
      return row ?? { used: 0, limit: DEFAULT_POLICY.channels };
    },
    conditions: (now) => readConditions(database, now),
  };
}

async function loads(database: Database, names: readonly string[]): Promise<CarrierLoad[]> {
  const rows = await database.rows<CarrierRow>(
    `select c.name, k.paused_at as "at", k.paused_by as "by", k.paused_reason as reason,
       coalesce(live.calls, 0) as calls, coalesce(line.waiting, 0) as waiting
     from unnest($1::text[]) with ordinality as c(name, place)
       left join carriers k using (name)
       left join (select carrier as name, count(*) as calls from faxes where live_to is not null group by carrier) live
         using (name)
       left join (
         select carrier as name, count(*) as waiting from faxes
         where state = 'queued' and live_to is null and carrier is not null group by carrier) line using (name)
     order by c.place`,
    [names],
  );
  return rows.map(({ name, calls, waiting, at, by, reason }) => ({
    name,
    calls,
    waiting,
    paused: at === null ? null : { at, by: by ?? '', reason: reason ?? '' },
  }));
}

interface CarrierRow {
  readonly name: string;
  readonly calls: number;
  readonly waiting: number;
  readonly at: number | null;
  readonly by: string | null;
  readonly reason: string | null;
}
