import { mkdtemp, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { COVER_FORM_BYTES } from '../../gateway/fax/cover.ts';
import type { CodedPage } from '../../gateway/imaging/index.ts';
import type { ConvertJob, CoverPage, HeaderLine, Renderer, RenderOptions } from '../../gateway/ports/renderer.ts';
import { DocumentRejected } from '../../gateway/ports/renderer.ts';
import {
  createRenderer,
  DEFAULT_LIMITS,
  type FilePage,
  fileOfPages,
  renderFile,
} from '../../gateway/rendering/index.ts';
import type { Arguments, Command } from './command.ts';
import type { Context } from './context.ts';
import { CliError } from './exit-status.ts';
import { defined } from './send.ts';
import { clean } from './text.ts';

/** Pages of one run: as many as a gateway allows at most. */
const MOST_PAGES = 300;

/** `sealfax render`. */
export const render: Command = {
  summary: 'turn documents into fax pages as a gateway would, without one',
  usage: 'FILE… --out out.tif|out.pdf|page-%d.png',
  words: [1, 20],
  options: {
    out: {
      type: 'string',
      short: 'o',
      value: 'FILE',
      about: '.tif, .pdf or .png; %d or %03d is the number of the page',
    },
    resolution: { type: 'string', value: 'standard|fine|superfine', about: 'fine when left out' },
    halftone: { type: 'string', value: 'auto|text|photo', about: 'how grey becomes black and white' },
    contrast: { type: 'string', value: '-100…100', about: '0 leaves the page as it is' },
    paper: { type: 'string', value: 'a4|letter', about: 'paper for text and for pictures without a size' },
    width: {
      type: 'string',
      value: 'a4|b4|a3',
      about: 'widest page; wider documents are scaled down to it; a4 when left out',
    },
    length: { type: 'string', value: 'variable|full', about: 'full keeps the white end of a page' },
    'cover-form': {
      type: 'string',
      value: 'FILE',
      about: 'a PDF form as cover, filled with --name, --to and the next two',
    },
    subject: { type: 'string', value: 'TEXT', about: 'subject on that cover' },
    note: { type: 'string', value: 'TEXT', about: 'note on that cover' },
    header: { type: 'string', value: 'TEMPLATE', about: 'header line; none, as when left out, draws none' },
    name: { type: 'string', value: 'TEXT', about: '{name} of the header line' },
    csid: { type: 'string', value: 'TEXT', about: '{csid} of the header line' },
    to: { type: 'string', value: 'NUMBER', about: '{to} of the header line' },
  },
  more: [
    'FILE is PDF, TIFF, PNG, JPEG, WebP, GIF, BMP or text, and with LibreOffice DOCX, ODT, RTF or HTML; "-" is standard',
    'input. Several files make one fax, in order. Header keywords: {date} {time} {zone} {name} {csid} {to} {page} {pages}.',
    'No gateway and no connection string is needed. The output is written when every page is done, or not at all.',
  ].join('\n'),
  async run(context, args) {
    const output = outputOf(args.text('out'));
    const options = optionsOf(args);
    const documents = await readAll(context, args.words);
    const formPath = args.text('cover-form');
    const form = formPath === undefined ? undefined : await readForm(formPath);
    const renderer = await createRenderer({ pool: { spare: 1, working: 1 } });
    try {
      await tellSandbox(context, renderer);
      const pages = await pagesOf(renderer, { documents, form, paths: args.words }, options, context.signal);
      const files = await write(renderer, pages, output);
      pages.forEach((page, index) => {
        showPage(context, page, files[index] ?? files[0] ?? output.path);
      });
      return 'ok';
    } finally {
      await renderer.close();
    }
  },
};

interface Output {
  readonly path: string;
  readonly format: ConvertJob['format'];
}

const FORMATS: Readonly<Record<string, Output['format']>> = {
  '.tif': 'tiff',
  '.tiff': 'tiff',
  '.pdf': 'pdf',
  '.png': 'png',
};

/** Where a page's number goes in a file name. */
const NUMBER = /%(?:0(\d))?d/;

function outputOf(path: string | undefined): Output {
  if (path === undefined) throw new CliError('usage', 'into which file? Give --out, such as out.tif or page-%d.png');
  const format = FORMATS[extname(path).toLowerCase()];
  if (format === undefined) throw new CliError('usage', '--out ends in .tif, .pdf or .png');
  return { path, format };
}

function optionsOf(args: Arguments): RenderOptions {
  return {
    resolution: args.choice('resolution', ['standard', 'fine', 'superfine']) ?? 'fine',
    halftone: args.choice('halftone', ['auto', 'text', 'photo']) ?? 'auto',
    contrast: args.number('contrast', -100, 100) ?? 0,
    paper: args.choice('paper', ['a4', 'letter']) ?? 'a4',
    header: headerOf(args),
    maxWidth: WIDTHS[args.choice('width', ['a4', 'b4', 'a3']) ?? 'a4'],
    trimBlank: args.choice('length', ['variable', 'full']) !== 'full',
    cover: coverOf(args),
    maxPages: MOST_PAGES,
  };
}

/** Pels of the recording widths at 204 dpi (T.4 table 1). */
const WIDTHS = { a4: 1728, b4: 2048, a3: 2432 } as const;

/** The texts of the form's fields; null without a form. */
function coverOf(args: Arguments): CoverPage | null {
  if (args.text('cover-form') === undefined) return null;
  const texts = {
    from: args.text('name'),
    toNumber: args.text('to'),
    subject: args.text('subject'),
    note: args.text('note'),
  };
  return { template: 'letter', ...defined(texts), at: Date.now(), timeZone: hostTimeZone() };
}

function hostTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** There is no account whose name and time zone could be taken: they come from the command line and the host. */
function headerOf(args: Arguments): HeaderLine | null {
  const template = args.text('header') ?? 'none';
  if (template === 'none') return null;
  return {
    template,
    name: args.text('name') ?? '',
    csid: args.text('csid') ?? '',
    to: args.text('to') ?? '',
    at: Date.now(),
    timeZone: hostTimeZone(),
  };
}

async function readAll(context: Context, paths: readonly string[]): Promise<Document[]> {
  const documents: Document[] = [];
  let room = DEFAULT_LIMITS.documentBytes;
  for (const path of paths) {
    const bytes = path === '-' ? await context.io.input() : await readWithin(path, room);
    room -= bytes.length;
    if (room < 0) throw tooLarge();
    documents.push(path === '-' ? { bytes } : { bytes, fileName: basename(path) });
  }
  return documents;
}

type Document = Parameters<typeof renderFile>[1][number];

async function readWithin(path: string, room: number): Promise<Uint8Array> {
  if ((await stat(path)).size > room) throw tooLarge();
  return readFile(path);
}

async function readForm(path: string): Promise<Uint8Array> {
  if ((await stat(path)).size > COVER_FORM_BYTES) throw new CliError('refused', 'a cover form has at most 2 MiB');
  return readFile(path);
}

function tooLarge(): CliError {
  const most = DEFAULT_LIMITS.documentBytes / 1024 / 1024;
  return new CliError('refused', `the files have more than ${most} MiB together`);
}

/** A weaker sandbox than the full one is said, not hidden; so is what this host cannot read. */
async function tellSandbox(context: Context, renderer: Renderer): Promise<void> {
  for (const { level, text } of await renderer.hostFindings()) {
    if (level !== 'green') context.io.err(`sealfax: ${text}\n`);
  }
}

/** What is rendered. */
interface Input {
  readonly documents: readonly Document[];
  readonly form: Uint8Array | undefined;
  readonly paths: readonly string[];
}

async function pagesOf(
  renderer: Renderer,
  { documents, form, paths }: Input,
  options: RenderOptions,
  signal: AbortSignal,
): Promise<FilePage[]> {
  const pages: FilePage[] = [];
  try {
    for await (const page of renderFile(renderer, documents, options, signal, form)) pages.push(page);
  } catch (error) {
    if (!(error instanceof DocumentRejected)) throw error;
    const path = error.document === undefined ? undefined : paths[error.document];
    throw new CliError('refused', `${path === undefined ? '' : `${path}: `}${error.message} (${error.cause})`);
  }
  return pages;
}

/** Writes the pages into the file, or one file each; answers the paths. */
async function write(renderer: Renderer, pages: readonly FilePage[], { path, format }: Output): Promise<string[]> {
  const coded = pages.map((page) => page.coded);
  const single = format !== 'png' && !NUMBER.test(basename(path));
  if (!single && coded.length > 1 && !NUMBER.test(basename(path))) {
    throw new CliError('usage', `there are ${coded.length} pages: put %d into the name of the file`);
  }
  const files = single
    ? [{ path, pages: coded }]
    : coded.map((page, index) => ({ path: numbered(path, index + 1), pages: [page] }));
  for (const file of files) await store(file.path, renderer, file.pages, format);
  return files.map((file) => file.path);
}

function numbered(path: string, page: number): string {
  const name = basename(path).replace(NUMBER, (_, width = '1') => String(page).padStart(Number(width), '0'));
  return join(dirname(path), name);
}

/** The file appears whole, under its name, or not at all. */
async function store(
  path: string,
  renderer: Renderer,
  pages: readonly CodedPage[],
  format: ConvertJob['format'],
): Promise<void> {
  const folder = await mkdtemp(join(dirname(path), '.sealfax-'));
  try {
    const part = join(folder, 'part');
    const file = await open(part, 'wx', 0o600);
    try {
      for await (const chunk of fileOfPages(renderer, pages, format)) await file.writeFile(chunk);
    } finally {
      await file.close();
    }
    await rename(part, path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function showPage(context: Context, { page, coded, warnings }: FilePage, file: string): void {
  const { width, rows, xDpi, yDpi, t6 } = coded;
  const size = `page ${page}  ${width} × ${rows} at ${xDpi} × ${yDpi} dpi, ${t6.length} bytes  ${clean(file)}`;
  const notes = warnings.map((warning) => `\n  warning: ${clean(warning)}`).join('');
  context.show({ page, file, width, rows, xDpi, yDpi, bytes: t6.length, warnings }, `${size}${notes}`);
}
