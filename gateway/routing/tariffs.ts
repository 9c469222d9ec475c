import type { Micros } from '../fax/money.ts';
import type { Budget } from '../ports/budget-records.ts';
import type { Pricing } from '../ports/pricing.ts';
import { costOf, estimateOf, type Rate } from './rates.ts';

/** What one carrier takes, and what may be spent on it. */
export interface Tariff {
  readonly rates: readonly Rate[];
  readonly budget: Budget;
}

/** The tariffs of all carriers, in one currency. */
export interface Tariffs extends Pricing {
  /** Budgets of carriers that have one, by name. Their days and months are those of UTC. */
  readonly budgets: ReadonlyMap<string, Budget>;
  /**
   * What an outgoing call over `carrier` to `to` most likely costs, for a choice by price; one page when left out. Null
   * when its rates do not tell: such a carrier comes after every one with a price.
   */
  price(carrier: string, to: string, pages?: number): Micros | null;
}

/** @param byCarrier a carrier without a tariff has no price */
export function createTariffs(currency: string, byCarrier: ReadonlyMap<string, Tariff>): Tariffs {
  const ratesOf = (carrier: string): readonly Rate[] => byCarrier.get(carrier)?.rates ?? [];
  const limited = [...byCarrier].filter(([, { budget }]) => budget.day !== null || budget.month !== null);
  return {
    currency,
    budgets: new Map(limited.map(([name, { budget }]) => [name, budget])),
    charge: ({ carrier, ...call }) => costOf(ratesOf(carrier), call),
    price: (carrier, to, pages = 1) => estimateOf(ratesOf(carrier), to, pages),
  };
}
