import { open, readFile, stat } from 'node:fs/promises';
import type { CoverForm, CoverInfo } from '../../api/client/index.ts';
import { accountOf } from './account-lookup.ts';
import type { Command, Option } from './command.ts';
import { CliError } from './exit-status.ts';
import { clean, columns } from './text.ts';

/** Largest form that a gateway takes, bytes. */
const LARGEST = 2 * 1024 * 1024;

const OUT: Option = { type: 'string', short: 'o', value: 'FILE', about: 'where the PNG goes; it must not exist' };

/** `sealfax covers` for senders, `sealfax account cover …` for administrators. */
export const coverCommands: Readonly<Record<string, Command>> = {
  covers: {
    summary: 'the covers that a fax may name',
    usage: '',
    words: [0, 0],
    options: {},
    async run(context) {
      const all = await (await context.client()).covers();
      if (context.json) for (const one of all) context.show(one, '');
      else context.io.out(`${columns(['cover', 'of', 'pages', 'fields'], all.map(coverRow))}\n`);
      return 'ok';
    },
  },
  'account cover list': {
    summary: 'the cover forms of an account',
    usage: 'ACCOUNT',
    words: [1, 1],
    options: {},
    async run(context, { words: [account] }) {
      const admin = await context.admin();
      const all = await admin.covers((await accountOf(admin, account)).id);
      if (context.json) for (const one of all) context.show(one, '');
      else context.io.out(`${columns(['cover', 'pages', 'bytes', 'fields'], all.map(formRow))}\n`);
      return 'ok';
    },
  },
  'account cover add': {
    summary: 'a PDF form of the account’s own as a cover',
    usage: 'ACCOUNT NAME FILE [--out FILE]',
    words: [3, 3],
    options: { out: OUT },
    more: [
      'FILE is a PDF form (AcroForm) of at most 3 pages and 2 MiB. Its text fields are named to, toNumber, from, fromNumber,',
      'company, pages, subject, note, date or confidentiality; everything else in it stays as it is drawn.',
      'With --out, its first page filled with a sample is written as PNG.',
    ].join('\n'),
    async run(context, args) {
      const [account, name = '', path = ''] = args.words;
      const pdf = path === '-' ? await context.io.input() : await readForm(path);
      const admin = await context.admin();
      const { preview, ...form } = await admin.addCover((await accountOf(admin, account)).id, name, pdf);
      const out = args.text('out');
      if (out !== undefined) await writeNew(out, Buffer.from(preview, 'base64'));
      const file = out === undefined ? '' : `  ${clean(out)}`;
      context.show({ ...form, ...(out === undefined ? {} : { file: out }) }, `${formRow(form).join('  ')}${file}`);
      return 'ok';
    },
  },
  'account cover preview': {
    summary: 'the first page of a cover form, filled with a sample, as a PNG file',
    usage: 'ACCOUNT NAME --out FILE',
    words: [2, 2],
    options: { out: OUT },
    async run(context, args) {
      const [account, name = ''] = args.words;
      const out = args.text('out');
      if (out === undefined) throw new CliError('usage', 'where to? Give --out FILE');
      const admin = await context.admin();
      await writeNew(out, await admin.coverPreview((await accountOf(admin, account)).id, name));
      context.show({ cover: name, file: out }, clean(out));
      return 'ok';
    },
  },
  'account cover remove': {
    summary: 'remove a cover form; faxes that were accepted with it keep it',
    usage: 'ACCOUNT NAME',
    words: [2, 2],
    options: {},
    async run(context, { words: [account, name = ''] }) {
      const admin = await context.admin();
      await admin.removeCover((await accountOf(admin, account)).id, name);
      context.show({ removed: name }, `${clean(name)} removed`);
      return 'ok';
    },
  },
};

function coverRow({ name, shipped, pages, fields }: CoverInfo): string[] {
  return [name, shipped ? 'gateway' : 'account', String(pages), fields.join(' ')];
}

function formRow({ name, pages, bytes, fields }: CoverForm): string[] {
  return [name, String(pages), String(bytes), fields.join(' ')];
}

/** A larger file is refused before it is read; what stands in it, the gateway judges. */
async function readForm(path: string): Promise<Uint8Array> {
  if ((await stat(path)).size > LARGEST) throw new CliError('refused', 'a cover form has at most 2 MiB');
  return readFile(path);
}

async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  await file.writeFile(bytes).finally(() => file.close());
}
