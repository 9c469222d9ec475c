import type { CdrDimension, CdrReport, CdrSum } from '../../api/client/index.ts';
import { moneyText } from '../../gateway/fax/money.ts';
import type { Arguments, Command } from './command.ts';
import type { Context } from './context.ts';
import { CliError } from './exit-status.ts';
import { defined } from './send.ts';
import { clean, columns } from './text.ts';

const DIMENSIONS: readonly CdrDimension[] = ['account', 'direction', 'carrier', 'result', 'cause'];

/** `sealfax cdr summary`. */
export const cdrSummary: Command = {
  summary: 'sums of calls, pages, billable seconds and costs',
  usage: '[--from DAY] [--to DAY] [--group SPAN] [--by NAME,…] [--all | --account NAME]',
  words: [0, 0],
  options: {
    from: { type: 'string', value: 'DAY', about: 'first day, as 2026-01-01; that of this month when left out' },
    to: { type: 'string', value: 'DAY', about: 'the day after the last one; tomorrow when left out' },
    group: { type: 'string', value: 'day|month|total', about: 'one line for each; month when left out' },
    by: { type: 'string', value: 'NAME,…', about: `what to tell apart: ${DIMENSIONS.join(', ')}` },
    'time-zone': { type: 'string', value: 'ZONE', about: "whose days, as Europe/Berlin; the account's when left out" },
    all: { type: 'boolean', about: 'of all accounts, told apart; for administrators' },
    account: { type: 'string', value: 'NAME', about: 'of this account; for administrators' },
  },
  async run(context, args) {
    const by = dimensionsOf(args);
    const { timeZone, currency, items } = await report(context, args, by);
    if (context.json) for (const one of items) context.show(one, '');
    else
      context.io.out(
        `${columns(
          headOf(by, currency),
          items.map((one) => rowOf(one, by, timeZone)),
        )}\n`,
      );
    return 'ok';
  },
};

function dimensionsOf(args: Arguments): CdrDimension[] {
  const asked: string[] = (args.text('by') ?? '').split(',').filter((name) => name !== '');
  const names: readonly string[] = DIMENSIONS;
  if (asked.some((name) => !names.includes(name))) throw new CliError('usage', `--by is some of ${names.join(', ')}`);
  return DIMENSIONS.filter((name) => asked.includes(name) || (name === 'account' && args.flag('all')));
}

/** By the account's own user, or by an administrator for one account or all. */
async function report(context: Context, args: Arguments, by: readonly CdrDimension[]) {
  const account = args.text('account');
  if (account !== undefined && args.flag('all')) throw new CliError('usage', '--all or --account, not both');
  const asked: CdrReport = defined({
    from: args.text('from'),
    to: args.text('to'),
    group: args.choice('group', ['day', 'month', 'total']),
    timeZone: args.text('time-zone'),
    by,
  });
  if (account === undefined && !args.flag('all')) return (await context.client()).cdrs.summary(asked);
  const admin = await context.admin();
  return admin.cdrSummary(account === undefined ? asked : { ...asked, account: (await admin.account(account)).id });
}

const headOf = (by: readonly CdrDimension[], currency: string) => [
  ...['from', ...by, 'records', 'calls', 'delivered', 'pages', 'billable', 'seconds', currency, 'unpriced'],
];

function rowOf(sum: CdrSum, by: readonly CdrDimension[], timeZone: string): string[] {
  const counts = [sum.cdrs, sum.calls, sum.delivered, sum.pages, sum.billableCalls, sum.billableSeconds];
  const dimensions = by.map((name) => clean(sum[name] || '–'));
  const costs = [moneyText(sum.cost), String(sum.unpricedCalls)];
  return [dayIn(sum.start, timeZone), ...dimensions, ...counts.map(String), ...costs];
}

/** The day of a moment on the calendar of the report. */
function dayIn(iso: string, timeZone: string): string {
  const day = new Intl.DateTimeFormat('en', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  const parts = new Map(day.formatToParts(new Date(iso)).map(({ type, value }) => [type, value]));
  return `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`;
}
