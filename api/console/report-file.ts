import type { CdrSum, CdrSummary } from '../client/browser.ts';
import { spanText } from './report-figures.ts';
import type { ReportSpan, WantedReport } from './report-query.ts';

/** What a line of a report has beside its span and its dimensions. */
const COUNTS = [
  ...(['cdrs', 'calls', 'delivered', 'successRate', 'pages', 'billableCalls', 'billableSeconds'] as const),
  ...(['cost', 'unpricedCalls'] as const),
] as const satisfies readonly (keyof CdrSum)[];

/** A report as RFC 4180 text: a line for each sum, money in units of the currency. */
export function reportCsv(summary: CdrSummary, { group, by, and }: Pick<WantedReport, 'group' | 'by' | 'and'>): string {
  const dimensions = [by, and].filter((name) => name !== '');
  const times = ['connectP50', 'connectP95', 'openP50', 'openP95'];
  const head = ['from', ...dimensions, ...COUNTS, 'currency', ...times];
  const lines = summary.items.map((sum) => [
    fromOf(summary, group, sum),
    ...dimensions.map((name) => sum[name]),
    ...COUNTS.map((name) => (name === 'cost' ? moneyText(sum.cost) : sum[name])),
    summary.currency,
    ...[sum.connect?.p50, sum.connect?.p95, sum.open?.p50, sum.open?.p95],
  ]);
  return [head, ...lines].map((line) => `${line.map(csvCell).join(',')}\r\n`).join('');
}

const fromOf = (summary: CdrSummary, group: ReportSpan, { start }: CdrSum) =>
  group === 'total' ? summary.from : spanText(summary, group, start);

/** Millionths as units with six decimals at most. */
function moneyText(millionths: number): string {
  return (millionths / 1_000_000).toFixed(6).replace(/\.?0+$/, '');
}

/** As the gateway writes cells: what a spreadsheet would take for a formula gets an apostrophe, plain numbers do not. */
export function csvCell(value: string | number | null | undefined): string {
  const text = value === null || value === undefined ? '' : String(value);
  const formula = typeof value === 'string' && /^[=+\-@\t\r\n]/.test(text) && !/^\+[0-9]+$/.test(text);
  const safe = formula ? `'${text}` : text;
  return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
