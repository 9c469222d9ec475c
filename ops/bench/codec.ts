/**
 * T.6 coding beside libtiff: processor time per page of ours and of `tiffcp`, over the eight ITU-T charts, in one run.
 *
 *     node ops/bench/codec.ts [folder of itu1.tif … itu8.tif]
 *
 * libtiff's figure is that of a long file minus that of a one-page file, so that the start of its process does not
 * count; both count user and system time. Ours is warm, as in a gateway that has coded some pages.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Bitmap, decodeT6, encodeT6, readTiff } from '../../gateway/imaging/index.ts';

/** One comparison; times are milliseconds of processor time per page, null when the peer is not installed. */
export interface CodecFigure {
  readonly what: 'T.6 encode' | 'T.6 decode';
  readonly ours: number;
  readonly libtiff: number | null;
  /** The largest ratio that is accepted. */
  readonly limit: number;
}

/** Why there is nothing to measure. */
export interface CodecSkipped {
  readonly skipped: string;
}

/** Times the charts are repeated in the long file: 160 pages. */
const REPEATS = 20;
/** Runs of which the fastest counts; other work on the machine only adds. */
const RUNS = 5;

/** Where the ITU-T charts are, if they are: `itu1.tif` … `itu8.tif`. */
export const CHARTS = fileURLToPath(new URL('../../../shared/data/itu-charts/', import.meta.url));

function chartPaths(folder: string): string[] {
  return [1, 2, 3, 4, 5, 6, 7, 8].map((n) => join(folder, `itu${n}.tif`));
}

/** The page of a chart. @throws ImagingError when it is none */
export function readChart(path: string): Bitmap {
  const picture = readTiff(readFileSync(path), { maxPages: 1, maxPixels: 50_000_000 }).pages[0]?.decode();
  if (picture?.kind !== 'bilevel') throw new TypeError(`${path} is no bilevel page`);
  return picture.bitmap;
}

/** Milliseconds of processor time of `work`, the least of {@link RUNS} runs, after two to warm up. */
function ownTime(work: () => void): number {
  work();
  work();
  const times = Array.from({ length: RUNS }, () => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}

/** Milliseconds of processor time of a program, the least of {@link RUNS} runs, as the shell's `times` has it. */
function programTime(args: readonly string[]): number {
  const times = Array.from({ length: RUNS }, () => {
    const said = execFileSync('sh', ['-c', '"$@" 2>/dev/null; times', 'sh', ...args], { encoding: 'utf8' });
    const children = said.trim().split('\n')[1] ?? '';
    return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
      (sum, [, m, s]) => sum + 60e3 * Number(m) + 1e3 * Number(s),
      0,
    );
  });
  return Math.min(...times);
}

/** libtiff's time per page for `tiffcp args`, the process's start taken off. */
function libtiffTime(folder: string, from: readonly string[], to: readonly string[]): number {
  const out = join(folder, 'out.tif');
  const one = join(folder, 'one.tif');
  const many = join(folder, 'many.tif');
  const charts = Array.from({ length: REPEATS }, () => from.slice(2)).flat();
  const prepare = from.slice(0, 2);
  execFileSync('tiffcp', [...prepare, '-r', '9999', ...charts, many], { stdio: 'ignore' });
  execFileSync('tiffcp', [...prepare, '-r', '9999', charts[0] ?? '', one], { stdio: 'ignore' });
  const start = programTime(['tiffcp', ...to, one, out]);
  return (programTime(['tiffcp', ...to, many, out]) - start) / (charts.length - 1);
}

function hasTiffcp(): boolean {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, 'tiffcp')));
}

function withLibtiff(paths: readonly string[]): { encode: number; decode: number } | null {
  if (!hasTiffcp()) return null;
  const folder = mkdtempSync(join(tmpdir(), 'sealfax-bench-'));
  try {
    return {
      encode: libtiffTime(folder, ['-c', 'none', ...paths], ['-c', 'g4']),
      decode: libtiffTime(folder, ['-c', 'g4', ...paths], ['-c', 'none']),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Measures; needs the charts, and libtiff-tools for the comparison. */
export function run(folder: string = CHARTS): CodecFigure[] | CodecSkipped {
  const paths = chartPaths(folder);
  if (!paths.every((path) => existsSync(path))) return { skipped: 'the ITU-T charts are not here' };
  const bitmaps = paths.map(readChart);
  const coded = bitmaps.map(encodeT6);
  const pages = REPEATS * paths.length;
  const repeat = (work: () => void) => () => {
    for (let n = 0; n < REPEATS; n++) work();
  };
  const encode = ownTime(repeat(() => bitmaps.forEach((bitmap) => void encodeT6(bitmap)))) / pages;
  const size = { width: 1728, rows: 2376, maxRows: 2376 };
  const decode = ownTime(repeat(() => coded.forEach((t6) => void decodeT6(t6, size)))) / pages;
  const peer = withLibtiff(paths);
  return [
    { what: 'T.6 encode', ours: encode, libtiff: peer?.encode ?? null, limit: 1 },
    { what: 'T.6 decode', ours: decode, libtiff: peer?.decode ?? null, limit: 1.5 },
  ];
}

/** A figure as a line of a report. */
export function describeFigure({ what, ours, libtiff, limit }: CodecFigure): string {
  const own = `${what}: ${ours.toFixed(2)} ms a page`;
  if (libtiff === null) return `${own}; tiffcp (libtiff-tools) is not installed`;
  const ratio = (ours / libtiff).toFixed(2);
  return `${own}, libtiff ${libtiff.toFixed(2)} ms, ratio ${ratio} (limit ${limit.toFixed(1)})`;
}

if (import.meta.main) {
  const figures = run(process.argv[2]);
  const lines = 'skipped' in figures ? [`skipped: ${figures.skipped}`] : figures.map(describeFigure);
  process.stdout.write(`${lines.join('\n')}\n`);
}
