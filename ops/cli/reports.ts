import type { Cdr, CdrFilter } from '../../api/client/index.ts';
import { moneyText } from '../../gateway/fax/money.ts';
import type { Arguments, Command } from './command.ts';
import type { Context } from './context.ts';
import { CliError } from './exit-status.ts';
import { writeNewFile } from './new-file.ts';
import { defined, time } from './send.ts';
import { clean, columns, moment } from './text.ts';

const RESULTS = ['ok', 'partial', 'failed', 'uncertain', 'canceled'] as const;

/** `sealfax cdr`. */
export const cdr: Command = {
  summary: 'call detail records',
  usage: '[filters] [--csv | --jsonl] [--all | --account NAME]',
  words: [0, 0],
  options: {
    fax: { type: 'string', value: 'FAX', about: 'only of this fax' },
    direction: { type: 'string', value: 'outbound|inbound', about: 'only in this direction' },
    number: { type: 'string', value: 'NUMBER', about: 'only with this number' },
    prefix: { type: 'string', value: 'NUMBER', about: 'only with a number that begins so, as +4930' },
    user: { type: 'string', value: 'USER', about: 'only of this user' },
    tag: { type: 'string', value: 'NAME:VALUE', about: 'only with this tag' },
    result: { type: 'string', value: RESULTS.join('|'), about: 'only with this result' },
    cause: { type: 'string', value: 'CAUSE', about: 'only with this cause' },
    carrier: { type: 'string', value: 'NAME', about: 'only over this carrier' },
    country: { type: 'string', value: 'COUNTRY', about: 'only with this one of the far side, as DE or +870' },
    since: { type: 'string', value: 'TIME', about: 'calls that ended at or after' },
    until: { type: 'string', value: 'TIME', about: 'calls that ended before' },
    limit: { type: 'string', value: 'N', about: 'at most so many; 50 when left out' },
    csv: { type: 'boolean', about: 'everything that matches, as CSV' },
    jsonl: { type: 'boolean', about: 'everything that matches, one JSON object a line' },
    out: { type: 'string', short: 'o', value: 'FILE', about: 'where these go; standard output when left out' },
    all: { type: 'boolean', about: 'of all accounts, with --csv or --jsonl; for administrators' },
    account: { type: 'string', value: 'NAME', about: 'of this account likewise; for administrators' },
  },
  async run(context, args) {
    const filter = filterOf(args);
    const form = formOf(args);
    if (form !== undefined) {
      const chunks = await streamOf(context, args, form, filter);
      const out = args.text('out');
      if (out !== undefined) await writeNewFile(out, chunks);
      else for await (const chunk of chunks) await context.io.bytes(chunk);
      return 'ok';
    }
    const { cdrs } = await context.client();
    const limit = args.number('limit', 1, 1_000_000) ?? 50;
    const rows: string[][] = [];
    let left = limit;
    for await (const one of cdrs.all({ ...filter, limit: Math.min(limit, 500) })) {
      if (context.json) context.show(one, '');
      else rows.push(cdrRow(one));
      left -= 1;
      if (left === 0) break;
    }
    const head = ['started', 'direction', 'from', 'to', 'result', 'cause', 'pages', 'seconds', 'carrier', 'cost'];
    if (!context.json) context.io.out(`${columns(head, rows)}\n`);
    return 'ok';
  },
};

function formOf(args: Arguments): 'csv' | 'jsonl' | undefined {
  const [csv, jsonl] = [args.flag('csv'), args.flag('jsonl')];
  if (csv && jsonl) throw new CliError('usage', '--csv or --jsonl, not both');
  if (csv || jsonl) return csv ? 'csv' : 'jsonl';
  const administers = args.flag('all') || args.text('account') !== undefined;
  if (administers) throw new CliError('usage', '--all and --account go with --csv or --jsonl');
  return undefined;
}

/** By the account's own user, or by an administrator for one account or all. */
async function streamOf(
  context: Context,
  args: Arguments,
  form: 'csv' | 'jsonl',
  filter: Omit<CdrFilter, 'limit' | 'cursor'>,
): Promise<AsyncGenerator<Uint8Array>> {
  const name = args.text('account');
  if (name !== undefined && args.flag('all')) throw new CliError('usage', '--all or --account, not both');
  if (name === undefined && !args.flag('all')) {
    const { cdrs } = await context.client();
    return form === 'csv' ? cdrs.csv(filter) : cdrs.jsonLines(filter);
  }
  const admin = await context.admin();
  const account = name === undefined ? undefined : (await admin.account(name)).id;
  return admin.cdrStream(form, { ...filter, ...defined({ account }) });
}

function filterOf(args: Arguments): Omit<CdrFilter, 'limit' | 'cursor'> {
  return defined({
    fax: args.text('fax'),
    direction: args.choice('direction', ['outbound', 'inbound']),
    number: args.text('number'),
    prefix: args.text('prefix'),
    user: args.text('user'),
    tag: args.text('tag'),
    result: args.choice('result', RESULTS),
    cause: args.text('cause'),
    carrier: args.text('carrier'),
    country: args.text('country'),
    since: time('since', args.text('since')),
    until: time('until', args.text('until')),
  });
}

/** What a call cost, with its currency. */
export function costText({ cost, currency }: Pick<Cdr, 'cost' | 'currency'>): string {
  return cost === null ? '–' : `${moneyText(cost)} ${clean(currency ?? '')}`;
}

function cdrRow(one: Cdr): string[] {
  const seconds = (one.duration / 1_000).toFixed(1);
  const pages = one.pages === null ? String(one.pagesSent) : `${one.pagesSent}/${one.pages}`;
  const where = [one.direction, one.from ?? '–', one.to];
  return [moment(one.startedAt), ...where, one.result, one.cause, pages, seconds, one.carrier ?? '–', costText(one)];
}

/** `sealfax events`. */
export const events: Command = {
  summary: "the account's ledger",
  usage: '[--after N] [--follow]',
  words: [0, 0],
  options: {
    after: { type: 'string', value: 'N', about: 'entries after this sequence number; all when left out' },
    follow: { type: 'boolean', short: 'f', about: 'wait for further entries until interrupted' },
    type: { type: 'string', multiple: true, value: 'TYPE', about: 'only of this type; may be repeated' },
  },
  async run(context, args) {
    const { events: ledger } = await context.client();
    const given = args.number('after', 0, Number.MAX_SAFE_INTEGER);
    const types = args.all('type');
    const end = args.flag('follow') ? Number.POSITIVE_INFINITY : await ledger.head();
    const after = given ?? (args.flag('follow') ? await ledger.head() : 0);
    if (after >= end) return 'ok';
    for await (const event of ledger.from({ after, signal: context.signal })) {
      if (types.length === 0 || types.includes(event.type)) {
        const line = `${String(event.seq).padStart(6)}  ${moment(event.at)}  ${event.type.padEnd(18)}  ${event.fax ?? ''}`;
        context.show(event, line.trimEnd());
      }
      if (event.seq >= end) return 'ok';
    }
    return 'interrupted';
  },
};
