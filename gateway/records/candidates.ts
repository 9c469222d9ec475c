import { DEFAULT_POLICY } from '../fax/policy.ts';
import { spentUntil } from './budgets.ts';
import { type Candidate, chooseCalls } from './choose-calls.ts';
import { prepared, type Transaction } from './database.ts';
import { HOLD } from './restore-hold.ts';

/** The greatest number of calls that a claim gives out. */
const MOST = 1_000;

/** Lanes beyond one for each wanted fax: as many may have nobody who can be called at the moment. */
const SPARE_LANES = 4;

/** Above any number of lanes. */
const ALL_LANES = 1_000_000_000;

/** The faxes that a claim gives calls to, and those that it chose them from. */
export interface Choice {
  readonly chosen: readonly Candidate[];
  readonly candidates: readonly Candidate[];
}

/**
 * The best `wanted` faxes of the line. A few lanes are read at first, those of the accounts with the fewest live calls;
 * the rest only when it could change the choice, such as when all numbers that those few lanes want are being called.
 *
 * @param rooms calls that each carrier may have beside its live ones
 */
export async function choose(
  tx: Transaction,
  rooms: ReadonlyMap<string, number>,
  wanted: number,
  now: number,
): Promise<Choice> {
  const limit = Math.min(wanted, MOST);
  if (limit <= 0) return { chosen: [], candidates: [] };
  const few = await candidatesOf(tx, rooms, { limit, lanes: limit + SPARE_LANES }, now);
  const chosen = chooseCalls(few.candidates, rooms, limit);
  if (few.beyond === undefined || !mayBeBetter(few.beyond, chosen, limit)) {
    return { chosen, candidates: few.candidates };
  }
  const { candidates } = await candidatesOf(tx, rooms, { limit, lanes: ALL_LANES }, now);
  return { chosen: chooseCalls(candidates, rooms, limit), candidates };
}

/** A lane is what stands in line of one account for one carrier; its place is that of its first fax, called or not. */
type LanePlace = Pick<Candidate, 'used' | 'rank'>;

/** Whether a lane that was not read might hold a fax that comes before one of the chosen, or that there is still room for. */
function mayBeBetter(lane: LanePlace, chosen: readonly Candidate[], limit: number): boolean {
  const given = new Map<string, number>();
  const overtaken = chosen.some(({ account, used, rank }) => {
    const before = given.get(account) ?? 0;
    given.set(account, before + 1);
    return used + before > lane.used || (used + before === lane.used && rank > lane.rank);
  });
  return overtaken || chosen.length < limit;
}

/** Row of CANDIDATES. Without a fax it is the first of the lanes that were not read. */
type CandidateRow = Candidate | (LanePlace & { readonly fax: null });

async function candidatesOf(
  tx: Transaction,
  rooms: ReadonlyMap<string, number>,
  { limit, lanes }: { readonly limit: number; readonly lanes: number },
  now: number,
): Promise<{ readonly candidates: readonly Candidate[]; readonly beyond: LanePlace | undefined }> {
  const open = [...rooms].filter(([, room]) => room > 0);
  const rows = await tx.rows<CandidateRow>(CANDIDATES, [
    open.map(([carrier]) => carrier),
    open.map(([, room]) => Math.min(room, limit)),
    now,
    limit,
    DEFAULT_POLICY.channels,
    lanes,
  ]);
  return {
    candidates: rows.filter((row): row is Candidate => row.fax !== null),
    beyond: rows.find(({ fax }) => fax === null),
  };
}

/** The condition of the index faxes_line. */
export const IN_LINE = `f.state = 'queued' and f.live_to is null and f.carrier is not null`;

/** Who is first in a lane, as the index faxes_line says it. */
export const RANK = 'f.next_call_at - 600000 * f.priority';

/**
 * One claim at a time in this schema. Estimates for a long line are far above what is read of it, and would have the
 * server compile each statement (jit) for longer than it runs. The statements are planned once, perhaps while the table is
 * still empty: they have to go by the indexes all the same, for the line that is there later.
 */
export const BEGIN_CLAIM = `begin;
  set local jit = off; set local plan_cache_mode = force_generic_plan;
  set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_sort = off;
  select pg_advisory_xact_lock(hashtext('sealfax claims'), hashtext(current_schema()))`;

/** The same where the transaction has begun already. */
export const ENTER_CLAIM = `select set_config('jit', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true),
  set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
  set_config('enable_sort', 'off', true),
  pg_advisory_xact_lock(hashtext('sealfax claims'), hashtext(current_schema()))`;

/**
 * Selects the first fax of each lane, called or not, in a statement that is recursive: the index of the line is read by
 * jumping from the head of one lane to that of the next.
 */
export const HEAD = `head as (
     (select f.account, f.carrier, ${RANK} as rank from faxes f where ${IN_LINE}
      order by f.account, f.carrier, ${RANK} limit 1)
     union all
     select next.* from head h cross join lateral (
       select f.account, f.carrier, ${RANK} from faxes f
       where ${IN_LINE} and (f.account, f.carrier) > (h.account, h.carrier)
       order by f.account, f.carrier, ${RANK} limit 1) next
   )`;

/**
 * Whether a fax `f` that stands in the line may be called at the time of `now`. Whether a number is being called is asked of
 * its index for one number after the other, by the order that only this index has. Statistics know next to nothing of live
 * calls, which come and go, and would have the server read all of them each time; so does a join with their sums.
 */
export const callable = (now: string): string => `(f.deadline is null or f.deadline > ${now})
         and (select b.live_to from faxes b where b.live_to >= f.to_number order by b.live_to limit 1)
           is distinct from f.to_number`;

/**
 * The best faxes of each lane, a little more of each than its share of what is wanted.
 */
const CANDIDATES = prepared(
  'candidates',
  `with recursive ${HEAD}, calling as materialized (
     select coalesce(jsonb_object_agg(account, used), '{}') as accounts
     from (select account, count(*) as used from faxes where live_to is not null group by account) live
   ), lane as materialized (
     select l.*, row_number() over (order by l.used, l.rank) as place from (
       select h.account, h.carrier, h.rank, open.room, u.used,
         coalesce((a.policy ->> 'channels')::int, $5) - u.used as free
       from head h join unnest($1::text[], $2::int[]) as open(carrier, room) using (carrier)
         join accounts a on a.id = h.account cross join calling c
         cross join lateral (select coalesce((c.accounts ->> h.account)::int, 0) as used) u
       where not a.disabled and not a.paused and not exists (select 1 from settings where name = '${HOLD}')
         and ${spentUntil('a.id', '$3::bigint')} is null
     ) l where l.free > 0 order by l.used, l.rank limit $6::bigint + 1
   ), part as materialized (
     select 2 + $4::int / greatest(count(distinct account), 1) as share from lane where place <= $6::bigint
   ), offered as (
     select d.*, l.used, l.free, row_number() over (partition by l.account order by d.rank) as place,
       s.share < least($4::int, l.room, l.free)
         and count(*) over (partition by l.account, l.carrier) = s.share as cut
     from part s cross join lane l cross join lateral (
       select f.id as fax, f.account, f.carrier, f.to_number as "to", ${RANK} as rank
       from faxes f
       where ${IN_LINE} and f.account = l.account and f.carrier = l.carrier
         and ${callable('$3::bigint')}
       order by ${RANK} limit least($4::int, l.room, l.free, s.share)
     ) d where l.place <= $6::bigint
   )
   (select fax, account, carrier, "to", rank, used, free, cut from offered order by used + place, rank limit 2 * $4::int)
   union all
   select null, null, null, null, rank, used, null, null from lane where place = $6::bigint + 1`,
);
