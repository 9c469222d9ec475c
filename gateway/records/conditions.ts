import { type KeptPhase, phaseAt } from '../fax/breaker.ts';
import type { BreakerCondition, CarrierCondition, Conditions } from '../ports/conditions.ts';
import type { Sql } from './database.ts';

/** A carrier of which the records know anything, as it stands in the database. */
export interface ConditionRow {
  readonly name: string;
  readonly pausedAt: number | null;
  readonly pausedBy: string | null;
  readonly pausedReason: string | null;
  readonly spentUntil: number | null;
  readonly phase: KeptPhase['phase'];
  readonly until: number | null;
  /** Of the last change of its breaker. */
  readonly since: number | null;
  readonly reason: string;
}

/** Selects `ConditionRow`s. */
export const CONDITIONS = `select name, k.paused_at as "pausedAt", k.paused_by as "pausedBy",
    k.paused_reason as "pausedReason", k.spent_until as "spentUntil", coalesce(b.phase, 'closed') as phase, b.until,
    b.since, coalesce(b.reason, '') as reason
  from carriers k full join (select carrier as name, phase, until, since, reason from carrier_breakers) b using (name)`;

/** What stands in the way of carriers at `now`. */
export async function readConditions(sql: Sql, now: number): Promise<Conditions> {
  return conditionsOf(await sql.rows<ConditionRow>(`${CONDITIONS} order by 1`), now);
}

/** The same of rows that were read with something else. */
export function conditionsOf(rows: readonly ConditionRow[], now: number): Conditions {
  return { now, carriers: rows.map((row) => conditionOf(row, now)) };
}

function conditionOf(row: ConditionRow, now: number): CarrierCondition {
  const { name, pausedAt, pausedBy, pausedReason, spentUntil } = row;
  return {
    name,
    paused: pausedAt === null ? null : { at: pausedAt, by: pausedBy ?? '', reason: pausedReason ?? '' },
    breaker: breakerOf(row, now),
    spentUntil,
  };
}

/** A trial has begun when the rest was over. */
function breakerOf({ phase, until, since, reason }: ConditionRow, now: number): BreakerCondition {
  const state = phaseAt({ phase, until }, now);
  if (state === 'closed') return { state, since, until: null, reason: '' };
  return state === 'trial' ? { state, since: until, until: null, reason } : { state, since, until, reason };
}

/** Calls at once that conditions leave a carrier; on trial it has one. */
export function mostCalls({ now, carriers }: Conditions, carrier: string): number {
  const condition = carriers.find(({ name }) => name === carrier);
  if (condition === undefined) return Number.POSITIVE_INFINITY;
  const { paused, breaker, spentUntil } = condition;
  if (paused !== null || breaker.state === 'open' || (spentUntil !== null && spentUntil > now)) return 0;
  return breaker.state === 'trial' ? 1 : Number.POSITIVE_INFINITY;
}

/**
 * Which carriers are not as ever: two moments with the same text have the same plans, but for a carrier's first trial. The
 * line is made anew when it changes.
 */
export function obstaclesOf({ now, carriers }: Conditions): string {
  const obstructed = carriers.filter(
    ({ paused, breaker, spentUntil }) =>
      paused !== null || breaker.state !== 'closed' || (spentUntil !== null && spentUntil > now),
  );
  return JSON.stringify(obstructed.map(({ name }) => name).toSorted());
}
