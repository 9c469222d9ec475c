import type { PayerSpending, Spending } from '../../gateway/ports/budget-records.ts';
import type { PayerView } from '../schemas/index.ts';
import { isoTime } from '../schemas/shape.ts';

/** Someone who spends, as administrators see it. */
export function payerView({ kind, id, name, timeZone, spending }: PayerSpending, currency: string): PayerView {
  return { kind, id, name, timeZone, currency, spending: spending.map(spendingView) };
}

function spendingView({ span, since, until, spent, budget, unpriced }: Spending): PayerView['spending'][number] {
  const left = budget === null ? null : budget - spent;
  return { span, since: isoTime(since), until: isoTime(until), spent, budget, left, unpricedCalls: unpriced };
}
