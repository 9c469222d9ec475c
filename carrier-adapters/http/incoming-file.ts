import { wipe } from '../../crypto/index.ts';
import type { LineReport } from '../../gateway/fax/call-result.ts';
import { type CodedPage, codePage, readTiff, TiffError, type TiffPage } from '../../gateway/imaging/index.ts';
import type { IncomingCall } from '../../gateway/ports/carrier-adapter.ts';
import { DocumentRejected } from '../../gateway/ports/renderer.ts';

/** What a received file may hold: as many pages as an account may take at the most, and an A3 page at 400 dpi. */
const LIMITS = { maxPages: 1_000, maxPixels: 64_000_000 };
const CHUNK = 65_536;

/** Carriers that deliver files say nothing of the line. */
export const UNKNOWN_LINE: LineReport = {
  rate: 0,
  modulation: 'unknown',
  compression: 'unknown',
  ecm: false,
  t38: false,
  retrains: 0,
  badRows: 0,
};

/**
 * The pages of a received PDF, made one after the other where a hostile file can do no harm; each one's data is the caller's.
 * A page that is the picture of a fax page comes in the pixels of that picture. The file is not needed once a page has come.
 * @throws {DocumentRejected} for a file that is no fax, or too much of one
 */
export type PdfPages = (pdf: Uint8Array, signal?: AbortSignal) => AsyncIterable<CodedPage>;

/** How a received file went into its call. `unreadable`: no fax can be made of it; nothing more of it will come. */
export type Delivered =
  | { readonly ok: true; readonly pages: number }
  | { readonly ok: false; readonly reason: 'unreadable' | 'not_kept'; readonly pages: number; readonly detail: string };

/** What reads files that are no TIFF. */
export interface FileReaders {
  readonly pdf?: PdfPages | undefined;
  /** Aborted when the adapter stops: what was not read then is nobody's fault. */
  readonly signal?: AbortSignal;
}

interface ReceivedPage {
  readonly coded: CodedPage;
  readonly badRows: number;
}

/** Whether `file` is of a kind that {@link deliverFile} can read. */
export function isReadable(file: Uint8Array, { pdf }: FileReaders): boolean {
  return isTiff(file) || (pdf !== undefined && isPdf(file));
}

/**
 * Writes each page of a received file, TIFF or PDF by its first octets, as T.6 data into `call`; `answered` was called
 * before, `ended` is the caller's.
 */
export function deliverFile(file: Uint8Array, call: IncomingCall, readers: FileReaders = {}): Promise<Delivered> {
  return deliver(pagesOf(file, readers), call, readers.signal);
}

/** {@link deliverFile} for carriers that have nothing but TIFF. */
export function deliverTiff(file: Uint8Array, call: IncomingCall): Promise<Delivered> {
  return deliver(tiffPages(file), call);
}

function pagesOf(file: Uint8Array, { pdf, signal }: FileReaders): AsyncIterable<ReceivedPage> | Iterable<ReceivedPage> {
  return pdf !== undefined && isPdf(file) ? pdfPages(pdf(file, signal)) : tiffPages(file);
}

async function* pdfPages(pages: AsyncIterable<CodedPage>): AsyncGenerator<ReceivedPage> {
  let count = 0;
  for await (const coded of pages) {
    if (++count > LIMITS.maxPages) throw new DocumentRejected('too_many_pages', 'The PDF has too many pages.');
    yield { coded, badRows: 0 };
  }
}

function* tiffPages(file: Uint8Array): Generator<ReceivedPage> {
  for (const page of readTiff(file, LIMITS).pages) yield codedPage(page);
}

function codedPage(page: TiffPage): ReceivedPage {
  const picture = page.decode();
  if (picture.kind !== 'bilevel') throw new TiffError('unsupported', 'a page that is not bilevel');
  const { bitmap, badRows } = picture;
  try {
    const { width, rows } = bitmap;
    const [xDpi, yDpi] = [Math.round(page.xDpi), Math.round(page.yDpi)];
    return { coded: { width, rows, xDpi, yDpi, t6: codePage(bitmap) }, badRows };
  } finally {
    wipe(bitmap.data);
  }
}

async function deliver(
  pages: AsyncIterable<ReceivedPage> | Iterable<ReceivedPage>,
  call: IncomingCall,
  signal?: AbortSignal,
): Promise<Delivered> {
  let kept = 0;
  try {
    for await (const page of pages) {
      await deliverPage(page, call);
      kept++;
    }
    return { ok: true, pages: kept };
  } catch (error) {
    // The reception's own errors say that a page was not kept; what the file is to blame for has errors of its own.
    const blame = signal?.aborted === true ? undefined : blameOf(error);
    const reason = blame === undefined ? 'not_kept' : 'unreadable';
    return { ok: false, reason, pages: kept, detail: blame ?? 'the page was not kept' };
  }
}

/** What is wrong with the file; undefined: nothing that is known. */
function blameOf(error: unknown): string | undefined {
  if (error instanceof TiffError) return error.code;
  return error instanceof DocumentRejected ? error.cause : undefined;
}

async function deliverPage({ coded, badRows }: ReceivedPage, call: IncomingCall): Promise<void> {
  const { t6, rows, ...info } = coded;
  try {
    await call.beginPage(info);
    for (let at = 0; at < t6.length; at += CHUNK) await call.write(t6.subarray(at, at + CHUNK));
    await call.endPage({ rows, line: { ...UNKNOWN_LINE, badRows } });
  } finally {
    wipe(t6);
  }
}

/** TIFF 6.0 §2: byte order and 42. */
function isTiff([a, b, c, d]: Uint8Array): boolean {
  return (a === 0x49 && b === 0x49 && c === 42 && d === 0) || (a === 0x4d && b === 0x4d && c === 0 && d === 42);
}

/** ISO 32000-1 §7.5.2: `%PDF-` comes first. */
function isPdf([a, b, c, d, e]: Uint8Array): boolean {
  return a === 0x25 && b === 0x50 && c === 0x44 && d === 0x46 && e === 0x2d;
}
