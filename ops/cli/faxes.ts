import { open } from 'node:fs/promises';
import type { Fax, FaxFilter, FaxState } from '../../api/client/index.ts';
import type { Arguments, Command } from './command.ts';
import type { Context } from './context.ts';
import { CliError, type ExitName, exitOfFax } from './exit-status.ts';
import { progressLine } from './progress.ts';
import { defined, resultText, time } from './send.ts';
import { clean, columns, moment, pagesText, pairs } from './text.ts';

const LIST_OPTIONS = {
  state: { type: 'string', multiple: true, value: 'STATE', about: 'only in this state; may be repeated' },
  number: { type: 'string', value: 'NUMBER', about: 'only to or from this number' },
  tag: { type: 'string', value: 'NAME:VALUE', about: 'only with this tag' },
  since: { type: 'string', value: 'TIME', about: 'only from this time on' },
  until: { type: 'string', value: 'TIME', about: 'only up to this time' },
  limit: { type: 'string', value: 'N', about: 'at most so many; 20 when left out' },
} as const;

/** `sealfax status`. */
export const status: Command = {
  summary: 'one fax in detail, or the newest ones',
  usage: '[FAX]',
  words: [0, 1],
  options: {
    ...LIST_OPTIONS,
    direction: { type: 'string', value: 'outbound|inbound', about: 'only in this direction' },
    wait: { type: 'boolean', short: 'w', about: 'wait until the fax has ended; the exit status tells how' },
  },
  async run(context, args) {
    const [id] = args.words;
    if (id === undefined) return listFaxes(context, args, args.choice('direction', ['outbound', 'inbound']));
    const client = await context.client();
    if (args.flag('wait')) {
      const line = progressLine(context.io, id, context.json);
      const fax = await client.faxes.wait(id, { onProgress: line.tell, signal: context.signal }).finally(line.end);
      context.show(fax, resultText(fax));
      return exitOfFax(fax);
    }
    const fax = await client.faxes.get(id);
    context.show(fax, detailText(fax));
    return 'ok';
  },
};

/** `sealfax inbox`. */
export const inbox: Command = {
  summary: 'received faxes',
  usage: '',
  words: [0, 0],
  options: LIST_OPTIONS,
  run: (context, args) => listFaxes(context, args, 'inbound'),
};

async function listFaxes(context: Context, args: Arguments, direction?: Fax['direction']): Promise<ExitName> {
  const limit = args.number('limit', 1, 10_000) ?? 20;
  const states = args.all('state') as FaxState[];
  const filter: FaxFilter = defined({
    direction,
    state: states.length === 0 ? undefined : states,
    number: args.text('number'),
    tag: args.text('tag'),
    since: time('since', args.text('since')),
    until: time('until', args.text('until')),
    limit: Math.min(limit, 500),
  });
  const client = await context.client();
  const faxes: Fax[] = [];
  for await (const fax of client.faxes.all(filter)) {
    faxes.push(fax);
    if (faxes.length >= limit) break;
  }
  if (context.json) for (const fax of faxes) context.show(fax, '');
  else context.io.out(`${columns(['fax', 'created', 'state', 'from', 'to', 'pages', 'cause'], faxes.map(faxRow))}\n`);
  return 'ok';
}

function faxRow(fax: Fax): string[] {
  const { id, createdAt, state, from, to, pagesConfirmed, pages, cause } = fax;
  return [id, moment(createdAt), state, from ?? '–', to, pagesText(pagesConfirmed, pages), cause ?? ''];
}

function detailText(fax: Fax): string {
  return pairs({
    fax: fax.id,
    state: fax.state,
    direction: fax.direction,
    from: fax.from,
    to: fax.to,
    'far machine': fax.remoteId,
    pages: pagesText(fax.pagesConfirmed, fax.pages),
    calls: fax.attempts,
    held: fax.held === null ? null : `until ${fax.held.place} is approved, at most to ${moment(fax.held.until)}`,
    cause: fax.cause,
    detail: fax.detail,
    'what to do': fax.action,
    'next call': fax.nextCallAt === null ? null : moment(fax.nextCallAt),
    created: moment(fax.createdAt),
    finished: fax.finishedAt === null ? null : moment(fax.finishedAt),
    image: fax.imageExists ? 'kept, sealed' : 'wiped',
    tags: Object.entries(fax.tags)
      .map(([name, value]) => `${name}=${clean(value)}`)
      .join(' '),
  });
}

/** `sealfax cancel`. */
export const cancel: Command = {
  summary: 'cancel a fax that has not ended',
  usage: 'FAX',
  words: [1, 1],
  options: {},
  async run(context, { words: [id = ''] }) {
    const result = await (await context.client()).faxes.cancel(id);
    context.show({ fax: id, result }, result === 'ended' ? `${id} canceled` : `${id}: its call is being ended`);
    return 'ok';
  },
};

/** `sealfax resend`. */
export const resend: Command = {
  summary: 'decide an uncertain fax: send the rest, or all of it, again',
  usage: 'FAX --mode rest|all',
  words: [1, 1],
  options: { mode: { type: 'string', value: 'rest|all', about: 'which pages' } },
  async run(context, args) {
    const mode = args.choice('mode', ['rest', 'all']);
    if (mode === undefined) throw new CliError('usage', 'which pages? Give --mode rest or --mode all');
    const fax = await (await context.client()).faxes.resend(args.words[0] ?? '', mode);
    context.show(fax, `${fax.id} ${fax.state}`);
    return 'ok';
  },
};

/** `sealfax preview`. */
export const preview: Command = {
  summary: 'the exact page as it is sent, as a PNG file',
  usage: 'FAX PAGE --out FILE',
  words: [2, 2],
  options: { out: { type: 'string', short: 'o', value: 'FILE', about: 'where the PNG goes; it must not exist' } },
  async run(context, args) {
    const [id = '', page = ''] = args.words;
    const out = args.text('out');
    if (out === undefined) throw new CliError('usage', 'where to? Give --out FILE');
    if (!/^[1-9]\d{0,4}$/.test(page)) throw new CliError('usage', 'PAGE is a number from 1');
    const png = await (await context.client()).faxes.preview(id, Number(page));
    const file = await open(out, 'wx', 0o600);
    await file.writeFile(png).finally(() => file.close());
    context.show({ fax: id, page: Number(page), file: out }, out);
    return 'ok';
  },
};

/** `sealfax receipt`. */
export const receipt: Command = {
  summary: 'the signed wipe receipts of a fax, as a JSON file or on standard output',
  usage: 'FAX [--out FILE]',
  words: [1, 1],
  options: { out: { type: 'string', short: 'o', value: 'FILE', about: 'it must not exist' } },
  async run(context, args) {
    const found = await (await context.client()).faxes.receipt(args.words[0] ?? '');
    const out = args.text('out');
    const text = `${JSON.stringify(found, null, 2)}\n`;
    if (out === undefined) context.io.out(context.json ? `${JSON.stringify(found)}\n` : text);
    else {
      const file = await open(out, 'wx');
      await file.writeFile(text).finally(() => file.close());
      context.show({ fax: found.fax, file: out }, out);
    }
    return 'ok';
  },
};
