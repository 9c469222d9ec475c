import type { Account } from '../fax/account.ts';
import type { E164 } from '../fax/number.ts';
import { LEFT_OUT, type LeftOut, type RouteDecision } from '../fax/route.ts';
import type { CarrierCondition, Conditions } from '../ports/conditions.ts';
import type { LeftOutCarrier, Plan, PlanAccount, PlannedCarrier, PlanRequest } from '../ports/plan.ts';
import { type Route, routeTable } from './routes.ts';
import { type CarrierTerms, shownNumber } from './terms.ts';

export { type Route, unknownCarriers } from './routes.ts';
export type { CarrierTerms } from './terms.ts';

/** What the settings say of routes and carriers. */
export interface Routing {
  readonly routes: readonly Route[];
  /** All carriers in the order of the configuration. */
  readonly carriers: readonly CarrierTerms[];
}

/** Plans calls. Pure: what it needs of the world comes in as `conditions`, the time with them. */
export interface Planner {
  plan(request: PlanRequest, conditions: Conditions): Plan;
  /** The settings that plans rest on: equal for equal settings. */
  readonly settings: string;
  /** Which rules with windows hold at `now`: when it changes, plans do. */
  windows(now: number): string;
}

/** A planner for these settings. */
export function createPlanner({ routes, carriers }: Routing): Planner {
  const table = routeTable(routes);
  return {
    plan(request, conditions) {
      const route = table.find(request.account, request.to, conditions.now);
      return planOf(candidatesOf(route, carriers, request.to), route, request, conditions);
    },
    settings: JSON.stringify([routes, carriers.map(({ price, ...fixed }) => fixed)]),
    windows: (now) => JSON.stringify(table.open(now)),
  };
}

/** An account as routes see it. */
export function planAccount({ id, name, policy }: Account): PlanAccount {
  return { id, name, carrierTags: policy.carrierTags, pullMedia: policy.pullMedia };
}

/** Terms of a carrier whose settings say nothing. */
export function plainTerms(name: string): CarrierTerms {
  return { name, tags: [], callerId: 'pass', price: () => null };
}

/** A carrier at its place, from 1, in the order of a rule. */
interface Candidate {
  readonly terms: CarrierTerms;
  readonly place: number;
  readonly price: number | null;
}

function candidatesOf(route: Route | undefined, all: readonly CarrierTerms[], to: E164): Candidate[] {
  const named = route === undefined || route.carriers.length === 0 ? all : termsOf(route.carriers, all);
  const priced = named.map((terms) => ({ terms, price: terms.price(to) }));
  // Stable: equal prices keep the order of the rule.
  if (route?.order === 'cheapest') priced.sort((a, b) => (a.price ?? Infinity) - (b.price ?? Infinity) || 0);
  return priced.map((candidate, index) => ({ ...candidate, place: index + 1 }));
}

function termsOf(names: readonly string[], all: readonly CarrierTerms[]): CarrierTerms[] {
  return names.flatMap((name) => all.find((terms) => terms.name === name) ?? []);
}

function planOf(
  candidates: readonly Candidate[],
  route: Route | undefined,
  request: PlanRequest,
  conditions: Conditions,
): Plan {
  const first: PlannedCarrier[] = [];
  const last: PlannedCarrier[] = [];
  const leftOut: LeftOutCarrier[] = [];
  const tags = [...request.account.carrierTags, ...(route?.tags ?? [])];
  for (const candidate of candidates) {
    const condition = conditions.carriers.find(({ name }) => name === candidate.terms.name);
    const obstacle =
      lasting(candidate, tags, request) ??
      passing(condition, conditions.now) ??
      (request.line.avoid.includes(candidate.terms.name) ? because('failed_before') : undefined);
    if (obstacle !== undefined) leftOut.push({ name: candidate.terms.name, place: candidate.place, ...obstacle });
    if (obstacle === undefined) first.push(planned(candidate, route, request, condition));
    else if (obstacle.why === 'failed_before') last.push(planned(candidate, route, request, condition));
  }
  const carriers = [...first, ...last];
  const waitFor = carriers.length > 0 ? undefined : leftOut.find(({ why }) => LEFT_OUT[why].passing);
  const { name = null, order = 'listed' } = route ?? {};
  return { rule: name, order, carriers, leftOut, waitFor: waitFor?.name ?? null };
}

type Obstacle = Pick<LeftOutCarrier, 'why' | 'sentence'>;

function because(why: LeftOut, sentence: string = LEFT_OUT[why].about): Obstacle {
  return { why, sentence };
}

/** What waiting does not help against. */
function lasting({ terms }: Candidate, tags: readonly string[], request: PlanRequest): Obstacle | undefined {
  if (terms.sends === false) return because('receives_only');
  const missing = tags.filter((tag) => !terms.tags.includes(tag));
  if (missing.length > 0) return because('tag_missing', `has not the tag ${[...new Set(missing)].join(', ')}`);
  if (shownNumber(terms.callerId, request.from) === undefined) {
    return because('caller_id');
  }
  if (terms.pulls === true && !request.account.pullMedia) return because('pull_denied');
  return request.line.refused.includes(terms.name) ? because('refused') : undefined;
}

function passing(condition: CarrierCondition | undefined, now: number): Obstacle | undefined {
  if (condition === undefined) return undefined;
  const { paused, breaker, spentUntil } = condition;
  if (paused !== null) return because('paused', `is paused: ${paused.reason}`);
  if (breaker.state === 'open') return because('breaker_open', `is left alone for now: ${breaker.reason}`);
  if (spentUntil !== null && spentUntil > now) {
    return because(
      'budget_spent',
      `has spent its budget; the next period begins at ${new Date(spentUntil).toISOString()}`,
    );
  }
  return undefined;
}

function planned(
  { terms, place, price }: Candidate,
  route: Route | undefined,
  { from, line }: PlanRequest,
  condition: CarrierCondition | undefined,
): PlannedCarrier {
  const trial = condition?.breaker.state === 'trial';
  const reasons = [
    route === undefined ? `no. ${place} of all carriers; no rule fits` : `no. ${place} of the rule ${route.name}`,
    ...(route?.order === 'cheapest' ? [price === null ? 'its price is not known' : 'by its price'] : []),
    ...(trial ? ['on trial: one call at a time'] : []),
    ...(line.avoid.includes(terms.name) ? ['comes last: it has failed this fax'] : []),
  ];
  return { name: terms.name, place, shows: shownNumber(terms.callerId, from) ?? null, trial, price, reasons };
}

/** What the CDR of a call over `carrier` keeps of the plan that it was made by. */
export function decisionOf({ rule, carriers, leftOut }: Plan, carrier: string): RouteDecision {
  const chosen = carriers.find(({ name }) => name === carrier);
  const failed = leftOut.some(({ name, why }) => name === carrier && why === 'failed_before');
  const of = carriers.length + leftOut.filter(({ why }) => why !== 'failed_before').length;
  const place = chosen?.place ?? leftOut.find(({ name }) => name === carrier)?.place ?? of;
  // One that comes last because it has failed comes after all those that have not.
  const before = leftOut.filter(
    (other) => other.name !== carrier && (other.place < place || (failed && other.why !== 'failed_before')),
  );
  const reasons = before.map(({ name, why }) => ({ carrier: name, why }));
  return { rule, place, of, trial: chosen?.trial ?? false, leftOut: reasons };
}
