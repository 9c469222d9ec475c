import type { CdrDimension, CdrSum, CdrSummary } from '../client/browser.ts';
import { daysBefore, spansBetween } from './calendar.ts';
import type { ReportSpan } from './report-query.ts';

/** What a chart can show: a sum, a part (`of` divided by `over`), or a time, which cannot be put together with another. */
interface Metric {
  readonly text: string;
  readonly kind: 'sum' | 'part' | 'time';
  readonly of: (sum: CdrSum) => number | null;
  readonly over?: (sum: CdrSum) => number;
}

/** @see Metric */
export const METRICS: Readonly<Record<MetricName, Metric>> = {
  cdrs: { text: 'records', kind: 'sum', of: ({ cdrs }) => cdrs },
  success: { text: 'part delivered', kind: 'part', of: ({ delivered }) => delivered, over: ({ cdrs }) => cdrs },
  pages: { text: 'pages on paper', kind: 'sum', of: ({ pages }) => pages },
  billable: { text: 'billable time', kind: 'sum', of: ({ billableSeconds }) => billableSeconds * 1_000 },
  cost: { text: 'cost', kind: 'sum', of: ({ cost }) => cost },
  connect: { text: 'time to the answer, half of all calls', kind: 'time', of: ({ connect }) => connect?.p50 ?? null },
  open: { text: 'open line, half of all calls', kind: 'time', of: ({ open }) => open?.p50 ?? null },
};

export type MetricName = 'cdrs' | 'success' | 'pages' | 'billable' | 'cost' | 'connect' | 'open';

/** Series that a chart can tell apart; the last one is all the others. */
const MOST_SERIES = 6;
/** Bars of a report without spans. */
const MOST_BARS = 24;

/** One series: a value for each place on the axis; null leaves a gap. */
interface Series {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

/** What a chart of a report draws. */
export interface ReportChart {
  readonly labels: readonly string[];
  readonly series: readonly Series[];
}

/** What is drawn of a report. */
export interface Drawn {
  readonly group: ReportSpan;
  readonly by: CdrDimension | '';
  readonly and: CdrDimension | '';
  readonly metric: MetricName;
  readonly nameOf: Naming;
}

/** What a line is called in a dimension. */
export type Naming = (by: CdrDimension, sum: CdrSum) => string;

/** How a report is drawn: over time, a series for each value of its first dimension; without spans a bar for each value. */
export function chartOf(summary: CdrSummary, drawn: Drawn): ReportChart {
  const { group, metric } = drawn;
  if (group === 'total') return barsOf(summary.items, drawn);
  const spans = spansOf(summary, group);
  const place = placeIn(summary.timeZone, group);
  const lines = gathered(summary.items, ({ start }) => place(start), drawn);
  const ordered = [...lines].map(([name, values]) => ({ name, values, size: sizeOf(values) }));
  ordered.sort((a, b) => b.size - a.size);
  const none = METRICS[metric].kind === 'sum' ? 0 : null;
  const series = ordered.map(({ name, values }) => ({
    name,
    values: spans.map((span) => values.get(span)?.value() ?? none),
  }));
  return { labels: spans.map((span) => labelOf(span, spans)), series: fewSeries(series, none === 0) };
}

/** Values of each series at each place of the axis. */
function gathered(items: readonly CdrSum[], placeOf: (sum: CdrSum) => string, drawn: Drawn) {
  const { by, metric } = drawn;
  const lines = new Map<string, Map<string, Gathered>>();
  for (const sum of items) {
    const name = by === '' ? METRICS[metric].text : nameIn(sum, drawn);
    const values = lines.get(name) ?? new Map<string, Gathered>();
    lines.set(name, values);
    const at = placeOf(sum);
    const value = values.get(at) ?? new Gathered(METRICS[metric]);
    values.set(at, value);
    value.add(sum);
  }
  return lines;
}

/** Times of two lines make none together, so that each line of a second dimension is a series of its own. */
function nameIn(sum: CdrSum, { by, and, metric, nameOf }: Drawn): string {
  const names = METRICS[metric].kind === 'time' ? [by, and] : [by];
  return names.flatMap((name) => (name === '' ? [] : [nameOf(name, sum)])).join(', ');
}

/** Several lines at one place. */
class Gathered {
  readonly #metric: Metric;
  #of: number | null = null;
  #over = 0;

  constructor(metric: Metric) {
    this.#metric = metric;
  }

  add(sum: CdrSum): void {
    const { kind, of, over } = this.#metric;
    this.#of = kind === 'time' ? (this.#of ?? of(sum)) : (this.#of ?? 0) + (of(sum) ?? 0);
    this.#over += over?.(sum) ?? 0;
  }

  value(): number | null {
    if (this.#metric.kind !== 'part' || this.#of === null) return this.#of;
    return this.#over === 0 ? null : this.#of / this.#over;
  }
}

const sizeOf = (values: ReadonlyMap<string, Gathered>) =>
  [...values.values()].reduce((sum, one) => sum + (one.value() ?? 0), 0);

function barsOf(items: readonly CdrSum[], drawn: Drawn): ReportChart {
  const { by, metric } = drawn;
  const name = (sum: CdrSum) => (by === '' ? 'all' : nameIn(sum, drawn));
  const [bars = new Map<string, Gathered>()] = gathered(items, name, { ...drawn, by: '' }).values();
  const values = [...bars].map(([label, one]) => [label, one.value()] as const);
  const largest = values.sort(([, a], [, b]) => (b ?? 0) - (a ?? 0)).slice(0, MOST_BARS);
  return {
    labels: largest.map(([label]) => label),
    series: [{ name: METRICS[metric].text, values: largest.map(([, value]) => value) }],
  };
}

/** The largest ones, and all the others as one where values can be added. */
function fewSeries(series: readonly Series[], adds: boolean): Series[] {
  if (series.length <= MOST_SERIES) return [...series];
  if (!adds) return series.slice(0, MOST_SERIES);
  const kept = series.slice(0, MOST_SERIES - 1);
  const others = series.slice(MOST_SERIES - 1);
  const values = (kept[0]?.values ?? []).map((_value, at) =>
    others.reduce((sum, one) => sum + (one.values[at] ?? 0), 0),
  );
  return [...kept, { name: `${others.length} others`, values }];
}

/** Every span from the first day of the report to its last one; of hours those that have records. */
function spansOf({ from, to, timeZone, items }: CdrSummary, group: Exclude<ReportSpan, 'total'>): string[] {
  if (group !== 'hour') return spansBetween(from, daysBefore(to, 1), group);
  return [...new Set(items.map(({ start }) => placeIn(timeZone, group)(start)))];
}

/** The span that a moment begins, as `spansBetween` names it; an hour as `2026-11-22 14:00`. */
function placeIn(timeZone: string, group: ReportSpan): (start: string) => string {
  const format = new Intl.DateTimeFormat('en-CA', {
    ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit' },
  });
  return (start) => {
    const parts = new Map(format.formatToParts(new Date(start)).map(({ type, value }) => [type, value]));
    const month = `${parts.get('year')}-${parts.get('month')}`;
    if (group === 'month') return month;
    const day = `${month}-${parts.get('day')}`;
    if (group === 'hour') return `${day} ${parts.get('hour')}:${parts.get('minute')}`;
    return group === 'week' ? (spansBetween(day, day, 'week')[0] ?? day) : day;
  };
}

/** How a line's span is written: a day, a week by its Monday, a month, an hour. */
export function spanText(summary: Pick<CdrSummary, 'timeZone'>, group: ReportSpan, start: string): string {
  return group === 'total' ? 'all' : placeIn(summary.timeZone, group)(start);
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `22 Nov` of a day or Monday, `Nov 2026` of a month, `14:00` of an hour; the year stands where there are two. */
export function labelOf(span: string, all: readonly string[]): string {
  const [date = '', time] = span.split(' ');
  const [year = '', month = '', day = ''] = date.split('-');
  const named = `${day === '' ? '' : `${Number(day)} `}${MONTHS[Number(month) - 1] ?? month}`;
  const days = new Set(all.map((one) => one.slice(0, 10)));
  if (time !== undefined) return days.size < 2 ? time : `${named}, ${time}`;
  const years = new Set(all.map((one) => one.slice(0, 4)));
  return day !== '' && years.size < 2 ? named : `${named} ${year}`;
}
