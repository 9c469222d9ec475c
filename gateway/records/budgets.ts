import type { Account } from '../fax/account.ts';
import { FaxError } from '../fax/errors.ts';
import type { AccountId } from '../fax/ids.ts';
import { DEFAULT_POLICY } from '../fax/policy.ts';
import type {
  BudgetLevel,
  BudgetMark,
  BudgetPeriod,
  BudgetRecords,
  Payer,
  Spending,
  Weighed,
} from '../ports/budget-records.ts';
import { GATEWAY, note } from './audit.ts';
import { piecesOf } from './cdr-slots.ts';
import type { Charges } from './charge.ts';
import type { Database, Sql, Transaction } from './database.ts';
import type { Store } from './store.ts';

/** What has been spent, and marks of spent budgets, on PostgreSQL. */
export function createBudgetRecords(store: Store, charges: Pick<Charges, 'hear'>): BudgetRecords {
  const { database } = store;
  return {
    spending: (payer, periods) => spending(database, payer, periods),
    weigh: (payer, periods, now) => weigh(store, payer, periods, now),
    marks: (now) =>
      database.rows<BudgetMark>(
        `select ${MARK_COLUMNS} from budget_marks m where until > $1 order by kind, name, span`,
        [now],
      ),
    accounts: (id) => accounts(database, id),
    hear: (listener) => charges.hear(listener),
    keepCurrency: (currency) => keepCurrency(database, currency),
  };
}

const MARK_COLUMNS = 'm.kind, m.name, m.span, m.since, m.until, m.level, m.spent, m.budget, m.at';

/** The column of the sums that a payer is named by. */
const PAYERS = { account: 'account', carrier: 'carrier' } as const satisfies Record<Payer['kind'], string>;

/** A period is at most one sum of a month or day and the quarters by which its calendar lies apart from that of UTC. */
async function spending(sql: Sql, payer: Payer, periods: readonly BudgetPeriod[]): Promise<Spending[]> {
  const pieces = periods.flatMap(({ since, until }, place) =>
    piecesOf(since, until).map((piece) => ({ place, ...piece })),
  );
  const rows = await sql.rows<{ place: number; spent: number; unpriced: number }>(
    `select p.place, sum(p.sign * s.cost)::bigint as spent, sum(p.sign * s.unpriced_calls)::bigint as unpriced
     from jsonb_to_recordset($1::jsonb) as p(place integer, unit text, since bigint, until bigint, sign integer)
     cross join lateral (
       select cost, unpriced_calls from cdr_sums
       where unit = p.unit and slot >= p.since and slot < p.until and ${PAYERS[payer.kind]} = $2
       offset 0
     ) s
     group by p.place`,
    [JSON.stringify(pieces), payer.name],
  );
  const found = new Map(rows.map((row) => [row.place, row]));
  return periods.map((period, place) => {
    const { spent = 0, unpriced = 0 } = found.get(place) ?? {};
    return { ...period, spent, unpriced };
  });
}

/** How severe a level is. */
const RANK: Readonly<Record<BudgetLevel, number>> = { warned: 1, spent: 2 };

function levelOf({ spent, budget }: Spending): BudgetLevel | undefined {
  if (budget === null) return undefined;
  if (spent >= budget) return 'spent';
  return spent * 5 >= budget * 4 ? 'warned' : undefined;
}

/** One look at a payer at a time, so that sums of a moment ago never overwrite those of now. */
function weigh(store: Store, payer: Payer, periods: readonly BudgetPeriod[], now: number): Promise<Weighed> {
  return store.database.transaction(async (tx) => {
    await tx.change(`select pg_advisory_xact_lock(hashtext('sealfax budget ' || current_schema()), hashtext($1))`, [
      `${payer.kind} ${payer.name}`,
    ]);
    const before = await tx.rows<BudgetMark>(
      `select ${MARK_COLUMNS} from budget_marks m where kind = $1 and name = $2`,
      [payer.kind, payer.name],
    );
    const marks = (await spending(tx, payer, periods)).flatMap((spent) => markOf(payer, spent, now));
    await keepMarks(tx, payer, before, marks);
    const raised = marks.filter((mark) => isRaised(mark, before));
    await tell(store, tx, raised, now);
    return { raised, freed: isSpent(before, now) && !isSpent(marks, now) };
  });
}

function markOf(payer: Payer, spending: Spending, now: number): BudgetMark[] {
  const { span, since, until, spent, budget } = spending;
  const level = levelOf(spending);
  if (level === undefined || budget === null) return [];
  return [{ ...payer, span, since, until, level, spent, budget, at: now }];
}

function isRaised(mark: BudgetMark, before: readonly BudgetMark[]): boolean {
  const known = before.find(({ span, since }) => span === mark.span && since === mark.since);
  return known === undefined || RANK[mark.level] > RANK[known.level];
}

function isSpent(marks: readonly BudgetMark[], now: number): boolean {
  return marks.some(({ level, until }) => level === 'spent' && until > now);
}

/** The marks of a payer as they are now; nothing is written where nothing has changed. */
async function keepMarks(
  tx: Transaction,
  payer: Payer,
  before: readonly BudgetMark[],
  marks: readonly BudgetMark[],
): Promise<void> {
  const changed = marks.filter((mark) => !before.some((known) => isSame(known, mark)));
  const gone = before.filter(({ span }) => !marks.some((mark) => mark.span === span));
  if (changed.length + gone.length === 0) return;
  await tx.change('delete from budget_marks where kind = $1 and name = $2 and span = any($3)', [
    payer.kind,
    payer.name,
    [...changed, ...gone].map(({ span }) => span),
  ]);
  await tx.change(
    `insert into budget_marks (kind, name, span, since, until, level, spent, budget, at)
     select kind, name, span, since, until, level, spent, budget, at from jsonb_to_recordset($1::jsonb)
       as m(kind text, name text, span text, since bigint, until bigint, level text, spent bigint, budget bigint, at bigint)`,
    [JSON.stringify(changed)],
  );
  if (payer.kind === 'carrier') await closeCarrier(tx, payer.name, marks);
}

/** A mark is written anew when it says something else, and not for every call that adds to what is spent. */
function isSame(a: BudgetMark, b: BudgetMark): boolean {
  return a.span === b.span && a.since === b.since && a.level === b.level && a.budget === b.budget;
}

/** Until when no call goes out over the carrier: what the claims of all workers ask. */
async function closeCarrier(tx: Transaction, name: string, marks: readonly BudgetMark[]): Promise<void> {
  const ends = marks.filter(({ level }) => level === 'spent').map(({ until }) => until);
  await tx.change(
    `insert into carriers (name, spent_until) values ($1, $2) on conflict (name) do update set spent_until = $2`,
    [name, ends.length === 0 ? null : Math.max(...ends)],
  );
}

async function tell(store: Store, tx: Transaction, raised: readonly BudgetMark[], now: number): Promise<void> {
  for (const { kind, name, span, level, until, spent, budget } of raised) {
    const account = kind === 'account' ? name : null;
    await note(tx, GATEWAY, account, `budget.${level}`, name, { span, until, spent, budget }, now);
    if (account === null) continue;
    const data = { span, level, until, spent, budget };
    await store.ledger.append(tx, account, [{ type: 'account.budget', fax: null, data }], now);
  }
}

async function accounts(database: Database, id: AccountId | undefined): ReturnType<BudgetRecords['accounts']> {
  const rows = await database.rows<Pick<Account, 'id' | 'name' | 'policy'>>(
    `select a.id, a.name, a.policy from accounts a
     where (${HAS_BUDGET} or exists (select 1 from budget_marks m where m.kind = 'account' and m.name = a.id))
       ${id === undefined ? '' : 'and a.id = $1'}
     order by a.name`,
    id === undefined ? [] : [id],
  );
  return rows.map(({ id, name, policy }) => {
    const { timeZone, budgetDay, budgetMonth } = { ...DEFAULT_POLICY, ...policy };
    return { id, name, timeZone, budget: { day: budgetDay, month: budgetMonth } };
  });
}

const HAS_BUDGET = `coalesce(a.policy ->> 'budgetDay', a.policy ->> 'budgetMonth') is not null`;

/** Sums have no currency of their own: as soon as there is one, they have that of the first. */
async function keepCurrency(database: Database, currency: string): Promise<string> {
  const row = await database.row<{ value: string }>(
    `insert into settings (name, value) values ('currency', $1)
     on conflict (name) do update set value = case
       when exists (select 1 from cdr_sums where cost > 0) then settings.value else excluded.value end
     returning value`,
    [currency],
  );
  return row?.value ?? currency;
}

/** Selects until when the account $1 has spent its budget, at the time of `now`; null when it has not. */
export const spentUntil = (account: string, now: string): string =>
  `(select max(b.until) from budget_marks b
    where b.kind = 'account' and b.name = ${account} and b.level = 'spent' and b.until > ${now})`;

/** @throws FaxError budget_spent, naming the end of the period */
export function checkBudget(spentUntil: number | null, now: number): void {
  if (spentUntil === null) return;
  throw new FaxError('budget_spent', `the budget of the account is spent until ${new Date(spentUntil).toISOString()}`, {
    retryAfter: Math.ceil((spentUntil - now) / 1_000),
  });
}
