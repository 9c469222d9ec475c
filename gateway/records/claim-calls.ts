import type { FaxId } from '../fax/ids.ts';
import { DEFAULT_POLICY } from '../fax/policy.ts';
import type { CallClaim, CallClaims, CallRequest, CarrierShare } from '../ports/fax-records.ts';
import { type Candidate, chooseCalls } from './choose-calls.ts';
import type { Transaction } from './database.ts';
import { FAX_COLUMNS, type FaxRow, faxOf, WORK_COLUMNS } from './fax-row.ts';
import { dropStaleClaims, joinLine, NO_CARRIER, nextJoins, outlook } from './line.ts';
import { paceAfter, paceFreeAt, paceOf, paceRoom } from './pace.ts';
import { HOLD } from './restore-hold.ts';
import type { Store } from './store.ts';

/**
 * W1. One claim at a time is decided among all workers: what it counts cannot change in its favour meanwhile, and so no
 * limit is exceeded. A busy worker asks for many calls at once, which makes up for the waiting.
 */
export async function claimCalls(store: Store, request: CallRequest, now: number): Promise<CallClaims> {
  const { work, nextAt } = await outlook(store.database, request.limit, now);
  return work ? claim(store, request, now) : { claims: [], nextAt };
}

function claim(store: Store, request: CallRequest, now: number): Promise<CallClaims> {
  return store.database.transaction(async (tx) => {
    await tx.change(`select pg_advisory_xact_lock(hashtext('sealfax claims'), hashtext(current_schema()))`);
    await dropStaleClaims(tx, now);
    const joining = await joinLine(tx, request.plan, now);
    const lanes = request.limit > 0 ? await lanesOf(tx, request.carriers, now) : [];
    const candidates = await candidatesOf(tx, lanes, request.limit, now);
    const rooms = new Map(lanes.map(({ share, room }) => [share.name, room]));
    const claims = await take(tx, chooseCalls(candidates, rooms, request.limit), request, now);
    await keepPace(tx, lanes, claims, now);
    const cut = claims.length > 0 && (claims.length < candidates.length || claims.length >= request.limit);
    const again = joining || cut ? now : null;
    return { claims, nextAt: again ?? earliest([await nextJoins(tx), ...pacedUntil(lanes, claims, now)]) };
  });
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
 * The best faxes of each account that has a free channel, as many as could be called. Accounts in the line are found by
 * jumping from one to the next through its index, not by reading it.
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
         coalesce((a.policy ->> 'channels')::int, $5) - coalesce(c.used, 0) as free
       from waiting w join accounts a on a.id = w.account left join calling c on c.account = a.id
       where not a.disabled and not a.paused and not exists (select 1 from settings where name = '${HOLD}')
     ), offered as (
       select d.*, a.used, a.free, row_number() over (partition by a.id order by d.rank) as place
       from free a cross join unnest($1::text[], $2::int[]) as lane(carrier, room) cross join lateral (
         select f.id as fax, f.account, f.carrier, f.to_number as "to", f.next_call_at - 600000 * f.priority as rank
         from faxes f
         where ${IN_LINE} and f.account = a.id and f.carrier = lane.carrier and (f.deadline is null or f.deadline > $3)
           and f.to_number not in (select b.live_to from faxes b where b.live_to is not null)
         order by f.next_call_at - 600000 * f.priority limit least($4, lane.room, a.free)
       ) d where a.free > 0
     )
     select fax, account, carrier, "to", rank, used, free from offered order by used + place, rank limit 2 * $4`,
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
  // Whoever holds one of the rows, such as a cancellation, is not waited for: its fax has no call this time.
  const rows = await tx.rows<FaxRow & { readonly carrier: string }>(
    `update faxes f set fence = fence + 1, worker = $2, lease_until = $3, live_to = to_number, updated_at = $4
     where f.id in (select f.id from faxes f where f.id = any($1) and ${IN_LINE} for update skip locked)
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
