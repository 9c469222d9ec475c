import type { Account } from '../fax/account.ts';
import type { AccountId } from '../fax/ids.ts';
import type { Carriers, Lessons, RouteExplanation, RouteStatus, Routes } from '../gateway.ts';
import type { AccountRecords } from '../ports/account-records.ts';
import type { CarrierRecords } from '../ports/carrier-records.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { PlanAccount } from '../ports/plan.ts';
import { type Planner, planAccount, type Route, type Routing } from './plan.ts';
import { inWindow, timeText } from './windows.ts';

/** What routes are told and explained with. */
export interface RoutesParts extends Routing {
  readonly planner: Planner;
  readonly conditions: CarrierRecords['conditions'];
  readonly ways: Pick<Carriers, 'list'>;
  readonly lessons: Pick<Lessons, 'about'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** The rules, and why a call would go the way that it would go. It is the planner of the calls that answers. */
export function createRoutes(parts: RoutesParts): Routes {
  const { routes, carriers, planner, conditions, ways, lessons, clock } = parts;
  return {
    rules: () => routes.map((route) => statusOf(route, clock.now())),
    terms: () => carriers.map(({ name, tags, callerId }) => ({ name, tags, callerId })),
    carriersWith: (tags) =>
      carriers.filter((terms) => tags.every((tag) => terms.tags.includes(tag))).map(({ name }) => name),
    async explain({ to, from, account, at }): Promise<RouteExplanation> {
      const now = at ?? clock.now();
      const known = await conditions(clock.now());
      const request = { account: accountFor(account), from, to, line: { avoid: [], refused: [] } };
      const plan = planner.plan(request, { ...known, now });
      const [loads, about] = await Promise.all([ways.list(), lessons.about(to)]);
      const load = new Map(loads.map((one) => [one.name, one]));
      return {
        ...{ at: now, to, from, account: account?.name ?? null, plan, lessons: about?.sentences ?? [] },
        loads: plan.carriers.flatMap(({ name }) => load.get(name) ?? []),
      };
    },
  };
}

/** Tells the log of accounts whose faxes nobody may carry: carriers may have lost a tag since the account asked for it. */
export async function tellUncarried(
  routes: Pick<Routes, 'carriersWith'>,
  accounts: Pick<AccountRecords, 'accounts'>,
  log: Log,
): Promise<void> {
  for (const { id, policy } of await accounts.accounts()) {
    if (routes.carriersWith(policy.carrierTags).length > 0) continue;
    const facts = { account: id, tags: policy.carrierTags, alert: 'account_without_carrier' };
    log.warn(facts, 'an account asks for tags that no carrier has: its faxes fail');
  }
}

/** Nobody in particular: no rule is for it alone, and it asks for nothing. */
const ANYBODY: PlanAccount = { id: '' as AccountId, name: '', carrierTags: [], pullMedia: false };

function accountFor(account: Account | null): PlanAccount {
  return account === null ? ANYBODY : planAccount(account);
}

function statusOf({ windows, ...route }: Route, now: number): RouteStatus {
  return {
    ...route,
    windows: windows.map(({ days, from, to, zone }) => ({ days, from: timeText(from), to: timeText(to), zone })),
    holds: windows.length === 0 || windows.some((window) => inWindow(window, now)),
  };
}
