import type { AccountId } from '../fax/ids.ts';
import type { Micros } from '../fax/money.ts';
import type { CdrFacts, CdrFax } from './cdr-row.ts';
import type { Transaction } from './database.ts';
import type { Store } from './store.ts';

/** What a call has cost, as its CDR keeps it. */
export interface CdrCharge {
  readonly cost: Micros;
  /** ISO 4217. */
  readonly currency: string;
  /** Seconds that the cost was made of. */
  readonly seconds: number;
}

/**
 * The price of a call that has just ended; null where no rate tells it. Whoever watches budgets hears of it after the
 * commit.
 *
 * @param lineSeconds how long the carrier itself counted the line as open; else from answer to end
 */
export function chargeOf(
  { pricing, charges }: Store,
  tx: Transaction,
  fax: CdrFax,
  facts: CdrFacts,
  lineSeconds: number | undefined,
): CdrCharge | null {
  if (pricing === undefined || facts.carrier === null) return null;
  const charge = pricing.charge({
    carrier: facts.carrier,
    direction: fax.direction,
    to: fax.to,
    billable: facts.billable && facts.answeredAt !== null,
    duration: lineSeconds === undefined ? openFor(facts) : lineSeconds * 1_000,
    pages: facts.pagesSent,
  });
  if (charge === null) return null;
  if (charge.cost > 0) tx.afterCommit(() => charges?.tell(fax.account));
  return { ...charge, currency: pricing.currency };
}

/** Who wants to know of charges, in this process. */
export interface Charges {
  /** A call of `account` has been charged with more than nothing. */
  tell(account: AccountId): void;
  /** Until the answer is called. */
  hear(listener: (account: AccountId) => void): () => void;
}

/** @see Charges */
export function createCharges(): Charges {
  const listeners = new Set<(account: AccountId) => void>();
  return {
    tell(account) {
      for (const listener of listeners) listener(account);
    },
    hear(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** How long the line was open, milliseconds: from answer to end, 0 when nobody answered. */
export function openFor({ answeredAt, endedAt }: Pick<CdrFacts, 'answeredAt' | 'endedAt'>): number {
  return answeredAt === null ? 0 : Math.max(0, endedAt - answeredAt);
}
