/**
 * Legibility by a judge of stone: tesseract reads fax pages of a test letter, ours and ghostscript's, and its words
 * are compared with those of the letter. Thin rules are looked for pixel by pixel.
 *
 *     node ops/bench/legibility.ts
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Bitmap } from '../../gateway/imaging/raster/bitmap.ts';
import { LETTER, letterPdf, RULES, rulesPdf } from './documents.ts';
import { faxPages, tiffPages } from './pages.ts';
import { type FaxResolution, ghostscriptTiff, hasPeer, missingPeer } from './peers.ts';

/** Sizes of type that are judged, in points. */
export const SIZES = [6, 8, 10, 12] as const;

/** Share of words, 0…1, that were read on a page. */
export interface LegibilityFigure {
  readonly resolution: FaxResolution;
  /** Points. */
  readonly size: number;
  readonly ours: number;
  /** null: ghostscript is not installed. */
  readonly ghostscript: number | null;
}

const ROWS_PER_INCH = { standard: 98, fine: 196, superfine: 391 } as const;

/** Resolution at which pages are shown to the judge: twice the columns, and rows to match. */
const READING_DPI = 408;

/** A fax page as grey PNG with square pixels, smoothed as eye and toner do. */
async function readable(page: Bitmap, resolution: FaxResolution): Promise<Buffer> {
  const data = new Uint8Array(page.width * page.rows);
  for (let y = 0; y < page.rows; y++) {
    for (let x = 0; x < page.width; x++) {
      const bit = ((page.data[y * page.stride + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1;
      data[y * page.width + x] = bit === 1 ? 0 : 255;
    }
  }
  const height = Math.round((page.rows * READING_DPI) / ROWS_PER_INCH[resolution]);
  return sharp(data, { raw: { width: page.width, height: page.rows, channels: 1 } })
    .resize(page.width * 2, height, { fit: 'fill', kernel: 'cubic' })
    .extractChannel(0)
    .png({ compressionLevel: 1 })
    .toBuffer();
}

/** One thread: its own are slower than none on few cores. */
const JUDGE_ENV = { PATH: '/usr/local/bin:/usr/bin:/bin', OMP_THREAD_LIMIT: '1' };

/** What tesseract reads on `page`: one block of English text, its neural engine alone. */
async function readPage(page: Bitmap, resolution: FaxResolution): Promise<string> {
  const args = ['stdin', 'stdout', '-l', 'eng', '--psm', '6', '--dpi', `${READING_DPI}`];
  const input = await readable(page, resolution);
  return execFileSync('tesseract', args, {
    input,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
    env: JUDGE_ENV,
  });
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** Share of the words of `truth` that stand, in order, in `text`: the longest common subsequence of both. */
export function wordAccuracy(truth: string, text: string): number {
  const [wanted, found] = [words(truth), words(text)];
  let above = new Uint16Array(found.length + 1);
  for (const word of wanted) {
    const row = new Uint16Array(found.length + 1);
    for (let n = 1; n <= found.length; n++) {
      row[n] = word === found[n - 1] ? (above[n - 1] ?? 0) + 1 : Math.max(row[n - 1] ?? 0, above[n] ?? 0);
    }
    above = row;
  }
  return (above[found.length] ?? 0) / wanted.length;
}

/** Reads the letter at `size` points on a page of `resolution`. Needs tesseract. */
export async function judgeLetter(resolution: FaxResolution, size: number): Promise<LegibilityFigure> {
  const pdf = await letterPdf([size]);
  const truth = LETTER.join(' ');
  const judge = async (page: Bitmap | undefined) =>
    page === undefined ? 0 : wordAccuracy(truth, await readPage(page, resolution));
  const [page] = await faxPages(pdf, resolution);
  const ours = await judge(page);
  if (!hasPeer('gs')) return { resolution, size, ours, ghostscript: null };
  const folder = mkdtempSync(join(tmpdir(), 'sealfax-bench-'));
  try {
    const [theirs] = tiffPages(ghostscriptTiff(pdf, folder, resolution));
    return { resolution, size, ours, ghostscript: await judge(theirs) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** How thin rules came out. */
export interface RulesFigure {
  readonly resolution: FaxResolution;
  /** Smallest share of a rule's length that is black, 0…1: 1 when all rules are unbroken. */
  readonly unbroken: number;
  /** Pixels across the thickest rule. */
  readonly thickest: number;
}

/** Draws rules of `thickness` millimetres at every place within a pixel and looks for them on the page. */
export async function judgeRules(resolution: FaxResolution, thickness = 0.1): Promise<RulesFigure> {
  const [horizontal, vertical] = await faxPages(await rulesPdf(thickness), resolution);
  if (horizontal === undefined || vertical === undefined) throw new TypeError('a page is missing');
  const down = ROWS_PER_INCH[resolution] / 25.4;
  const across = 204 / 25.4;
  const left = (horizontal.width - 210 * across) / 2;
  const profiles = RULES.flatMap(({ at, length }) => [
    profile(length * across - 4, (n, d) => black(horizontal, left + 50 * across + 2 + n, at * down + d)),
    profile(length * down - 4, (n, d) => black(vertical, left + at * across + d, 50 * down + 2 + n)),
  ]);
  return {
    resolution,
    unbroken: Math.min(...profiles.map((p) => p.unbroken)),
    thickest: Math.max(...profiles.map((p) => p.thickest)),
  };
}

/** Looks across a rule at each of its `length` pixels, three pixels to both sides. */
function profile(length: number, isBlack: (along: number, across: number) => boolean): Omit<RulesFigure, 'resolution'> {
  let unbroken = 0;
  let thickest = 0;
  const count = Math.floor(length);
  for (let n = 0; n < count; n++) {
    const marks = [-3, -2, -1, 0, 1, 2, 3].filter((d) => isBlack(n, d)).length;
    if (marks > 0) unbroken++;
    thickest = Math.max(thickest, marks);
  }
  return { unbroken: unbroken / count, thickest };
}

function black(page: Bitmap, x: number, y: number): boolean {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  return (((page.data[row * page.stride + (column >> 3)] ?? 0) >> (7 - (column & 7))) & 1) === 1;
}

/** Every size at every resolution, or why not. */
export async function run(): Promise<LegibilityFigure[] | { readonly skipped: string }> {
  if (!hasPeer('tesseract')) return { skipped: missingPeer('tesseract') };
  const figures: LegibilityFigure[] = [];
  for (const resolution of ['standard', 'fine', 'superfine'] as const) {
    for (const size of SIZES) figures.push(await judgeLetter(resolution, size));
  }
  return figures;
}

/** A figure as a line of a report. */
export function describeFigure({ resolution, size, ours, ghostscript }: LegibilityFigure): string {
  const share = (value: number) => `${(100 * value).toFixed(1)} %`.padStart(7);
  const peer = ghostscript === null ? missingPeer('gs') : `ghostscript ${share(ghostscript)}`;
  return `words read, ${`${size}`.padStart(2)} point ${resolution.padEnd(9)}: ${share(ours)}, ${peer}`;
}

if (import.meta.main) {
  const figures = await run();
  const lines = 'skipped' in figures ? [`skipped: ${figures.skipped}`] : figures.map(describeFigure);
  for (const resolution of ['standard', 'fine', 'superfine'] as const) {
    const { unbroken, thickest } = await judgeRules(resolution);
    lines.push(`0.1 mm rules, ${resolution}: ${(100 * unbroken).toFixed(1)} % black, at most ${thickest} pixels thick`);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}
