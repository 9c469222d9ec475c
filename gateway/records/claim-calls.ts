import type { FaxId } from '../fax/ids.ts';
import { DEFAULT_POLICY } from '../fax/policy.ts';
import type { CallClaim, CallClaims, CallRequest, CarrierShare } from '../ports/fax-records.ts';
import { type Candidate, chooseCalls } from './choose-calls.ts';
import type { Transaction } from './database.ts';
import { FAX_COLUMNS, type FaxRow, faxOf, WORK_COLUMNS } from './fax-row.ts';
import { dropStaleClaims, joinLine, NO_CARRIER, type Outlook, outlook } from './line.ts';
import { paceAfter, paceFreeAt, paceOf, paceRoom } from './pace.ts';
import { HOLD } from './restore-hold.ts';
import type { Store } from './store.ts';

/**
 * W1. One claim at a time is decided among all workers: what it counts cannot change in its favour meanwhile, and so no
 * limit is exceeded. A busy worker asks for many calls at once, which makes up for the waiting.
 */
export async function claimCalls(store: Store, request: CallRequest, now: number): Promise<CallClaims> {
  const seen = await outlook(store.database, now);
  const idle = !seen.stale && !seen.due && (request.limit <= 0 || !seen.waiting);
  return idle ? { claims: [], nextAt: seen.nextAt } : claim(store, request, seen, now);
}

function claim(store: Store, request: CallRequest, seen: Outlook, now: number): Promise<CallClaims> {
  return store.database.transaction(async (tx) => {
    await tx.change(BEGIN_CLAIM);
    if (seen.stale) await dropStaleClaims(tx, now);
    const joined =
      seen.due || seen.stale ? await joinLine(tx, request.plan, now) : { more: false, nextAt: seen.nextAt };
    const lanes = request.limit > 0 ? await lanesOf(tx, request.carriers, now) : [];
    const candidates = await candidatesOf(tx, lanes, request.limit, now);
    const rooms = new Map(lanes.map(({ share, room }) => [share.name, room]));
    const claims = await take(tx, chooseCalls(candidates, rooms, request.limit), request, now);
    await keepPace(tx, lanes, claims, now);
    const again = joined.more || mayBeMore(candidates, claims, request.limit);
    return { claims, nextAt: again ? now : earliest([joined.nextAt, ...pacedUntil(lanes, claims, now)]) };
  });
}

/**
 * One claim at a time in this schema. Estimates for a long line are far above what is read of it, and would have the
 * server compile each statement (jit) for longer than it runs.
 */
const BEGIN_CLAIM = `select set_config('jit', 'off', true),
  pg_advisory_xact_lock(hashtext('sealfax claims'), hashtext(current_schema()))`;

/** Whether the candidates did not say it all: some could not be called beside others, or not all of a line were among them. */
function mayBeMore(candidates: readonly Candidate[], claims: readonly CallClaim[], limit: number): boolean {
  if (claims.length === 0) return false;
  return claims.length >= limit || claims.length < candidates.length || candidates.some(({ cut }) => cut);
}

/** A carrier at this moment. */
interface Lane {
  readonly share: CarrierShare;
  readonly paused: boolean;
  readonly nextAt: number;
  /** Calls that may be placed over it now. */
  readonly room: number;
}

const NO_LANE: Lane = {
  share: { name: NO_CARRIER, maxCalls: null, callsPerSecond: null },
  paused: false,
  nextAt: 0,
  room: Number.POSITIVE_INFINITY,
};

async function lanesOf(tx: Transaction, carriers: readonly CarrierShare[], now: number): Promise<Lane[]> {
  const rows = await tx.rows<{ name: string; paused: boolean; nextAt: number; used: number }>(
    `select c.name, k.paused_at is not null as paused, coalesce(k.next_at, 0) as "nextAt",
       (select count(*) from faxes f where f.live_to is not null and f.carrier = c.name) as used
     from unnest($1::text[]) as c(name) left join carriers k using (name)`,
    [carriers.map(({ name }) => name)],
  );
  const lanes = carriers.map((share): Lane => {
    const { paused = false, nextAt = 0, used = 0 } = rows.find(({ name }) => name === share.name) ?? {};
    const calls = (share.maxCalls ?? Number.POSITIVE_INFINITY) - used;
    const paced = share.callsPerSecond === null ? calls : paceRoom(paceOf(share.callsPerSecond), nextAt, now);
    return { share, paused, nextAt, room: paused ? 0 : Math.max(0, Math.min(calls, paced)) };
  });
  return [...lanes, NO_LANE];
}

/** The greatest number of calls that a claim gives out. */
const MOST = 1_000;

/**
 * The best faxes of each account that has a free channel, a little more of each than its share of `wanted`. Accounts in
 * the line are found by jumping from one to the next through its index, not by reading it.
 */
async function candidatesOf(
  tx: Transaction,
  lanes: readonly Lane[],
  wanted: number,
  now: number,
): Promise<readonly Candidate[]> {
  const open = lanes.filter(({ room }) => room > 0);
  const limit = Math.min(wanted, MOST);
  if (limit <= 0) return [];
  return tx.rows<Candidate>(
    `with recursive waiting as (
       (select f.account from faxes f where ${IN_LINE} order by f.account limit 1)
       union all
       select (select f.account from faxes f where ${IN_LINE} and f.account > w.account order by f.account limit 1)
       from waiting w where w.account is not null
     ), calling as (
       select account, count(*) as used from faxes where live_to is not null group by account
     ), free as (
       select a.id, coalesce(c.used, 0) as used,
         coalesce((a.policy ->> 'channels')::int, $5) - coalesce(c.used, 0) as free,
         2 + $4 / count(*) over () as share
       from waiting w join accounts a on a.id = w.account left join calling c on c.account = a.id
       where not a.disabled and not a.paused and not exists (select 1 from settings where name = '${HOLD}')
     ), offered as (
       select d.*, a.used, a.free, row_number() over (partition by a.id order by d.rank) as place,
         a.share < least($4, lane.room, a.free)
           and count(*) over (partition by a.id, lane.carrier) = a.share as cut
       from free a cross join unnest($1::text[], $2::int[]) as lane(carrier, room) cross join lateral (
         select f.id as fax, f.account, f.carrier, f.to_number as "to", f.next_call_at - 600000 * f.priority as rank
         from faxes f
         where ${IN_LINE} and f.account = a.id and f.carrier = lane.carrier and (f.deadline is null or f.deadline > $3)
           and f.to_number not in (select b.live_to from faxes b where b.live_to is not null)
         order by f.next_call_at - 600000 * f.priority limit least($4, lane.room, a.free, a.share)
       ) d where a.free > 0
     )
     select fax, account, carrier, "to", rank, used, free, cut from offered order by used + place, rank limit 2 * $4`,
    [
      open.map(({ share }) => share.name),
      open.map(({ room }) => Math.min(room, limit)),
      now,
      limit,
      DEFAULT_POLICY.channels,
    ],
  );
}

/** The condition of the index faxes_line. */
const IN_LINE = `f.state = 'queued' and f.live_to is null and f.carrier is not null`;

async function take(
  tx: Transaction,
  chosen: readonly Candidate[],
  { worker, lease }: CallRequest,
  now: number,
): Promise<CallClaim[]> {
  if (chosen.length === 0) return [];
  const places = new Map<FaxId, number>(chosen.map(({ fax }, place) => [fax, place]));
  // Whoever holds one of the rows, such as a cancellation, is not waited for: its fax has no call this time. The rows are
  // found by their ids alone: beside the condition of the line, the server may choose to read all of the line for them.
  const rows = await tx.rows<FaxRow & { readonly carrier: string }>(
    `with held as materialized (
       select f.id, ${IN_LINE} as fit from faxes f where f.id = any($1) for update skip locked)
     update faxes f set fence = fence + 1, worker = $2, lease_until = $3, live_to = to_number, updated_at = $4
     from held where f.id = held.id and held.fit
     returning ${FAX_COLUMNS}, ${WORK_COLUMNS}, f.carrier`,
    [[...places.keys()], worker, now + lease, now],
  );
  return rows
    .toSorted((a, b) => (places.get(a.id) ?? 0) - (places.get(b.id) ?? 0))
    .map(({ carrier, ...row }) => ({
      fax: faxOf(row),
      fence: row.fence,
      carrier: carrier === NO_CARRIER ? null : carrier,
    }));
}

async function keepPace(
  tx: Transaction,
  lanes: readonly Lane[],
  claims: readonly CallClaim[],
  now: number,
): Promise<void> {
  for (const lane of lanes) {
    const calls = callsOver(lane, claims);
    if (lane.share.callsPerSecond === null || calls === 0) continue;
    await tx.change(
      `insert into carriers (name, next_at) values ($1, $2) on conflict (name) do update set next_at = $2`,
      [lane.share.name, paceAfter(paceOf(lane.share.callsPerSecond), lane.nextAt, now, calls)],
    );
  }
}

function callsOver({ share }: Lane, claims: readonly CallClaim[]): number {
  return claims.filter(({ carrier }) => carrier === share.name).length;
}

/** When paced carriers may be called again; those with room have no such time. */
function pacedUntil(lanes: readonly Lane[], claims: readonly CallClaim[], now: number): number[] {
  return lanes.flatMap((lane) => {
    const { callsPerSecond } = lane.share;
    if (callsPerSecond === null || lane.paused) return [];
    const pace = paceOf(callsPerSecond);
    const nextAt = paceAfter(pace, lane.nextAt, now, callsOver(lane, claims));
    return paceRoom(pace, nextAt, now) > 0 ? [] : [paceFreeAt(pace, nextAt, now)];
  });
}

function earliest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}
