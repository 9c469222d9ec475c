import type { z } from 'zod';
import type { Account } from '../gateway/fax/account.ts';
import { FaxError } from '../gateway/fax/errors.ts';
import type { AccountId } from '../gateway/fax/ids.ts';
import { moneyText } from '../gateway/fax/money.ts';
import type { CdrDimension, CdrRecords, SavedReport } from '../gateway/ports/cdr-records.ts';
import { queryId } from './fields.ts';
import { maskedNumber } from './masking.ts';
import { summaryOf } from './routes/cdrs.ts';
import { type CdrSumView, SavedQuery } from './schemas/index.ts';

/** What reports that nobody waits for are made with. */
export interface SheetParts {
  readonly cdrs: Pick<CdrRecords, 'summary'>;
  readonly account: (id: AccountId) => Promise<Account | undefined>;
  readonly currency: string;
}

/** Which report, as of when, for whom. */
export interface SheetWish {
  readonly report: SavedReport;
  readonly owner: AccountId | null;
  /** Where the question has none. */
  readonly timeZone: string;
  readonly at: number;
  readonly masked: boolean;
}

/**
 * A saved report as lines of text, for a mail: what the same report of the API tells at that moment.
 *
 * @throws FaxError option_invalid when it asks for too much, or for what cannot be asked any more
 */
export async function reportSheet({ cdrs, account, currency }: SheetParts, wish: SheetWish) {
  const { account: only, ...query } = questionOf(wish.report);
  const whose = wish.owner ?? queryId('acc', only, '/account');
  const parts = { cdrs, clock: { now: () => wish.at }, budgets: { currency } };
  const view = await summaryOf(parts, query, wish.timeZone, whose, wish.masked ? maskedNumber : undefined);
  const { from, to, timeZone, source, items } = view;
  const names = await accountNames(items, account);
  const isTimed = items.some(({ connect, open }) => connect !== null || open !== null);
  return {
    ...{ from, to, timeZone, counted: source === 'cdrs' },
    head: [
      ...(query.group === 'total' ? [] : [query.group]),
      ...query.by,
      ...HEAD,
      currency,
      ...(isTimed ? TIMES : []),
    ],
    rows: items.map((item) => [
      ...(query.group === 'total' ? [] : [startIn(item.start, timeZone)]),
      ...query.by.map((dimension) => cellOf(item, dimension, names)),
      ...figuresOf(item),
      ...(isTimed ? timesOf(item) : []),
    ]),
  };
}

/** What was saved was checked; a later release may read it otherwise. @throws FaxError option_invalid */
function questionOf({ query }: SavedReport): z.output<typeof SavedQuery> {
  const read = SavedQuery.safeParse(query);
  if (read.success) return read.data;
  throw new FaxError('option_invalid', 'its question cannot be asked any more; save it anew');
}

const HEAD = ['records', 'calls', 'delivered', '%', 'pages', 'billable', 'seconds'];
const TIMES = ['connect 50 %', 'connect 95 %', 'open 50 %', 'open 95 %'];

async function accountNames(
  items: readonly CdrSumView[],
  account: SheetParts['account'],
): Promise<Map<string, string>> {
  const ids = new Set(items.flatMap((item) => (item.account === null ? [] : [item.account])));
  const found = await Promise.all([...ids].map((id) => account(id as AccountId)));
  return new Map(found.flatMap((one) => (one === undefined ? [] : [[one.id, one.name]])));
}

function cellOf(item: CdrSumView, dimension: CdrDimension, names: ReadonlyMap<string, string>): string {
  const text = item[dimension] ?? '';
  return dimension === 'account' ? (names.get(text) ?? text) : text === '' ? '-' : text;
}

function figuresOf(item: CdrSumView): string[] {
  const counts = [item.cdrs, item.calls, item.delivered].map(String);
  const rest = [item.pages, item.billableCalls, item.billableSeconds].map(String);
  return [...counts, (item.successRate * 100).toFixed(1), ...rest, moneyText(item.cost)];
}

/** Seconds. */
function timesOf({ connect, open }: CdrSumView): string[] {
  const times = [connect?.p50, connect?.p95, open?.p50, open?.p95];
  return times.map((ms) => (ms === undefined ? '-' : (ms / 1_000).toFixed(1)));
}

/** A moment on the calendar of the report: the day, and the time where it is not midnight. */
function startIn(iso: string, timeZone: string): string {
  const options = { timeZone, hourCycle: 'h23', dateStyle: 'short', timeStyle: 'short' } as const;
  const text = new Intl.DateTimeFormat('sv-SE', options).format(new Date(iso));
  return text.endsWith(' 00:00') ? text.slice(0, 10) : text;
}
