import { DEFAULT_POLICY } from '../fax/policy.ts';
import type { Conditions } from '../ports/conditions.ts';
import type { CallClaims, CallRequest, CarrierShare } from '../ports/fax-records.ts';
import { callable, ENTER_CLAIM, IN_LINE, RANK } from './candidates.ts';
import { CLAIM_COLUMNS, type ClaimRow, claimOf } from './claim-row.ts';
import { CONDITIONS, type ConditionRow, conditionsOf, mostCalls, obstaclesOf } from './conditions.ts';
import type { Database } from './database.ts';
import { isConflict } from './errors.ts';
import { areFresh, EMPTY, type Heads, nobodyJoined, readHeads } from './heads.ts';
import { GETS_CALLS, NO_CARRIER, WALK } from './line.ts';
import { PACE_AT, PACE_ROOM, paceOf } from './pace.ts';
import { HOLD } from './restore-hold.ts';
import type { Store } from './store.ts';
import { runTogether, type Statement } from './together.ts';

/** Claims for one call at a time while the line is at rest: nobody joins it and nothing about carriers changes. */
export interface LoneClaims {
  /**
   * The best fax of the line, by the same rules as a claim of many. Undefined: the line is not at rest or nobody may be
   * called, and a claim of many finds out.
   */
  claim(request: CallRequest, now: number): Promise<CallClaims | undefined>;
  /**
   * A claim of many has found the line at rest under these conditions; undefined: not at rest.
   *
   * @param found whether it has found a fax to call
   */
  rest(conditions: readonly ConditionRow[] | undefined, found: boolean): void;
}

/** Claims of many before a lone one is tried again that a line at rest had refused. */
const SPARED = 16;

/** What a lone claim takes for granted. The database compares it and refuses the claim when it is not so any more. */
interface Rest {
  readonly conditions: readonly ConditionRow[];
  /** As the database is to compare them. */
  readonly text: string;
  heads: Heads | undefined;
}

export function createLoneClaims({ database }: Pick<Store, 'database'>): LoneClaims {
  let rest: Rest | undefined;
  let missed: Rest | undefined;
  let spared = 0;
  return {
    claim: async (request, now) => {
      const known = rest;
      if (known === undefined) return undefined;
      const heads = await headsOf(database, known, now);
      known.heads = heads;
      const conditions = conditionsOf(known.conditions, now);
      const found = await claimOne(database, valuesOf(request, conditions, known.text, heads, now));
      if (found === undefined) {
        if (rest === known) rest = undefined;
        missed = known;
        return undefined;
      }
      const { seen, ...row } = found;
      for (const [lane, rank] of seen) heads.ranks[lane - 1] = rank ?? EMPTY;
      return { claims: [claimOf(row)], conditions, nextAt: now };
    },
    rest: (conditions, found) => {
      const text = JSON.stringify(conditions);
      // Nothing has changed: the line is one that lone claims cannot decide, such as one of many who wait for one number.
      if (found && missed !== undefined && missed.text === text) spared = SPARED;
      missed = undefined;
      spared = Math.max(0, spared - 1);
      if (conditions === undefined || spared > 0) rest = undefined;
      else if (rest?.text !== text) rest = { conditions, text, heads: undefined };
    },
  };
}

async function headsOf(database: Database, { heads }: Rest, now: number): Promise<Heads> {
  return heads !== undefined && areFresh(heads, now) ? heads : readHeads(database, now);
}

/** A row of CLAIM. */
interface LoneRow extends ClaimRow {
  /** Lanes that were looked at, by their places in the heads (from 1), and the rank of their first fax; null: empty. */
  readonly seen: readonly (readonly [lane: number, rank: number | null])[];
}

/** Lanes whose faxes are looked at: the first ones may be worse than they were, or have nobody who can be called now. */
const LANES = 4;

/** As good as no limit of calls. */
const ANY = 2_147_483_647;

/**
 * The lanes whose accounts have the fewest live calls and among them those with the best first fax are looked at, and the
 * best fax of them is taken, unless the next lane might have a better one. Whoever holds its row, such as a cancellation,
 * is not waited for. Accounts are asked in the order of their lanes, and so only as many as are needed.
 */
const CLAIM: Statement = {
  name: 'sealfax_lone_claim',
  text: `with live as materialized (
     select account, carrier, count(*)::int as used,
       bool_or(state = 'queued' and lease_until <= $1::bigint) as stale
     from faxes where live_to is not null group by account, carrier
   ), rest as materialized (
     select from (values (1)) as one where not exists (select from live where stale)
       and coalesce((select min(next_call_at) from faxes where state = 'queued' and carrier is null) > $1::bigint, true)
       and coalesce((select value from settings where name = 'dial_conditions'), '[]') = $5
       and coalesce((select jsonb_agg(k) from (${CONDITIONS}) k), '[]') = $6::jsonb
       and ${nobodyJoined('$7')}
       and not exists (select from settings where name in ('${WALK}', '${HOLD}'))
   ), share as materialized (
     select p.name, p.interval, ${PACE_AT} as at
     from unnest($8::text[], $9::int[], $10::float8[], $11::int[]) as p(name, most, interval, burst)
       left join carriers k using (name)
     where p.most > coalesce((select sum(used) from live where live.carrier = p.name), 0)
       and (p.interval is null or ${PACE_ROOM} >= 1)
   ), open as materialized (
     select name as carrier from share union all select '${NO_CARRIER}'
   ), calling as materialized (
     select coalesce(jsonb_object_agg(account, used), '{}') as accounts
     from (select account, sum(used) as used from live group by account) l
   ), lane as materialized (
     select l.*, row_number() over (order by l.used, l.rank) as place from (
       select o.* from rest cross join (
         select h.*, coalesce((c.accounts ->> h.account)::int, 0) as used
         from unnest($12::text[], $13::text[], $14::bigint[]) with ordinality as h(account, carrier, rank, number)
           join open using (carrier) cross join calling c
         where h.rank < ${EMPTY} order by used, h.rank offset 0
       ) o cross join lateral (
         select from accounts a where a.id = o.account and ${GETS_CALLS}
           and coalesce((a.policy ->> 'channels')::int, $4) > o.used offset 0
       ) a order by o.used, o.rank limit ${LANES} + 1
     ) l
   ), seen as materialized (
     select l.number, l.used, first.rank as head, d.id, d.rank from lane l
     left join lateral (
       select ${RANK} as rank from faxes f where ${IN_LINE} and f.account = l.account and f.carrier = l.carrier
       order by ${RANK} limit 1
     ) first on true
     left join lateral (
       select f.id, ${RANK} as rank from faxes f
       where ${IN_LINE} and f.account = l.account and f.carrier = l.carrier and ${callable('$1::bigint')}
       order by ${RANK} limit 1
     ) d on true
     where l.place <= ${LANES}
   ), best as materialized (
     select b.id from (select * from seen where id is not null order by used, rank limit 1) b
     where not exists (select from lane l where l.place > ${LANES} and (l.used, l.rank) < (b.used, b.rank))
   ), held as materialized (
     select f.id, f.account, ${IN_LINE} as fit from faxes f where f.id = (select id from best) for update skip locked
   ), taken as (
     update faxes f set fence = fence + 1, worker = $2, lease_until = $3, live_to = to_number, updated_at = $1
     from held join accounts a on a.id = held.account where f.id = held.id and held.fit
     returning ${CLAIM_COLUMNS}
   ), paced as (
     insert into carriers (name, next_at)
     select s.name, s.at + s.interval from share s join taken t on t.carrier = s.name where s.interval is not null
     on conflict (name) do update set next_at = excluded.next_at
   )
   select row_to_json(r)::text
   from (select t.*, (select jsonb_agg(jsonb_build_array(number, head)) from seen) as seen from taken t) r`,
};

const ENTER: Statement = { name: 'sealfax_enter_claim', text: ENTER_CLAIM };

async function claimOne({ pool }: Database, values: Parameters<typeof runTogether>[3]): Promise<LoneRow | undefined> {
  try {
    const text = await runTogether(pool, ENTER, CLAIM, values);
    return text === undefined ? undefined : (JSON.parse(text) as LoneRow);
  } catch (error) {
    // A claim of many is tried again.
    if (isConflict(error)) return undefined;
    throw error;
  }
}

function valuesOf(
  { worker, lease, carriers }: CallRequest,
  conditions: Conditions,
  text: string,
  heads: Heads,
  now: number,
): Parameters<typeof runTogether>[3] {
  const paces = carriers.map(({ callsPerSecond }) => (callsPerSecond === null ? null : paceOf(callsPerSecond)));
  return [
    now,
    worker,
    now + lease,
    DEFAULT_POLICY.channels,
    obstaclesOf(conditions),
    text,
    heads.joined,
    carriers.map(({ name }) => name),
    carriers.map((share) => callsOf(share, conditions)),
    paces.map((pace) => pace?.interval ?? null),
    paces.map((pace) => pace?.burst ?? null),
    heads.accounts,
    heads.carriers,
    heads.ranks,
  ];
}

function callsOf({ name, maxCalls }: CarrierShare, conditions: Conditions): number {
  return Math.min(maxCalls ?? ANY, mostCalls(conditions, name), ANY);
}
