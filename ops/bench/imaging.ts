/**
 * Imaging beside its peers, in one run: what a page costs, how soon it is there, how many bytes it codes to, what a
 * child takes, and how well a letter can be read.
 *
 *     node ops/bench/imaging.ts [--short]
 *
 * `--short` leaves the reading out, which takes minutes. Costs are user and system time per page: the time of a job
 * of ten pages less that of one page, over nine, of ours as of ghostscript's. Every job of ours runs in a warm child of
 * its own, with a code cache, as in a gateway that has bubblewrap.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sealObject } from '../../crypto/index.ts';
import { encodeT6 } from '../../gateway/imaging/index.ts';
import type { RenderEvent, Renderer, RenderJob, RenderSummary } from '../../gateway/ports/renderer.ts';
import { createRenderer } from '../../gateway/rendering/index.ts';
import { peakMemory } from './child-usage.ts';
import { photoPdf, scanPdf, textPdf } from './documents.ts';
import { describeFigure as describeLegibility, run as runLegibility } from './legibility.ts';
import { drawGrey, faxPages, tiffPages } from './pages.ts';
import { codedBytes, costOf, ghostscriptFax, ghostscriptTiff, hasPeer, missingPeer } from './peers.ts';
import { fillCodeCache, warmJobCpu } from './warm-child.ts';

/** One comparison. */
export interface ImagingFigure {
  readonly what: string;
  readonly unit: 'ms' | 'bytes' | 'MiB';
  readonly ours: number;
  /** The peer's figure; null when it is not installed or there is none. */
  readonly peer: number | null;
  readonly peerName: string;
  /** Largest accepted share of the peer's figure, or largest figure when there is no peer. */
  readonly limit: number;
}

/** Runs of which the fastest counts; other work on the machine only adds. */
const RUNS = 3;
/** Pages of the long job. */
const PAGES = 10;
/** MiB that a child may take on a long document. */
const MEMORY_LIMIT = 256;
/** Milliseconds to one page with a child started ahead. */
const LATENCY_LIMIT = 300;

const DEK = new Uint8Array(32).fill(0x5a);
const FAX = 'fax_01hzy0000000000000000000aa';
const CHARTS = fileURLToPath(new URL('../../../shared/data/itu-charts/', import.meta.url));

function jobOf(pdf: Uint8Array): RenderJob {
  const object = 'doc/0';
  return {
    fax: FAX,
    dek: DEK,
    documents: [{ object, sealed: sealObject(DEK, { fax: FAX, object }, [pdf]) }],
    options: {
      resolution: 'fine',
      halftone: 'auto',
      contrast: 0,
      header: null,
      cover: null,
      paper: 'a4',
      maxPages: 300,
    },
  };
}

/** Drains a rendering, telling `seen` of every event; returns its totals. */
async function drain(
  run: AsyncGenerator<RenderEvent, RenderSummary>,
  seen: (event: RenderEvent) => void = () => undefined,
): Promise<RenderSummary> {
  for (;;) {
    const { value, done } = await run.next();
    if (done === true) return value;
    seen(value);
  }
}

/** The least of {@link RUNS} figures. */
async function least(measure: () => Promise<number>): Promise<number> {
  const figures: number[] = [];
  for (let n = 0; n < RUNS; n++) figures.push(await measure());
  return Math.min(...figures);
}

/** Processor time per page of ours and of ghostscript's, for the document that `make` makes of some pages. */
async function pageCost(
  cache: string,
  what: string,
  limit: number,
  one: Uint8Array,
  many: Uint8Array,
): Promise<ImagingFigure> {
  const first = await least(() => warmJobCpu(jobOf(one), cache));
  const ours = ((await least(() => warmJobCpu(jobOf(many), cache))) - first) / (PAGES - 1);
  return { what, unit: 'ms', ours, peer: await ghostscriptCost(one, many), peerName: 'ghostscript', limit };
}

async function ghostscriptCost(one: Uint8Array, many: Uint8Array): Promise<number | null> {
  if (!hasPeer('gs')) return null;
  return inFolder(async (folder) => {
    const cost = (pdf: Uint8Array) => {
      const path = join(folder, 'in.pdf');
      writeFileSync(path, pdf);
      return least(async () => costOf(ghostscriptFax(path, join(folder, 'out.tif'))).cpu);
    };
    const start = await cost(one);
    return ((await cost(many)) - start) / (PAGES - 1);
  });
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'sealfax-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Coded bytes of all pages of `pdf`, ours and ghostscript's. */
async function codedSize(what: string, limit: number, pdf: Uint8Array): Promise<ImagingFigure> {
  const ours = (await faxPages(pdf)).reduce((sum, page) => sum + encodeT6(page).length, 0);
  const theirs = hasPeer('gs') ? await inFolder(async (folder) => codedBytes(ghostscriptTiff(pdf, folder))) : null;
  const peer = theirs?.reduce((sum, size) => sum + size, 0) ?? null;
  return { what, unit: 'bytes', ours, peer, peerName: 'ghostscript', limit };
}

/** Coded bytes of the ITU-T charts, ours and libtiff's in one strip. */
async function chartSizes(): Promise<ImagingFigure | null> {
  const paths = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => join(CHARTS, `itu${n}.tif`));
  if (!paths.every((path) => existsSync(path))) return null;
  const pages = paths.flatMap((path) => tiffPages(readFileSync(path)));
  const ours = pages.reduce((sum, page) => sum + encodeT6(page).length, 0);
  const peer = hasPeer('tiffcp') ? await inFolder(async (folder) => libtiffSize(paths, folder)) : null;
  return { what: 'ITU-T charts, coded', unit: 'bytes', ours, peer, peerName: 'libtiff', limit: 1.01 };
}

function libtiffSize(paths: readonly string[], folder: string): number {
  const out = join(folder, 'charts.tif');
  execFileSync('tiffcp', ['-L', '-c', 'g4', '-r', '9999', ...paths, out], { stdio: 'ignore' });
  return codedBytes(readFileSync(out)).reduce((sum, size) => sum + size, 0);
}

/** What a hundred pages take and how soon their first is there. */
async function longDocument(): Promise<ImagingFigure[]> {
  const pdf = await textPdf(100);
  const renderer = await readyRenderer();
  const arrived: number[] = [];
  let peak = 0;
  const started = performance.now();
  await drain(renderer.render(jobOf(pdf)), (event) => {
    peak = Math.max(peak, peakMemory());
    if (event.type === 'page') arrived.push(performance.now() - started);
  });
  await renderer.close();
  const last = arrived.at(-1) ?? 0;
  return [
    { what: 'child on 100 pages, peak', unit: 'MiB', ours: peak, peer: null, peerName: 'limit', limit: MEMORY_LIMIT },
    {
      what: 'first of 100 pages there',
      unit: 'ms',
      ours: arrived[0] ?? Number.POSITIVE_INFINITY,
      peer: last,
      peerName: 'the last',
      limit: 0.5,
    },
  ];
}

/** A renderer in the host's strongest sandbox whose spare child has come up. */
async function readyRenderer(): Promise<Renderer> {
  const renderer = await createRenderer({ pool: { spare: 1, working: 1 } });
  await childReady();
  return renderer;
}

/** Waits until the spare child does nothing any more: it is warm. */
async function childReady(): Promise<void> {
  for (let before = -1, same = 0; same < 3; ) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    const now = peakMemory();
    same = now === before && now > 32 ? same + 1 : 0;
    before = now;
  }
}

/** Milliseconds on the clock from a job to its only page. */
async function latency(): Promise<ImagingFigure[]> {
  const pdf = await textPdf(1);
  const ours = await least(async () => {
    const renderer = await readyRenderer();
    let arrived = Number.POSITIVE_INFINITY;
    const started = performance.now();
    await drain(renderer.render(jobOf(pdf)), (event) => {
      if (event.type === 'page') arrived = performance.now() - started;
    });
    await renderer.close();
    return arrived;
  });
  const figure = { what: 'one page, child started ahead', unit: 'ms', ours } as const;
  const peer = await ghostscriptLatency(pdf);
  return [
    { ...figure, peer, peerName: 'ghostscript', limit: 1 },
    { ...figure, peer: null, peerName: 'limit', limit: LATENCY_LIMIT },
  ];
}

async function ghostscriptLatency(pdf: Uint8Array): Promise<number | null> {
  if (!hasPeer('gs')) return null;
  return inFolder(async (folder) => {
    const path = join(folder, 'in.pdf');
    writeFileSync(path, pdf);
    return least(async () => costOf(ghostscriptFax(path, join(folder, 'out.tif'))).wall);
  });
}

/** Measures everything but the reading. A figure whose peer is missing says so. */
export async function run(): Promise<ImagingFigure[]> {
  const scans = { one: await scanPdf(1, drawGrey), many: await scanPdf(PAGES, drawGrey) };
  const charts = await chartSizes();
  const texts = { one: await textPdf(1), many: await textPdf(PAGES) };
  const [text, scan] = await inFolder(async (folder) => {
    await fillCodeCache(folder);
    return [
      await pageCost(folder, 'text page of a PDF, CPU', 1.2, texts.one, texts.many),
      await pageCost(folder, 'scanned grey page, CPU', 1.5, scans.one, scans.many),
    ] as const;
  });
  return [
    text,
    ...(await latency()),
    scan,
    await codedSize('scanned grey pages, coded', 0.25, scans.many),
    await codedSize('photographs, coded', 1, await photoPdf(3)),
    ...(charts === null ? [] : [charts]),
    ...(await longDocument()),
  ];
}

/** Whether a figure keeps its limit; undefined when there is nothing to compare it with. */
export function keepsLimit({ ours, peer, peerName, limit }: ImagingFigure): boolean | undefined {
  if (peerName === 'limit') return ours <= limit;
  return peer === null ? undefined : ours <= peer * limit;
}

/** A figure as a line of a report. */
export function describeFigure(figure: ImagingFigure): string {
  const { what, unit, ours, peer, peerName, limit } = figure;
  const number = (value: number) =>
    `${unit === 'bytes' ? Math.round(value).toLocaleString('en') : value.toFixed(value < 100 ? 1 : 0)} ${unit}`;
  const own = `${what.padEnd(30)} ${number(ours).padStart(14)}`;
  const kept = { true: 'kept', false: 'MISSED', undefined: '' }[`${keepsLimit(figure)}`];
  if (peerName === 'limit') return `${own}   limit ${number(limit)}: ${kept}`;
  if (peer === null) return `${own}   ${missingPeer(peerName === 'libtiff' ? 'tiffcp' : 'gs')}`;
  return `${own}   ${peerName} ${number(peer)}, ratio ${(ours / peer).toFixed(2)}, limit ${limit}: ${kept}`;
}

if (import.meta.main) {
  for (const figure of await run()) process.stdout.write(`${describeFigure(figure)}\n`);
  if (!process.argv.includes('--short')) {
    const read = await runLegibility();
    const lines = 'skipped' in read ? [`skipped: ${read.skipped}`] : read.map(describeLegibility);
    process.stdout.write(`${lines.join('\n')}\n`);
  }
}
