import type { ReportSchedule, ReportScheduleWish, Reports, SavedReport } from '../../api/client/index.ts';
import { REPORT_OPTIONS, reportOf, summaryText } from './cdr-summary.ts';
import type { Arguments, Command } from './command.ts';
import type { Context } from './context.ts';
import { CliError } from './exit-status.ts';
import { readerIds } from './mail.ts';
import { defined } from './send.ts';
import { clean, columns, moment } from './text.ts';

const ADMIN = { admin: { type: 'boolean', about: 'those of the administrators, over all accounts' } } as const;

const EVERY: readonly ReportSchedule['every'][] = ['daily', 'weekly', 'monthly'];

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

const mail: Command = {
  summary: 'mail a saved report each day, week or month; or say when it is',
  usage:
    'NAME [--every SPAN --hour N] [--weekday N] [--day N] [--time-zone ZONE] [--to USER…] [--account-too] [--never] [--admin]',
  words: [1, 1],
  options: {
    every: { type: 'string', value: 'SPAN', about: `one of ${EVERY.join(', ')}` },
    hour: { type: 'string', value: 'N', about: 'at this hour, 0 to 23 (7)' },
    weekday: { type: 'string', value: 'N', about: 'with weekly: 1 is Monday (1)' },
    day: { type: 'string', value: 'N', about: 'with monthly: 1 to 28 (1)' },
    'time-zone': { type: 'string', value: 'ZONE', about: 'IANA name; the account’s own, or UTC' },
    to: {
      type: 'string',
      multiple: true,
      value: 'USER',
      about: 'of administrators: this one gets it; may be repeated',
    },
    'account-too': { type: 'boolean', about: 'of administrators of one account: its addresses get it, too' },
    never: { type: 'boolean', about: 'it is mailed no more' },
    ...ADMIN,
  },
  more: 'A report of an API user goes to the addresses of its account; an administrator’s to those whom --to names, each as its role sees numbers.',
  async run(context, args) {
    const [name = ''] = args.words;
    const { schedules } = await reportsOf(context, args);
    if (args.flag('never')) {
      await schedules.remove(name);
      context.show({ name, mailed: false }, `${clean(name)} is mailed no more`);
      return 'ok';
    }
    const every = args.choice('every', EVERY);
    const found =
      every === undefined ? await schedules.get(name) : await schedules.set(name, await wishOf(context, args, every));
    if (found === undefined) context.show({ name, mailed: false }, `${clean(name)} is not mailed`);
    else context.show({ name, mailed: true, ...found }, scheduleText(name, found));
    return 'ok';
  },
};

/** @throws CliError usage, not_found */
async function wishOf(context: Context, args: Arguments, every: ReportSchedule['every']): Promise<ReportScheduleWish> {
  const administrators = await readerIds(context, args.all('to'));
  return {
    every,
    hour: args.number('hour', 0, 23) ?? 7,
    ...defined({
      weekday: args.number('weekday', 1, 7),
      day: args.number('day', 1, 28),
      timeZone: args.text('time-zone'),
    }),
    ...(administrators.length === 0 ? {} : { administrators }),
    ...(args.flag('account-too') ? { account: true } : {}),
  };
}

function scheduleText(name: string, { every, addresses, nextAt, timeZone, sends }: ReportSchedule): string {
  const to = `${addresses} ${addresses === 1 ? 'address' : 'addresses'}`;
  const text = `${clean(name)} is mailed ${every} (${timeZone}) to ${to}, next on ${moment(nextAt)}`;
  return sends ? text : `${text}\nThis gateway has no server for mails (SEALFAX_SMTP_URL): nothing is sent.`;
}

/** `sealfax report …`. */
export const reportCommands = {
  'report list': list,
  'report save': save,
  'report run': run,
  'report mail': mail,
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
