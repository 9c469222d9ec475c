import type { CdrDimension, CdrReport, CdrSum, CdrSummary } from '../../api/client/index.ts';
import { moneyText } from '../../gateway/fax/money.ts';
import type { Arguments, Command } from './command.ts';
import type { Context } from './context.ts';
import { CliError } from './exit-status.ts';
import { defined } from './send.ts';
import { clean, columns } from './text.ts';

const DIMENSIONS: readonly CdrDimension[] = [
  ...(['account', 'user', 'direction', 'number', 'country', 'carrier', 'result', 'cause'] as const),
];
const SPANS = ['hour', 'day', 'week', 'month', 'total'] as const;
const PERIODS = [
  ...(['today', 'yesterday', 'this_week', 'last_week', 'this_month', 'last_month', 'this_year', 'last_year'] as const),
  ...(['last_7_days', 'last_30_days'] as const),
] as const;
const RESULTS = ['ok', 'partial', 'failed', 'uncertain', 'canceled'] as const;

/** What a report may be asked with. */
export const REPORT_OPTIONS = {
  from: { type: 'string', value: 'DAY', about: 'first day, as 2026-01-01; that of this month when left out' },
  to: { type: 'string', value: 'DAY', about: 'the day after the last one; tomorrow when left out' },
  period: { type: 'string', value: 'PERIOD', about: `instead of both: ${PERIODS.join(', ')}` },
  group: { type: 'string', value: SPANS.join('|'), about: 'one line for each; month when left out' },
  by: { type: 'string', value: 'NAME,…', about: `what to tell apart: ${DIMENSIONS.join(', ')}` },
  top: { type: 'string', value: 'N', about: 'only the N largest lines' },
  percentiles: { type: 'boolean', about: 'median and 95th percentile of connect time and open line too' },
  direction: { type: 'string', value: 'outbound|inbound', about: 'only in this direction' },
  result: { type: 'string', value: RESULTS.join('|'), about: 'only with this result' },
  cause: { type: 'string', value: 'CAUSE', about: 'only with this cause' },
  country: { type: 'string', value: 'COUNTRY', about: 'only with this one of the far side, as DE or +870' },
  carrier: { type: 'string', value: 'NAME', about: 'only over this carrier' },
  user: { type: 'string', value: 'USER', about: 'only of this user' },
  number: { type: 'string', value: 'NUMBER', about: 'only with this number' },
  prefix: { type: 'string', value: 'NUMBER', about: 'only with a number that begins so, as +4930' },
  'time-zone': { type: 'string', value: 'ZONE', about: "whose days, as Europe/Berlin; the account's when left out" },
} as const;

/** `sealfax cdr summary`. */
export const cdrSummary: Command = {
  summary: 'sums of calls, pages, billable seconds and costs',
  usage: '[--period PERIOD | --from DAY --to DAY] [--group SPAN] [--by NAME,…] [filters] [--all | --account NAME]',
  words: [0, 0],
  options: {
    ...REPORT_OPTIONS,
    all: { type: 'boolean', about: 'of all accounts, told apart; for administrators' },
    account: { type: 'string', value: 'NAME', about: 'of this account; for administrators' },
  },
  async run(context, args) {
    const asked = reportOf(args, args.flag('all') ? ['account'] : []);
    const found = await report(context, args, asked);
    if (context.json) for (const one of found.items) context.show(one, '');
    else context.io.out(`${summaryText(found, asked.by ?? [])}\n`);
    return 'ok';
  },
};

/** The report of the options. @param more what to tell apart as well */
export function reportOf(args: Arguments, more: readonly CdrDimension[] = []): CdrReport {
  const report = defined({
    from: args.text('from'),
    to: args.text('to'),
    period: args.choice('period', PERIODS),
    group: args.choice('group', SPANS),
    timeZone: args.text('time-zone'),
    direction: args.choice('direction', ['outbound', 'inbound']),
    result: args.choice('result', RESULTS),
    cause: args.text('cause'),
    country: args.text('country'),
    carrier: args.text('carrier'),
    user: args.text('user'),
    number: args.text('number'),
    prefix: args.text('prefix'),
    top: args.number('top', 1, 1_000),
  });
  return { ...report, by: dimensionsOf(args, more), ...(args.flag('percentiles') ? { percentiles: true } : {}) };
}

function dimensionsOf(args: Arguments, more: readonly CdrDimension[]): CdrDimension[] {
  const asked: string[] = (args.text('by') ?? '').split(',').filter((name) => name !== '');
  const names: readonly string[] = DIMENSIONS;
  if (asked.some((name) => !names.includes(name))) throw new CliError('usage', `--by is some of ${names.join(', ')}`);
  return DIMENSIONS.filter((name) => asked.includes(name) || more.includes(name));
}

/** By the account's own user, or by an administrator for one account or all. */
async function report(context: Context, args: Arguments, asked: CdrReport): Promise<CdrSummary> {
  const account = args.text('account');
  if (account !== undefined && args.flag('all')) throw new CliError('usage', '--all or --account, not both');
  if (account === undefined && !args.flag('all')) return (await context.client()).cdrs.summary(asked);
  const admin = await context.admin();
  return admin.cdrSummary(account === undefined ? asked : { ...asked, account: (await admin.account(account)).id });
}

/** A report in columns: times only where there are some. */
export function summaryText({ timeZone, currency, source, items }: CdrSummary, by: readonly CdrDimension[]): string {
  const timed = items.some(({ connect, open }) => connect !== null || open !== null);
  const head = [
    ...['from', ...by, 'records', 'calls', 'delivered', '%', 'pages', 'billable', 'seconds', currency, 'unpriced'],
    ...(timed ? ['connect 50 %', '95 %', 'open 50 %', '95 %'] : []),
  ];
  const table = columns(
    head,
    items.map((one) => rowOf(one, by, timeZone, timed)),
  );
  return source === 'sums'
    ? table
    : `${table}\n\nCounted from the records: what their retention has taken is not in it.`;
}

function rowOf(sum: CdrSum, by: readonly CdrDimension[], timeZone: string, timed: boolean): string[] {
  const counts = [sum.cdrs, sum.calls, sum.delivered].map(String);
  const rest = [sum.pages, sum.billableCalls, sum.billableSeconds].map(String);
  const dimensions = by.map((name) => clean(sum[name] || '–'));
  const costs = [moneyText(sum.cost), String(sum.unpricedCalls)];
  const times = timed ? [sum.connect?.p50, sum.connect?.p95, sum.open?.p50, sum.open?.p95].map(secondsText) : [];
  const rate = (sum.successRate * 100).toFixed(1);
  return [startIn(sum.start, timeZone), ...dimensions, ...counts, rate, ...rest, ...costs, ...times];
}

const secondsText = (ms: number | undefined) => (ms === undefined ? '–' : `${(ms / 1_000).toFixed(1)} s`);

/** A moment on the calendar of the report: the day, and the time where it is not midnight. */
function startIn(iso: string, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en', {
    ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit' },
  });
  const parts = new Map(format.formatToParts(new Date(iso)).map(({ type, value }) => [type, value]));
  const time = `${parts.get('hour')}:${parts.get('minute')}`;
  return `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}${time === '00:00' ? '' : ` ${time}`}`;
}
