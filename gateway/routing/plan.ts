import type { E164 } from '../fax/number.ts';

/** Numbers that begin with `prefix` go out over these carriers, the first one first. */
export interface Route {
  /** `+` and digits; `+` alone is every number. */
  readonly prefix: string;
  /** Names of carriers; not empty. */
  readonly carriers: readonly string[];
}

/**
 * The carriers for a call to `to`, in order: those of the longest prefix that fits; without one, `all` of them in the
 * order of the configuration.
 */
export function planRoute(routes: readonly Route[], to: E164, all: readonly string[]): readonly string[] {
  let best: Route | undefined;
  for (const route of routes) {
    if (to.startsWith(route.prefix) && route.prefix.length > (best?.prefix.length ?? 0)) best = route;
  }
  return best?.carriers ?? all;
}

/** Names in `routes` that no carrier has: a gateway with such a route must not start. */
export function unknownCarriers(routes: readonly Route[], carriers: readonly string[]): string[] {
  const named = new Set(routes.flatMap((route) => route.carriers));
  return [...named].filter((name) => !carriers.includes(name));
}
