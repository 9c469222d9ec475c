import {
  type Cover,
  type DeliverControl,
  ENDED,
  type Fax,
  fileDocument,
  type Progress,
  type SendControl,
  type SendOptions,
  type SendRequest,
  type Tags,
} from '../../api/client/index.ts';
import type { Arguments, Command } from './command.ts';
import type { Context } from './context.ts';
import { CliError, EXIT, type ExitName, exitOfFax } from './exit-status.ts';
import { progressLine } from './progress.ts';
import { clean, pagesText } from './text.ts';

/** `sealfax send`. */
export const send: Command = {
  summary: 'send documents to one or several numbers',
  usage: 'FILE… --to NUMBER [--to NUMBER…]',
  words: [1, 20],
  options: {
    to: { type: 'string', multiple: true, value: 'NUMBER', about: 'international number; several make a batch' },
    from: { type: 'string', value: 'NUMBER', about: 'own number to send from' },
    resolution: { type: 'string', value: 'standard|fine|superfine', about: 'fine when left out' },
    halftone: { type: 'string', value: 'auto|text|photo', about: 'how grey becomes black and white' },
    contrast: { type: 'string', value: '-100…100', about: '0 leaves the page as it is' },
    paper: { type: 'string', value: 'a4|letter', about: 'paper for text documents and covers' },
    width: {
      type: 'string',
      value: 'a4|b4|a3',
      about: 'widest paper that the receiver is known to take; a4 when left out',
    },
    length: { type: 'string', value: 'variable|full', about: 'full sends the white end of a page too' },
    header: { type: 'string', value: 'TEMPLATE', about: 'header line; none leaves it out' },
    csid: { type: 'string', value: 'TEXT', about: 'identification shown by the far machine' },
    cover: { type: 'string', value: 'NAME', about: 'adds this cover page; sealfax covers lists them' },
    attention: { type: 'string', value: 'TEXT', about: 'adds a cover page to this person' },
    sender: { type: 'string', value: 'TEXT', about: 'adds a cover page from this person' },
    company: { type: 'string', value: 'TEXT', about: 'adds a cover page from this company' },
    subject: { type: 'string', value: 'TEXT', about: 'adds a cover page with this subject' },
    note: { type: 'string', value: 'TEXT', about: 'adds a cover page with this note' },
    confidentiality: { type: 'string', value: 'TEXT', about: 'adds a cover page with this text at its foot' },
    tag: { type: 'string', multiple: true, value: 'NAME=VALUE', about: 'comes back in lists, events and CDRs' },
    at: { type: 'string', value: 'TIME', about: 'not before this time (ISO 8601)' },
    deadline: { type: 'string', value: 'TIME', about: 'give up after this time (ISO 8601)' },
    retries: { type: 'string', value: 'N', about: 'calls after the first one' },
    interval: { type: 'string', value: 'SECONDS', about: 'pause before each of them' },
    priority: { type: 'string', value: '0…9', about: '5 when left out' },
    uncertain: {
      type: 'string',
      value: 'hold|resend_rest|resend_all',
      about: 'when a page may or may not be on paper',
    },
    partial: {
      type: 'string',
      value: 'leave|again',
      about: 'under imageLife=call, when only some pages arrived: leave it, or send all pages again',
    },
    key: { type: 'string', value: 'TEXT', about: 'Idempotency-Key: the same key and content never make a second fax' },
    for: { type: 'string', value: 'ACCOUNT', about: 'as an administrator, for this account; to one number' },
    detach: { type: 'boolean', short: 'd', about: 'return as soon as the gateway has accepted the fax' },
  },
  more: `Waits until every fax has ended; the exit status is that of the first one which was not delivered.
To one number, under the policy imageLife=call, the documents are uploaded again before each retry.`,
  async run(context, args) {
    const [first, ...others] = args.all('to');
    if (first === undefined) throw new CliError('usage', 'to which number? Give --to');
    const documents = args.words.map((path) => fileDocument(path));
    const key = args.text('key');
    const options = optionsOf(args);
    const partial = args.choice('partial', ['leave', 'again']) ?? 'leave';
    const keyed = { signal: context.signal, ...(key === undefined ? {} : { idempotencyKey: key }) };
    const account = args.text('for');
    if (account !== undefined) {
      if (others.length > 0) throw new CliError('usage', 'with --for a fax goes to one number');
      const request = { ...options, to: first, documents };
      return sendFor(context, account, request, keyed, args.flag('detach'));
    }
    const client = await context.client();
    if (others.length === 0 && !args.flag('detach')) {
      return deliverOne(context, { ...options, to: first, documents }, { ...keyed, partial });
    }
    const line = progressLine(context.io, 'send', context.json);
    const control = { ...keyed, onProgress: line.tell };
    try {
      const faxes =
        others.length === 0
          ? [await client.faxes.send({ ...options, to: first, documents }, control)]
          : (await client.batches.send({ ...options, to: [first, ...others], documents }, control)).faxes;
      line.end();
      return args.flag('detach') ? showAccepted(context, faxes) : await waitForAll(context, faxes);
    } finally {
      line.end();
    }
  },
};

/** One fax, carried through as many uploads as it needs; each upload and each fax has a line of its own. */
async function deliverOne(context: Context, request: SendRequest, control: DeliverControl): Promise<ExitName> {
  const client = await context.client();
  let title = 'send';
  let line = progressLine(context.io, title, context.json);
  const begin = (next: string): void => {
    if (next === title) return;
    line.end();
    title = next;
    line = progressLine(context.io, title, context.json);
  };
  const onProgress = (progress: Progress): void => {
    if (progress.phase === 'upload') begin('send');
    line.tell(progress);
  };
  const onFax = ({ id }: Fax): void => begin(id);
  const fax = await client.faxes.deliver(request, { ...control, onProgress, onFax }).finally(() => line.end());
  context.show(fax, resultText(fax));
  return context.signal.aborted ? 'interrupted' : exitOfFax(fax);
}

/** An administrator's fax for an account, followed to its end. */
async function sendFor(
  context: Context,
  account: string,
  request: SendRequest,
  control: SendControl,
  detach: boolean,
): Promise<ExitName> {
  const { faxes } = await context.admin();
  const line = progressLine(context.io, 'send', context.json);
  const accepted = await faxes.send(account, request, { ...control, onProgress: line.tell }).finally(() => line.end());
  if (detach) return showAccepted(context, [accepted]);
  let last: Fax = accepted;
  for await (const { fax } of faxes.watch(accepted.id, context.signal)) {
    last = fax;
    if (ENDED.includes(fax.state)) break;
  }
  context.show(last, resultText(last));
  return context.signal.aborted ? 'interrupted' : exitOfFax(last);
}

function showAccepted(context: Context, faxes: readonly Fax[]): ExitName {
  for (const fax of faxes) context.show(fax, `${fax.id} ${fax.state}`);
  return 'ok';
}

async function waitForAll(context: Context, faxes: readonly Fax[]): Promise<ExitName> {
  const client = await context.client();
  let worst: ExitName = 'ok';
  for (const { id } of faxes) {
    const line = progressLine(context.io, id, context.json);
    const fax = await client.faxes.wait(id, { onProgress: line.tell, signal: context.signal }).finally(line.end);
    context.show(fax, resultText(fax));
    const exit = exitOfFax(fax);
    if (worst === 'ok') worst = exit;
  }
  return worst;
}

/** One line: id, state, pages, and what to do when it failed. */
export function resultText(fax: Fax): string {
  const why = fax.state === 'delivered' || fax.cause === null ? '' : `: ${fax.cause}`;
  const action = fax.state === 'delivered' || fax.action === null ? '' : `\n  ${clean(fax.action)}`;
  return `${fax.id} ${fax.state}${why}, ${pagesText(fax.pagesConfirmed, fax.pages)} pages${action}`;
}

function optionsOf(args: Arguments): SendOptions {
  return defined({
    from: args.text('from'),
    resolution: args.choice('resolution', ['standard', 'fine', 'superfine']),
    halftone: args.choice('halftone', ['auto', 'text', 'photo']),
    contrast: args.number('contrast', -100, 100),
    paper: args.choice('paper', ['a4', 'letter']),
    width: args.choice('width', ['a4', 'b4', 'a3']),
    length: args.choice('length', ['variable', 'full']),
    header: args.text('header'),
    csid: args.text('csid'),
    cover: coverOf(args),
    tags: tagsOf(args.all('tag')),
    scheduledAt: time('at', args.text('at')),
    deadline: time('deadline', args.text('deadline')),
    retries: args.number('retries', 0, 20),
    retryInterval: args.number('interval', 5, 86_400),
    priority: args.number('priority', 0, 9),
    uncertain: args.choice('uncertain', ['hold', 'resend_rest', 'resend_all']),
  });
}

/** A cover page when anything is said of one. */
function coverOf(args: Arguments): Cover | undefined {
  const cover = defined({
    template: args.text('cover'),
    to: args.text('attention'),
    from: args.text('sender'),
    company: args.text('company'),
    subject: args.text('subject'),
    note: args.text('note'),
    confidentiality: args.text('confidentiality'),
  });
  return Object.keys(cover).length === 0 ? undefined : cover;
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The members that have a value. */
export function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Defined<T>;
}

function tagsOf(texts: readonly string[]): Tags | undefined {
  if (texts.length === 0) return undefined;
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new CliError('usage', `--tag is NAME=VALUE`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

/** A time that a person wrote, in the API's form. @throws CliError usage */
export function time(name: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new CliError('usage', `--${name} is a time such as 2026-01-31T18:00:00Z`);
  return new Date(at).toISOString();
}

/** The table of exit statuses, for `sealfax help exit`. */
export function exitTable(): string {
  const rows = Object.values(EXIT).map(([status, about]) => `${String(status).padStart(4)}  ${about}`);
  return `Exit status:\n${rows.join('\n')}\n`;
}
