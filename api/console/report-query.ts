import type { CdrDimension, CdrReport, CdrResult, Direction, ReportPeriod, SavedQuery } from '../client/browser.ts';
import type { Query } from './address.ts';
import { dayAfter, daysBefore, isDay } from './calendar.ts';
import { numberFilter, numberText } from './number-filter.ts';

/** Spans of a report. */
export type ReportSpan = SavedQuery['group'];

/** What a person asks a report for, as it stands in the address; empty: not asked for. */
export interface WantedReport {
  /** Days that move with the calendar; empty: from `since` to `until`. */
  readonly period: ReportPeriod | '';
  /** Days; the last one counts. */
  readonly since: string;
  readonly until: string;
  readonly group: ReportSpan;
  readonly by: CdrDimension | '';
  /** Told apart within these. */
  readonly and: CdrDimension | '';
  readonly account: string;
  readonly direction: Direction | '';
  readonly result: CdrResult | '';
  readonly carrier: string;
  readonly cause: string;
  readonly country: string;
  readonly user: string;
  /** With `*` behind it: how numbers begin. */
  readonly number: string;
  /** Only so many lines, the largest. */
  readonly top: string;
  /** IANA name; empty: that of this machine. */
  readonly timeZone: string;
  readonly percentiles: boolean;
}

/** Periods and what a person reads. */
export const PERIODS: readonly (readonly [ReportPeriod | '', string])[] = [
  ['today', 'today'],
  ['yesterday', 'yesterday'],
  ['last_7_days', 'the last 7 days'],
  ['last_30_days', 'the last 30 days'],
  ['this_week', 'this week'],
  ['last_week', 'last week'],
  ['this_month', 'this month'],
  ['last_month', 'last month'],
  ['this_year', 'this year'],
  ['last_year', 'last year'],
  ['', 'days of my choice'],
];

/** Spans and what a person reads. */
export const GROUPS: readonly (readonly [ReportSpan, string])[] = [
  ['hour', 'hour'],
  ['day', 'day'],
  ['week', 'week'],
  ['month', 'month'],
  ['total', 'all in one'],
];

/** What sums are told apart by; of a number and a country, those of the far side. */
export const DIMENSIONS: readonly (readonly [CdrDimension | '', string])[] = [
  ['', 'nothing'],
  ['account', 'account'],
  ['user', 'user'],
  ['carrier', 'carrier'],
  ['country', 'country'],
  ['number', 'number'],
  ['direction', 'sent or received'],
  ['result', 'result'],
  ['cause', 'cause'],
];

/** How many lines, where there are many. */
export const TOPS: readonly (readonly [string, string])[] = [
  ['', 'all lines'],
  ['10', 'the 10 largest'],
  ['20', 'the 20 largest'],
  ['100', 'the 100 largest'],
];

const WAYS: readonly (readonly [Direction | '', string])[] = [
  ['', ''],
  ['outbound', ''],
  ['inbound', ''],
];
const RESULTS: readonly (readonly [CdrResult | '', string])[] = (
  ['', 'ok', 'partial', 'failed', 'uncertain', 'canceled'] as const
).map((result) => [result, '']);

/** What the address asks for; what makes no sense there counts as left out. */
export function wantedReport(query: URLSearchParams, today: string): WantedReport {
  const text = (name: string) => query.get(name) ?? '';
  const one = <T extends string>(name: string, of: readonly (readonly [T, string])[], otherwise: T): T =>
    of.find(([value]) => query.has(name) && value === text(name))?.[0] ?? otherwise;
  const until = isDay(text('until')) ? text('until') : today;
  const since = isDay(text('since')) ? text('since') : daysBefore(until, 29);
  const by = one('by', DIMENSIONS, '');
  const and = one('and', DIMENSIONS, '');
  return {
    period: one('period', PERIODS, query.has('since') || query.has('until') ? '' : 'last_30_days'),
    ...{ since: since <= until ? since : until, until },
    group: one('group', GROUPS, 'day'),
    ...{ by, and: by === '' || and === by ? '' : and },
    ...{ account: text('account'), direction: one('direction', WAYS, ''), result: one('result', RESULTS, '') },
    ...{ carrier: text('carrier'), cause: text('cause'), country: text('country'), user: text('user') },
    number: text('number'),
    top: /^[1-9]\d{0,2}$/.test(text('top')) ? text('top') : '',
    timeZone: text('timeZone'),
    percentiles: text('percentiles') === 'yes',
  };
}

/** The same in the query of an address. */
export function reportPlace({ percentiles, period, since, until, ...rest }: WantedReport): Query {
  const days = period === '' ? { since, until } : { period };
  return { ...days, ...rest, ...(percentiles ? { percentiles: 'yes' } : {}) };
}

/** What the gateway is asked, on the calendar of `ownZone` where the person names no other. */
export function reportQuery(wanted: WantedReport, ownZone: string): CdrReport & { account?: string } {
  const { period, since, until, group, by, and, number, top, timeZone, percentiles } = wanted;
  const { account, direction, result, carrier, cause, country, user } = wanted;
  return {
    ...(period === '' ? { from: since, to: dayAfter(until) } : { period }),
    group,
    by: [by, and].filter((name) => name !== ''),
    timeZone: timeZone === '' ? ownZone : timeZone,
    percentiles,
    ...numberFilter(number),
    ...(top === '' ? {} : { top: Number(top) }),
    ...(account === '' ? {} : { account }),
    ...(direction === '' ? {} : { direction }),
    ...(result === '' ? {} : { result }),
    ...(carrier === '' ? {} : { carrier }),
    ...(cause === '' ? {} : { cause }),
    ...(country === '' ? {} : { country }),
    ...(user === '' ? {} : { user }),
  };
}

/** What a saved report asks for; of more than two dimensions the first two. */
export function wantedOf(saved: SavedQuery, today: string): WantedReport {
  const { period, from, to, group, by, number, prefix, top, timeZone, percentiles } = saved;
  const [first = '', second = ''] = by;
  const { account = '', direction = '', result = '', carrier = '', cause = '', country = '', user = '' } = saved;
  const until = to === undefined ? today : daysBefore(to, 1);
  return {
    period: period ?? '',
    ...{ since: from ?? `${until.slice(0, 7)}-01`, until },
    ...{ group, by: first, and: second, account, direction, result, carrier, cause, country, user },
    number: numberText({ number, prefix }),
    top: top === undefined ? '' : String(top),
    timeZone: timeZone ?? 'UTC',
    percentiles,
  };
}
