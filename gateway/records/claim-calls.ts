import type { FaxId } from '../fax/ids.ts';
import type { Conditions } from '../ports/conditions.ts';
import type { CallClaim, CallClaims, CallRequest, CarrierShare } from '../ports/fax-records.ts';
import { BEGIN_CLAIM, type Choice, choose, IN_LINE } from './candidates.ts';
import type { Candidate } from './choose-calls.ts';
import { CLAIM_COLUMNS, type ClaimRow, claimOf } from './claim-row.ts';
import { CONDITIONS, type ConditionRow, conditionsOf, mostCalls, obstaclesOf } from './conditions.ts';
import { prepared, type Transaction } from './database.ts';
import {
  dropStaleClaims,
  joinLine,
  NO_CARRIER,
  OUTLOOK,
  type Outlook,
  outlook,
  replanFor,
  WALK,
  walkOn,
} from './line.ts';
import { createLoneClaims, type LoneClaims } from './lone-claims.ts';
import { paceAfter, paceFreeAt, paceOf, paceRoom } from './pace.ts';
import type { Store } from './store.ts';

/**
 * W1. One claim at a time is decided among all workers: what it counts cannot change in its favour meanwhile, and so no
 * limit is exceeded. A busy worker asks for many calls at once, which makes up for the waiting.
 */
export function createCallClaims(store: Store): (request: CallRequest, now: number) => Promise<CallClaims> {
  // Whoever was just given calls most likely is again, and does not look first whether there are any.
  let busy = false;
  const lone = createLoneClaims(store);
  return async (request, now) => {
    const one = busy && request.limit === 1 ? await lone.claim(request, now) : undefined;
    if (one !== undefined) return one;
    if (!busy || request.limit <= 0) {
      const seen = await outlook(store.database, now);
      const idle = !seen.stale && !seen.due && (request.limit <= 0 || !seen.waiting);
      if (idle) return { claims: [], conditions: { now, carriers: [] }, nextAt: seen.nextAt };
    }
    const answer = await claim(store, lone, request, now);
    busy = answer.claims.length > 0;
    return answer;
  };
}

function claim(store: Store, lone: LoneClaims, request: CallRequest, now: number): Promise<CallClaims> {
  return store.database.transaction(async (tx) => {
    const seen = await look(tx, request, now);
    const conditions = conditionsOf(seen.conditions, now);
    const changed = obstaclesOf(conditions) !== (seen.obstacles ?? '[]');
    if (changed) await replanFor(tx, conditions);
    const walks = changed || seen.walk !== null;
    const further = walks && (await walkOn(tx, request.plan, conditions, changed ? null : seen.walk));
    const joined = seen.due ? await joinLine(tx, request.plan, conditions) : { more: false, nextAt: seen.nextAt };
    const atRest = !walks && !seen.due;
    const lanes = request.limit > 0 ? lanesOf(seen, request.carriers, conditions) : [];
    const rooms = new Map(lanes.map(({ share, room }) => [share.name, room]));
    const choice = await choose(tx, rooms, request.limit, now);
    const claims = await take(tx, choice.chosen, lanes, request, now);
    tx.afterCommit(() => lone.rest(atRest ? seen.conditions : undefined, claims.length > 0));
    const again = joined.more || further || mayBeMore(choice, claims, request.limit);
    return { claims, conditions, nextAt: again ? now : earliest([joined.nextAt, ...pacedUntil(lanes, claims, now)]) };
  }, BEGIN_CLAIM);
}

/** What a claim decides by, beside the line itself. */
interface Look extends Outlook {
  /** Carriers that were not as ever when the line was last made, as `obstaclesOf` says it; null when it never was. */
  readonly obstacles: string | null;
  /** How far a walk through the line has come; null when there is none. */
  readonly walk: string | null;
  readonly conditions: readonly ConditionRow[];
  readonly carriers: readonly {
    readonly name: string;
    readonly nextAt: number;
    /** Live calls. */
    readonly used: number;
  }[];
}

const LOOK = prepared(
  'look',
  `select o.*, coalesce(c.carriers, '[]') as carriers,
     coalesce((select jsonb_agg(k) from (${CONDITIONS}) k), '[]') as conditions,
     (select value from settings where name = 'dial_conditions') as obstacles,
     (select value from settings where name = '${WALK}') as walk
   from (${OUTLOOK}) o cross join (
     select jsonb_agg(jsonb_build_object('name', name, 'nextAt', coalesce(k.next_at, 0),
       'used', coalesce(live.used, 0))) as carriers
     from unnest($2::text[]) as named(name) left join carriers k using (name) left join (
       select carrier, count(*) as used from faxes where live_to is not null group by carrier) live
       on live.carrier = name) c`,
);

async function look(tx: Transaction, { carriers }: CallRequest, now: number): Promise<Look> {
  const values = [now, carriers.map(({ name }) => name)];
  const seen = await tx.row<Look>(LOOK, values);
  if (seen?.stale !== true) return seen ?? NOTHING_SEEN;
  await dropStaleClaims(tx, now);
  return (await tx.row<Look>(LOOK, values)) ?? NOTHING_SEEN;
}

const NOTHING_SEEN: Look = {
  stale: false,
  due: false,
  waiting: false,
  nextAt: null,
  obstacles: null,
  walk: null,
  conditions: [],
  carriers: [],
};

/** Whether the candidates did not say it all: some could not be called beside others, or not all of a line were among them. */
function mayBeMore({ candidates }: Choice, claims: readonly CallClaim[], limit: number): boolean {
  if (claims.length === 0) return false;
  return claims.length >= limit || claims.length < candidates.length || candidates.some(({ cut }) => cut);
}

/** A carrier at this moment. */
interface Lane {
  readonly share: CarrierShare;
  /** Nothing goes over it for now, whatever its pace. */
  readonly closed: boolean;
  readonly nextAt: number;
  /** Calls that may be placed over it now. */
  readonly room: number;
}

const NO_LANE: Lane = {
  share: { name: NO_CARRIER, maxCalls: null, callsPerSecond: null },
  closed: false,
  nextAt: 0,
  room: Number.POSITIVE_INFINITY,
};

function lanesOf(seen: Look, carriers: readonly CarrierShare[], conditions: Conditions): Lane[] {
  const lanes = carriers.map((share): Lane => {
    const { nextAt = 0, used = 0 } = seen.carriers.find(({ name }) => name === share.name) ?? {};
    const most = mostCalls(conditions, share.name);
    const calls = Math.min(share.maxCalls ?? Number.POSITIVE_INFINITY, most) - used;
    const paced =
      share.callsPerSecond === null ? calls : paceRoom(paceOf(share.callsPerSecond), nextAt, conditions.now);
    return { share, closed: most === 0, nextAt, room: Math.max(0, Math.min(calls, paced)) };
  });
  return [...lanes, NO_LANE];
}

/**
 * Whoever holds one of the rows, such as a cancellation, is not waited for: its fax has no call this time. The rows are
 * found by their ids alone: beside the condition of the line, the server may choose to read all of the line for them. The
 * time of the next call over each carrier with a rate goes on by its calls.
 */
const TAKE = prepared(
  'take_calls',
  `with held as materialized (
     select f.id, f.account, ${IN_LINE} as fit from faxes f where f.id = any($1) for update skip locked
   ), taken as (
     update faxes f set fence = fence + 1, worker = $2, lease_until = $3, live_to = to_number, updated_at = $4
     from held join accounts a on a.id = held.account where f.id = held.id and held.fit
     returning ${CLAIM_COLUMNS}
   ), paced as (
     insert into carriers (name, next_at)
     select p.name, p.at + p.interval * count(*)
     from unnest($5::text[], $6::float8[], $7::float8[]) as p(name, at, interval) join taken t on t.carrier = p.name
     group by p.name, p.at, p.interval
     on conflict (name) do update set next_at = excluded.next_at
   )
   select * from taken`,
);

async function take(
  tx: Transaction,
  chosen: readonly Candidate[],
  lanes: readonly Lane[],
  { worker, lease }: CallRequest,
  now: number,
): Promise<CallClaim[]> {
  if (chosen.length === 0) return [];
  const places = new Map<FaxId, number>(chosen.map(({ fax }, place) => [fax, place]));
  const paced = lanes.flatMap(({ share: { name, callsPerSecond }, nextAt }) => {
    if (callsPerSecond === null) return [];
    const pace = paceOf(callsPerSecond);
    return [{ name, at: paceAfter(pace, nextAt, now, 0), interval: pace.interval }];
  });
  const rows = await tx.rows<ClaimRow>(TAKE, [
    [...places.keys()],
    worker,
    now + lease,
    now,
    paced.map(({ name }) => name),
    paced.map(({ at }) => at),
    paced.map(({ interval }) => interval),
  ]);
  return rows.toSorted((a, b) => (places.get(a.id) ?? 0) - (places.get(b.id) ?? 0)).map(claimOf);
}

function callsOver({ share }: Lane, claims: readonly CallClaim[]): number {
  return claims.filter(({ carrier }) => carrier === share.name).length;
}

/** When paced carriers may be called again; those with room have no such time. */
function pacedUntil(lanes: readonly Lane[], claims: readonly CallClaim[], now: number): number[] {
  return lanes.flatMap((lane) => {
    const { callsPerSecond } = lane.share;
    if (callsPerSecond === null || lane.closed) return [];
    const pace = paceOf(callsPerSecond);
    const nextAt = paceAfter(pace, lane.nextAt, now, callsOver(lane, claims));
    return paceRoom(pace, nextAt, now) > 0 ? [] : [paceFreeAt(pace, nextAt, now)];
  });
}

function earliest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}
