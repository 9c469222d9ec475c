import type { AccountId } from '../fax/ids.ts';
import type { Budgets } from '../gateway.ts';
import type {
  Budget,
  BudgetAccount,
  BudgetPeriod,
  BudgetRecords,
  BudgetSpan,
  Payer,
  PayerSpending,
  Weighed,
} from '../ports/budget-records.ts';
import type { Clock } from '../ports/clock.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { Log, Metrics } from '../ports/log.ts';
import { periodOf } from './periods.ts';
import type { Tariffs } from './tariffs.ts';

/** What budgets are watched with. */
export interface BudgetsParts {
  readonly records: BudgetRecords;
  readonly tariffs: Pick<Tariffs, 'currency' | 'budgets'>;
  readonly queue: Pick<JobQueue, 'ring'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** The budgets of a gateway, and what those who work on calls tell of them. */
export interface BudgetWatch extends Budgets {
  /** A call of the account has been charged. Never throws; what fails is made good by the next look. */
  charged(account: AccountId): void;
  /** Looks at everyone who has a budget. */
  look(): Promise<void>;
}

/** Carriers keep the calendar of their invoices, the same for every account. */
const CARRIER_ZONE = 'UTC';
const NO_BUDGET: Budget = { day: null, month: null };
const SPANS: readonly BudgetSpan[] = ['day', 'month'];

/** Budgets of accounts and carriers over the records. */
export function createBudgets(parts: BudgetsParts): BudgetWatch {
  const { records, tariffs, clock, log } = parts;
  const weigh = async (payer: Payer, budget: Budget, timeZone: string): Promise<void> => {
    const now = clock.now();
    await tell(parts, payer, await records.weigh(payer, periodsOf(budget, timeZone, now), now));
  };
  const weighAccount = ({ id, budget, timeZone }: BudgetAccount) =>
    weigh({ kind: 'account', name: id }, budget, timeZone);
  const changed = async (account: AccountId): Promise<void> => {
    for (const one of await records.accounts(account)) await weighAccount(one);
  };
  const charged = oneAtATime(changed, (error) =>
    log.warn({ error: String(error) }, 'a budget could not be looked at; the next look does it'),
  );
  const spendingOf = (payer: Payer, budget: Budget, timeZone: string) =>
    records.spending(payer, periodsOf(budget, timeZone, clock.now()));

  return {
    currency: tariffs.currency,
    changed,
    charged,
    async list() {
      const accounts = await Promise.all((await records.accounts()).map((account) => accountSpending(account)));
      const carriers = await Promise.all([...tariffs.budgets].map(([name, budget]) => carrierSpending(name, budget)));
      return [...accounts, ...carriers];
    },
    account: ({ id, name, policy: { timeZone, budgetDay: day, budgetMonth: month } }) =>
      accountSpending({ id, name, timeZone, budget: { day, month } }),
    async look() {
      for (const account of await records.accounts()) await weighAccount(account);
      for (const [name, budget] of await carrierBudgets()) await weigh({ kind: 'carrier', name }, budget, CARRIER_ZONE);
      await tellCarriers();
    },
  };

  async function accountSpending({ id, name, timeZone, budget }: BudgetAccount): Promise<PayerSpending> {
    const spending = await spendingOf({ kind: 'account', name: id }, budget, timeZone);
    return { kind: 'account', id, name, timeZone, spending };
  }

  async function carrierSpending(name: string, budget: Budget): Promise<PayerSpending> {
    const spending = await spendingOf({ kind: 'carrier', name }, budget, CARRIER_ZONE);
    return { kind: 'carrier', id: name, name, timeZone: CARRIER_ZONE, spending };
  }

  /** Those of the settings, and none for carriers whose budget was taken out of them while it was spent. */
  async function carrierBudgets(): Promise<ReadonlyMap<string, Budget>> {
    const marks = await records.marks(clock.now());
    const marked = marks.flatMap(({ kind, name }) => (kind === 'carrier' ? [[name, NO_BUDGET] as const] : []));
    return new Map([...marked, ...tariffs.budgets]);
  }

  async function tellCarriers(): Promise<void> {
    const marks = await records.marks(clock.now());
    const spent = marks.filter(({ kind, level }) => kind === 'account' && level === 'spent');
    parts.metrics.gauge('accounts_over_budget', new Set(spent.map(({ name }) => name)).size);
    for (const [name, budget] of tariffs.budgets) {
      for (const { span, spent, budget: most } of await spendingOf({ kind: 'carrier', name }, budget, CARRIER_ZONE)) {
        if (most !== null) parts.metrics.gauge('carrier_budget_left', (most - spent) / 1e6, { carrier: name, span });
      }
    }
  }
}

/** Today and this month; a span without a budget is looked at all the same, so that a mark of an earlier one goes. */
function periodsOf(budget: Budget, timeZone: string, now: number): BudgetPeriod[] {
  return SPANS.map((span) => ({ span, ...periodOf(span, now, timeZone), budget: budget[span] }));
}

async function tell({ log, metrics, queue }: BudgetsParts, payer: Payer, { raised, freed }: Weighed): Promise<void> {
  for (const { kind, name, span, level, until } of raised) {
    metrics.count('budget_alerts_total', { payer: kind, level });
    log.warn(
      { [kind]: name, span, until: new Date(until).toISOString(), alert: `budget_${level}` },
      level === 'spent' ? 'a budget is spent: no calls before its period ends' : 'four fifths of a budget are spent',
    );
  }
  // Whoever waited for it is called now and not at the next poll.
  if (freed) await queue.ring('dial', payer.name);
}

/** Runs `run` for each key once at a time; what is asked for meanwhile is one more run together. */
function oneAtATime<K>(run: (key: K) => Promise<void>, failed: (error: unknown) => void): (key: K) => void {
  const running = new Map<K, { again: boolean }>();
  const start = async (key: K, state: { again: boolean }): Promise<void> => {
    do {
      state.again = false;
      await run(key).catch(failed);
    } while (state.again);
    running.delete(key);
  };
  return (key) => {
    const state = running.get(key);
    if (state !== undefined) {
      state.again = true;
      return;
    }
    const fresh = { again: false };
    running.set(key, fresh);
    void start(key, fresh);
  };
}
