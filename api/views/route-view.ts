import { LEFT_OUT } from '../../gateway/fax/route.ts';
import type { CarrierTermsStatus, RouteExplanation, RouteStatus } from '../../gateway/gateway.ts';
import type { CarrierTermsView, RouteExplanationView, RouteRuleView } from '../schemas/index.ts';
import { isoTime } from '../schemas/shape.ts';

/** A rule as administrators see it. */
export function routeRuleView({ prefixes, accounts, windows, carriers, tags, ...route }: RouteStatus): RouteRuleView {
  return {
    ...route,
    ...{ prefixes: [...prefixes], accounts: [...accounts], carriers: [...carriers], tags: [...tags] },
    windows: windows.map((window) => ({ ...window, days: [...window.days] })),
  };
}

/** What may go over a carrier as administrators see it. */
export function carrierTermsView({ name, tags, callerId }: CarrierTermsStatus): CarrierTermsView {
  return { name, tags: [...tags], callerId: callerIdView(callerId) };
}

function callerIdView(rule: CarrierTermsStatus['callerId']): CarrierTermsView['callerId'] {
  if (rule === 'pass') return { rule: 'pass', shows: null, numbers: [] };
  if (typeof rule === 'string') return { rule: 'fixed', shows: rule, numbers: [] };
  return { rule: 'only', shows: rule.instead ?? null, numbers: [...rule.only] };
}

/** Why a call would go the way that it would go, as administrators see it. */
export function explanationView(explanation: RouteExplanation, currency: string): RouteExplanationView {
  const { plan, loads, lessons, at, to, from, account } = explanation;
  return {
    ...{ at: isoTime(at), to, from, account, currency, lessons: [...lessons] },
    ...{ rule: plan.rule, order: plan.order, waitFor: plan.waitFor },
    carriers: plan.carriers.map((carrier) => {
      const load = loads.find(({ name }) => name === carrier.name);
      const { calls = 0, waiting = 0 } = load ?? {};
      return { ...carrier, reasons: [...carrier.reasons], calls, waiting, maxCalls: load?.limits.maxCalls ?? null };
    }),
    leftOut: plan.leftOut.map((one) => ({ ...one, passing: LEFT_OUT[one.why].passing })),
  };
}
