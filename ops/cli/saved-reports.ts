import type { Reports, SavedReport } from '../../api/client/index.ts';
import { REPORT_OPTIONS, reportOf, summaryText } from './cdr-summary.ts';
import type { Arguments, Command } from './command.ts';
import type { Context } from './context.ts';
import { CliError } from './exit-status.ts';
import { defined } from './send.ts';
import { clean, columns, moment } from './text.ts';

const ADMIN = { admin: { type: 'boolean', about: 'those of the administrators, over all accounts' } } as const;

const list: Command = {
  summary: 'saved reports',
  usage: '[--admin]',
  words: [0, 0],
  options: ADMIN,
  async run(context, args) {
    const saved = await (await reportsOf(context, args)).list();
    if (context.json) for (const one of saved) context.show(one, '');
    else context.io.out(`${columns(['name', 'changed', 'title'], saved.map(savedRow))}\n`);
    return 'ok';
  },
};

const save: Command = {
  summary: 'save a report under a name',
  usage: 'NAME [--title TEXT] [--period PERIOD | --from DAY --to DAY] [--group SPAN] [--by NAME,…] [filters] [--admin]',
  words: [1, 1],
  options: {
    title: { type: 'string', value: 'TEXT', about: 'what it is for' },
    ...REPORT_OPTIONS,
    account: { type: 'string', value: 'NAME', about: 'of administrators: only this account' },
    ...ADMIN,
  },
  more: 'In place of the report that has the name. Options are those of sealfax cdr summary; a period moves with the calendar.',
  async run(context, args) {
    const [name = ''] = args.words;
    const { by = [], ...rest } = reportOf(args);
    const account = await accountOf(context, args);
    const query = { ...rest, by: [...by], ...defined({ account }) };
    const saved = await (await reportsOf(context, args)).save(name, {
      ...defined({ title: args.text('title') }),
      query,
    });
    context.show(saved, `${clean(saved.name)} saved; sealfax report run ${clean(saved.name)}`);
    return 'ok';
  },
};

const run: Command = {
  summary: 'what a saved report tells now',
  usage: 'NAME [--admin]',
  words: [1, 1],
  options: ADMIN,
  async run(context, args) {
    const [name = ''] = args.words;
    const reports = await reportsOf(context, args);
    const { query } = await reports.get(name);
    const found = await reports.run(name);
    if (context.json) for (const one of found.items) context.show(one, '');
    else context.io.out(`${summaryText(found, query.by)}\n`);
    return 'ok';
  },
};

const remove: Command = {
  summary: 'remove a saved report',
  usage: 'NAME [--admin]',
  words: [1, 1],
  options: ADMIN,
  async run(context, args) {
    const [name = ''] = args.words;
    await (await reportsOf(context, args)).remove(name);
    context.show({ name, removed: true }, `${clean(name)} removed`);
    return 'ok';
  },
};

/** `sealfax report …`. */
export const reportCommands = {
  'report list': list,
  'report save': save,
  'report run': run,
  'report remove': remove,
};

async function reportsOf(context: Context, args: Arguments): Promise<Reports> {
  return args.flag('admin') ? (await context.admin()).reports : (await context.client()).cdrs.reports;
}

async function accountOf(context: Context, args: Arguments): Promise<string | undefined> {
  const name = args.text('account');
  if (name === undefined) return undefined;
  if (!args.flag('admin')) throw new CliError('usage', '--account is for administrators: --admin');
  return (await (await context.admin()).account(name)).id;
}

function savedRow({ name, changedAt, title }: SavedReport): string[] {
  return [clean(name), moment(changedAt), clean(title)];
}
