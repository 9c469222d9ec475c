import type { Fax } from '../fax/fax.ts';
import { firstLine, type LearnedFacts } from '../fax/learned.ts';
import type { Conditions } from '../ports/conditions.ts';
import type { CallRequest } from '../ports/fax-records.ts';
import type { PlanAccount } from '../ports/plan.ts';
import { spentUntil } from './budgets.ts';
import { IN_LINE, RANK } from './candidates.ts';
import { obstaclesOf } from './conditions.ts';
import type { Database, Sql, Transaction } from './database.ts';
import { LINE } from './fax-row.ts';
import { SAY_JOINED } from './heads.ts';

/** What stands in the column `carrier` of a fax that no carrier can call. */
export const NO_CARRIER = '';

/** Faxes that join the line in one transaction. */
const JOIN_AT_ONCE = 1_000;

/** Columns of an account `a` as plans see it, to stand beside those of a fax. */
export const PLAN_COLUMNS = `a.name as "accountName", coalesce(a.policy -> 'carrierTags', '[]'::jsonb) as "carrierTags",
  coalesce((a.policy ->> 'pullMedia')::boolean, false) as "pullMedia"`;

/** What `PLAN_COLUMNS` select. */
export interface PlanRow {
  readonly account: PlanAccount['id'];
  readonly accountName: string;
  readonly carrierTags: readonly string[];
  readonly pullMedia: boolean;
}

/** The account of a row as plans see it. */
export function planAccountOf({ account, accountName, carrierTags, pullMedia }: PlanRow): PlanAccount {
  return { id: account, name: accountName, carrierTags, pullMedia };
}

/**
 * Faxes whose time has come join the line of the carrier of their next call. Answers whether more of them are waiting to,
 * and when the next one comes due.
 */
export async function joinLine(
  tx: Transaction,
  plan: CallRequest['plan'],
  conditions: Conditions,
): Promise<{ readonly more: boolean; readonly nextAt: number | null }> {
  const due = await tx.rows<DueFax>(
    `select ${JOINING}, l.facts
     from faxes f join accounts a on a.id = f.account
       left join learned_destinations l on l.number = f.to_number and l.expires_at > $1 and f.attempts = 0
     where f.state = 'queued' and f.carrier is null and f.next_call_at <= $1
     order by f.next_call_at limit $2 for update of f skip locked`,
    [conditions.now, JOIN_AT_ONCE],
  );
  if (due.length > 0) {
    const picked = await pickCarriers(tx, due, plan, conditions);
    await tx.change(
      `${SAY_JOINED}
       update faxes f set carrier = joined.carrier
       from unnest($1::text[], $2::text[]) as joined(fax, carrier) where f.id = joined.fax`,
      [due.map(({ id }) => id), picked],
    );
  }
  await heedLessons(tx, due, conditions.now);
  const row = await tx.row<{ at: number | null }>(
    `select min(next_call_at) as at from faxes where state = 'queued' and carrier is null`,
  );
  return { more: due.length === JOIN_AT_ONCE, nextAt: row?.at ?? null };
}

/** The carrier of each fax's next call, in their order. */
async function pickCarriers(
  tx: Transaction,
  faxes: readonly JoiningFax[],
  plan: CallRequest['plan'],
  conditions: Conditions,
): Promise<string[]> {
  const trials = await takenTrials(
    tx,
    conditions,
    faxes.map(({ id }) => id),
  );
  return faxes.map((fax) =>
    pickCarrier(
      plan({ ...fax, account: planAccountOf(fax) }, conditions),
      fax.getsCalls ? trials : onTrial(conditions),
    ),
  );
}

/** A fax whose carrier is picked. */
interface JoiningFax extends Pick<Fax, 'id' | 'from' | 'to' | 'line'>, PlanRow {
  /** Whether its account gets calls at the moment. */
  readonly getsCalls: boolean;
}

/** A fax that joins. */
interface DueFax extends JoiningFax {
  /** What calls to its number have taught, before its first call. */
  readonly facts: LearnedFacts | null;
}

/** Whether the account `a` gets calls at the time $1. */
export const GETS_CALLS = `(not a.disabled and not a.paused and ${spentUntil('a.id', '$1::bigint')} is null)`;

/** Selects a `JoiningFax` of the fax `f` and its account `a`. */
const JOINING = `f.id, f.account, f.from_number as "from", f.to_number as "to", ${LINE} as line, ${PLAN_COLUMNS},
  ${GETS_CALLS} as "getsCalls"`;

/** The first call to a number begins with the settings that earlier ones have shown to work. */
async function heedLessons(tx: Transaction, due: readonly DueFax[], now: number): Promise<void> {
  const taught = due.filter(({ facts }) => facts !== null);
  if (taught.length === 0) return;
  await tx.change(
    `update faxes f set line = f.line || taught.line
     from unnest($1::text[], $2::jsonb[]) as taught(fax, line) where f.id = taught.fax`,
    [taught.map(({ id }) => id), taught.map(({ facts }) => JSON.stringify(firstLine(facts, now)))],
  );
}

function onTrial({ carriers }: Conditions): Set<string> {
  return new Set(carriers.filter(({ breaker }) => breaker.state === 'trial').map(({ name }) => name));
}

/**
 * Carriers on trial that have their one fax already, called or in line; one that is not called now keeps no other from it.
 *
 * @param joining faxes that are picked for now, wherever they have stood
 */
async function takenTrials(tx: Transaction, conditions: Conditions, joining: readonly string[]): Promise<Set<string>> {
  const names = onTrial(conditions);
  if (names.size === 0) return names;
  const rows = await tx.rows<{ carrier: string }>(
    `select distinct f.carrier from faxes f join accounts a on a.id = f.account
     where f.carrier = any($2) and (f.live_to is not null or (${IN_LINE} and ${GETS_CALLS} and f.id <> all($3)))`,
    [conditions.now, [...names], joining],
  );
  return new Set(rows.map(({ carrier }) => carrier));
}

/** A carrier on trial has one fax of the whole line: a thousand that wait behind one trial would be better off elsewhere. */
function pickCarrier({ carriers, waitFor }: ReturnType<CallRequest['plan']>, trials: Set<string>): string {
  const free = carriers.find(({ name, trial }) => !trial || !trials.has(name)) ?? carriers[0];
  if (free?.trial === true) trials.add(free.name);
  return free?.name ?? waitFor ?? NO_CARRIER;
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

/** The line was made with another configuration of routes and carriers: whoever stands in it is planned anew. */
export function replan(database: Database, configuration: string): Promise<void> {
  return database.transaction(async (tx) => {
    const known = await tx.row<{ value: string }>(`select value from settings where name = 'dial_plan' for update`);
    if (known?.value !== configuration) await walkAgain(tx, 'dial_plan', configuration);
  });
}

/** Carriers that were in order are not, or are again: whoever stands in the line is planned anew. */
export function replanFor(tx: Transaction, conditions: Conditions): Promise<void> {
  return walkAgain(tx, 'dial_conditions', obstaclesOf(conditions));
}

/** Those of one account join again: what it asks of carriers has changed. */
export async function replanAccount(tx: Transaction, account: PlanAccount['id']): Promise<void> {
  await tx.change(`update faxes f set carrier = null where f.account = $1 and ${IN_LINE}`, [account]);
}

/** Claims walk through the line from its beginning, each a part of the way. */
async function walkAgain(tx: Transaction, setting: string, value: string): Promise<void> {
  await tx.change(
    `insert into settings (name, value) select * from unnest($1::text[], $2::text[])
     on conflict (name) do update set value = excluded.value`,
    [
      [setting, WALK],
      [value, JSON.stringify(FROM_THE_BEGINNING)],
    ],
  );
}

/** The setting that says how far a walk through the line has come; there is none while nobody walks. */
export const WALK = 'dial_replan';

/** A place in the line: behind this fax. */
type LinePlace = readonly [account: string, carrier: string, rank: number, fax: string];

const FROM_THE_BEGINNING: LinePlace = ['', '', Number.MIN_SAFE_INTEGER, ''];

/**
 * The next step of a walk: as many faxes as can join at once are planned anew, and those that another carrier is to call
 * change their place. Whoever is called meanwhile by an old plan is planned again by its call, so that a long line need not
 * stand still for it. A fax that moves to a place before the walk is met once more, and a walk comes to its end in any case.
 *
 * @param place where the last step has come to, as it was written down; null: nowhere yet
 * @returns whether another step follows
 */
export async function walkOn(
  tx: Transaction,
  plan: CallRequest['plan'],
  conditions: Conditions,
  place: string | null,
): Promise<boolean> {
  const from = place === null ? FROM_THE_BEGINNING : (JSON.parse(place) as LinePlace);
  const met = await tx.rows<JoiningFax & { readonly carrier: string; readonly rank: number }>(
    `select ${JOINING}, f.carrier, f.rank
     from (select *, ${RANK} as rank from faxes f
           where ${IN_LINE} and (f.account, f.carrier, ${RANK}, f.id) > ($2, $3, $4::bigint, $5)
           order by f.account, f.carrier, ${RANK}, f.id limit $6) f join accounts a on a.id = f.account
     order by f.account, f.carrier, f.rank, f.id`,
    [conditions.now, ...from, JOIN_AT_ONCE],
  );
  const picked = await pickCarriers(tx, met, plan, conditions);
  const moved = met.flatMap((fax, index) => (fax.carrier === picked[index] ? [] : [[fax.id, picked[index]]]));
  // By their ids alone: beside the whole condition of the line, the server may read all of the line for each.
  await tx.change(
    `${SAY_JOINED}
     update faxes f set carrier = moved.carrier from unnest($1::text[], $2::text[]) as moved(fax, carrier)
     where f.id = moved.fax and f.state = 'queued' and f.live_to is null`,
    [moved.map(([id]) => id), moved.map(([, carrier]) => carrier)],
  );
  return stopAt(tx, met.length < JOIN_AT_ONCE ? undefined : met.at(-1));
}

/** Writes down how far a walk has come; without a last fax it is over. */
async function stopAt(
  tx: Transaction,
  last: { readonly account: string; readonly carrier: string; readonly rank: number; readonly id: string } | undefined,
): Promise<boolean> {
  if (last === undefined) {
    await tx.change('delete from settings where name = $1', [WALK]);
    return false;
  }
  const place: LinePlace = [last.account, last.carrier, last.rank, last.id];
  await tx.change('update settings set value = $2 where name = $1', [WALK, JSON.stringify(place)]);
  return true;
}
