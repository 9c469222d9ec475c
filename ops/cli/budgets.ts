import type { Payer, Policy, Spending } from '../../api/client/index.ts';
import { moneyText, parseMoney } from '../../gateway/fax/money.ts';
import { accountOf } from './account-lookup.ts';
import type { Arguments, Command, Option } from './command.ts';
import { CliError } from './exit-status.ts';
import { clean, columns, moment } from './text.ts';

const amount = (span: string): Option => ({
  type: 'string',
  value: 'AMOUNT',
  about: `for each ${span} of the account's time zone, as 25 or 12.50; off: no limit`,
});

/** `sealfax budget …`: for administrators. */
export const budgetCommands: Readonly<Record<string, Command>> = {
  'budget list': {
    summary: 'budgets of accounts and carriers: what is spent, what is left',
    usage: '',
    words: [0, 0],
    options: {},
    async run(context) {
      const all = await (await context.admin()).budgets();
      if (context.json) for (const one of all) context.show(one, '');
      else context.io.out(`${table(all.map((one) => ({ ...one, spending: one.spending.filter(isLimited) })))}\n`);
      return 'ok';
    },
  },
  'budget show': {
    summary: 'what an account has spent today and this month',
    usage: 'ACCOUNT',
    words: [1, 1],
    options: {},
    async run(context, { words: [name] }) {
      const admin = await context.admin();
      const payer = await admin.budget((await accountOf(admin, name)).id);
      context.show(payer, table([payer]));
      return 'ok';
    },
  },
  'budget set': {
    summary: 'what the calls of an account may cost, in the currency of the gateway',
    usage: 'ACCOUNT [--day AMOUNT|off] [--month AMOUNT|off] [--over reject|hold]',
    words: [1, 1],
    options: {
      day: amount('day'),
      month: amount('month'),
      over: {
        type: 'string',
        value: 'reject|hold',
        about: 'while it is spent, new faxes are refused, or wait for the next day or month',
      },
    },
    async run(context, args) {
      const policy = policyOf(args);
      if (Object.keys(policy).length === 0) throw new CliError('usage', 'give --day, --month or --over');
      const admin = await context.admin();
      const { id } = await accountOf(admin, args.words[0]);
      await admin.changeAccount(id, { policy });
      const payer = await admin.budget(id);
      context.show(payer, table([payer]));
      return 'ok';
    },
  },
};

function policyOf(args: Arguments): Partial<Policy> {
  const [day, month] = [args.text('day'), args.text('month')];
  const overBudget = args.choice('over', ['reject', 'hold']);
  return {
    ...(day === undefined ? {} : { budgetDay: limitOf('day', day) }),
    ...(month === undefined ? {} : { budgetMonth: limitOf('month', month) }),
    ...(overBudget === undefined ? {} : { overBudget }),
  };
}

function limitOf(option: string, text: string): number | null {
  if (text === 'off') return null;
  const limit = parseMoney(text);
  if (limit === undefined) throw new CliError('usage', `--${option} is an amount such as 12.50, or off`);
  return limit;
}

const isLimited = ({ budget }: Spending): boolean => budget !== null;

function table(payers: readonly Payer[]): string {
  const rows = payers.flatMap(({ kind, name, currency, spending }) =>
    spending.map((one) => [kind, clean(name), one.span, ...amountsOf(one), clean(currency), moment(one.until)]),
  );
  return columns(['payer', 'name', 'span', 'spent', 'budget', 'left', 'state', '', 'until'], rows);
}

function amountsOf(one: Spending): string[] {
  const { spent, budget, left } = one;
  return [
    moneyText(spent),
    budget === null ? '∞' : moneyText(budget),
    left === null ? '–' : moneyText(left),
    stateOf(one),
  ];
}

function stateOf({ spent, budget, unpricedCalls }: Spending): string {
  const unpriced = unpricedCalls === 0 ? '' : `, ${unpricedCalls} calls without a price`;
  if (budget === null) return `no limit${unpriced}`;
  const state = spent >= budget ? 'spent' : `${Math.floor((spent / budget) * 100)} %`;
  return state + unpriced;
}
