import type { E164 } from '../fax/number.ts';
import type { PlanAccount } from '../ports/plan.ts';
import { inWindow, type Window } from './windows.ts';

/** One rule of the operator: which carriers a call goes out over, in which order. */
export interface Route {
  /** As written, or made of what it holds for. No two routes have the same. */
  readonly name: string;
  /** `+` and digits; `+` alone is every number. Not empty. */
  readonly prefixes: readonly string[];
  /** Names of the accounts that it is for; empty: everybody. */
  readonly accounts: readonly string[];
  /** When it holds; empty: always. */
  readonly windows: readonly Window[];
  /** Names of carriers; empty: all of them in the order of the configuration. */
  readonly carriers: readonly string[];
  /** `cheapest`: by the price of a call to the number; carriers without one come last. */
  readonly order: 'listed' | 'cheapest';
  /** Only carriers with all of these tags, beside those that the account asks for. */
  readonly tags: readonly string[];
}

/** Finds the rule for a call. */
export interface RouteTable {
  /**
   * A rule for the account comes before one for everybody; of those the longest prefix decides, then the order in which
   * they are written. A rule outside its windows is as if it were not there.
   */
  find(account: PlanAccount, to: E164, now: number): Route | undefined;
  /** Names of the rules with windows that hold at `now`. */
  open(now: number): readonly string[];
}

/** ITU-T E.164: fifteen digits at most, and the sign before them. */
const LONGEST_PREFIX = 16;

/** `routes` by prefix, so that a number is looked up as fast among ten thousand as among ten. */
export function routeTable(routes: readonly Route[]): RouteTable {
  const byPrefix = new Map<string, Route[]>();
  for (const route of routes) {
    for (const prefix of route.prefixes) byPrefix.set(prefix, [...(byPrefix.get(prefix) ?? []), route]);
  }
  const longest = (to: E164, fits: (route: Route) => boolean): Route | undefined => {
    for (let length = Math.min(to.length, LONGEST_PREFIX); length > 0; length--) {
      const found = byPrefix.get(to.slice(0, length))?.find(fits);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return {
    find: ({ name }, to, now) =>
      longest(to, (route) => route.accounts.includes(name) && holds(route, now)) ??
      longest(to, (route) => route.accounts.length === 0 && holds(route, now)),
    open: (now) => routes.filter((route) => route.windows.length > 0 && holds(route, now)).map(({ name }) => name),
  };
}

function holds({ windows }: Route, now: number): boolean {
  return windows.length === 0 || windows.some((window) => inWindow(window, now));
}

/** Names in `routes` that no carrier has: a gateway with such a route must not start. */
export function unknownCarriers(routes: readonly Pick<Route, 'carriers'>[], carriers: readonly string[]): string[] {
  const named = new Set(routes.flatMap((route) => route.carriers));
  return [...named].filter((name) => !carriers.includes(name));
}
