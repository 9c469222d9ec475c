import type { E164 } from '../fax/number.ts';
import type { RouteDecision } from '../fax/route.ts';
import type { CarrierAdapter } from '../ports/carrier-adapter.ts';
import type { Plan } from '../ports/plan.ts';
import { decisionOf } from '../routing/plan.ts';

/** The carrier of a call, as the plan of its claim has it. */
export interface OpenWay {
  readonly kind: 'open';
  readonly carrier: CarrierAdapter;
  /** The number that the far side sees. */
  readonly shows: E164 | null;
  readonly route: RouteDecision;
}

/** How a claimed fax goes on: over a carrier, not at all, or by another plan than the one that it joined the line with. */
export type Way = OpenWay | { readonly kind: 'nobody'; readonly why: string } | { readonly kind: 'changed' };

/**
 * The way over `carrier`, in whose line the fax stood. The plan is made again at the claim, with the account as it is now:
 * no fax leaves over a carrier that may not carry it any more.
 */
export function wayOf(plan: Plan, carrier: string | null, carriers: readonly CarrierAdapter[]): Way {
  const planned = plan.carriers.find(({ name }) => name === carrier);
  const adapter = carriers.find(({ name }) => name === carrier);
  if (planned !== undefined && adapter !== undefined) {
    return { kind: 'open', carrier: adapter, shows: planned.shows, route: decisionOf(plan, adapter.name) };
  }
  const nobody = carrier === null && plan.carriers.length === 0 && plan.waitFor === null;
  return nobody ? { kind: 'nobody', why: nobodySentence(plan) } : { kind: 'changed' };
}

function nobodySentence({ leftOut }: Plan): string {
  if (leftOut.length === 0) return 'no carrier is configured for this number';
  return `no carrier may carry this fax: ${leftOut.map(({ name, sentence }) => `${name} ${sentence}`).join('; ')}`;
}
