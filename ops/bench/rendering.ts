/**
 * What accepting a document costs in rendering children, each figure beside its limit, in one run.
 *
 *     node ops/bench/rendering.ts
 *
 * Children run in the host's strongest sandbox with the code cache of a gateway. Processor time is read from the kernel
 * per process tree and does not depend on what else the machine does; latency and pages per second do.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { sealObject } from '../../crypto/index.ts';
import { encodeT6, writeTiffF } from '../../gateway/imaging/index.ts';
import type { Renderer, RenderJob } from '../../gateway/ports/renderer.ts';
import { cpuSeconds } from '../../gateway/rendering/cpu-time.ts';
import { createRenderer, DEFAULT_LIMITS } from '../../gateway/rendering/index.ts';
import { childCommand, detectSandbox, type SandboxKind } from '../../gateway/rendering/sandbox.ts';
import { textPdf } from './documents.ts';
import { faxPages } from './pages.ts';

/** One figure and the limit that it keeps or misses. */
export interface RenderingFigure {
  readonly what: string;
  readonly unit: 'ms' | 'pages/s';
  readonly value: number;
  /** Largest accepted time or smallest accepted rate; null: printed for comparison. */
  readonly limit: number | null;
}

/** Milliseconds on the clock to the only page of a document, with a child that is warm. */
const LATENCY_LIMIT = 300;
/** Children started one after the other. */
const STARTS = 9;
/** Latencies measured; the median counts. */
const LATENCIES = 5;
/** One-page jobs at once. */
const JOBS = 24;
/** Milliseconds without work after which a spare child is warm on an idle machine. */
const WARMING = 1500;

const DEK = new Uint8Array(32).fill(0x5a);
const FAX = 'fax_01hzy0000000000000000000aa';

function jobOf(document: Uint8Array): RenderJob {
  const object = 'doc/0';
  return {
    fax: FAX,
    dek: DEK,
    documents: [{ object, sealed: sealObject(DEK, { fax: FAX, object }, [document]) }],
    options: {
      resolution: 'fine',
      halftone: 'auto',
      contrast: 0,
      header: { name: 'Bench', csid: '+49 40 1', to: '+49402', at: 0, timeZone: 'UTC' },
      cover: null,
      paper: 'a4',
      maxPages: 1,
    },
  };
}

function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[figures.length >> 1] ?? Number.NaN;
}

/** Milliseconds of processor time that a child and its sandbox have used when it says that it is ready. */
function startCpu(sandbox: SandboxKind, folder: string | undefined): Promise<number> {
  const cache = folder === undefined ? undefined : { folder, fill: false };
  const { file, args, env } = childCommand(sandbox, DEFAULT_LIMITS, undefined, cache);
  const child = spawn(file, [...args], { env, cwd: '/', stdio: ['pipe', 'ignore', 'inherit', 'pipe'] });
  return new Promise((resolve, reject) => {
    let used = Number.NaN;
    child.stdio[3]?.once('data', () => {
      used = cpuSeconds(child.pid ?? 0) * 1000;
      child.stdin?.end();
    });
    child.once('error', reject).once('close', () => resolve(used));
  });
}

async function starts(what: string, sandbox: SandboxKind, folder: string | undefined): Promise<RenderingFigure> {
  const figures: number[] = [];
  for (let n = 0; n < STARTS; n++) figures.push(await startCpu(sandbox, folder));
  return { what, unit: 'ms', value: median(figures), limit: null };
}

/** Renders `document`; milliseconds to its page. */
async function timeToPage(renderer: Renderer, document: Uint8Array): Promise<number> {
  const started = performance.now();
  let arrived = Number.NaN;
  for await (const event of renderer.render(jobOf(document))) {
    if (event.type === 'page') arrived = performance.now() - started;
  }
  return arrived;
}

async function latency(what: string, folder: string, document: Uint8Array): Promise<RenderingFigure> {
  const renderer = await createRenderer({ codeCache: folder, pool: { spare: 1, working: 1 } });
  await timeToPage(renderer, document); // from here on spare children expect this kind of document
  const figures: number[] = [];
  for (let n = 0; n < LATENCIES; n++) {
    await new Promise((resolve) => setTimeout(resolve, WARMING));
    figures.push(await timeToPage(renderer, document));
  }
  await renderer.close();
  return { what: `${what}, latency with a warm child`, unit: 'ms', value: median(figures), limit: LATENCY_LIMIT };
}

/** Many jobs of one page at once, as many children working as there are cores. */
async function rate(what: string, folder: string, document: Uint8Array): Promise<RenderingFigure> {
  const renderer = await createRenderer({ codeCache: folder, pool: { working: availableParallelism() } });
  await timeToPage(renderer, document);
  const started = performance.now();
  await Promise.all(Array.from({ length: JOBS }, () => timeToPage(renderer, document)));
  const value = (JOBS * 1000) / (performance.now() - started);
  await renderer.close();
  return { what: `${what}, ${JOBS} faxes at once`, unit: 'pages/s', value, limit: null };
}

/** The first page of `pdf` as a sender's own fax software would hand it in. */
async function tiffOf(pdf: Uint8Array): Promise<Uint8Array> {
  const pages = await faxPages(pdf);
  return writeTiffF(
    pages.map((page) => ({ width: page.width, rows: page.rows, xDpi: 204, yDpi: 196, t6: encodeT6(page) })),
  );
}

/** Measures everything. */
export async function run(): Promise<RenderingFigure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sealfax-bench-'));
  try {
    const sandbox = await detectSandbox(DEFAULT_LIMITS);
    const pdf = await textPdf(1);
    const tiff = await tiffOf(pdf);
    return [
      await starts('start of a child without code cache, CPU', sandbox, undefined),
      await latency('one-page PDF', folder, pdf),
      await latency('one-page TIFF-F', folder, tiff),
      await starts('start of a child, CPU', sandbox, folder),
      await rate('one-page PDF', folder, pdf),
      await rate('one-page TIFF-F', folder, tiff),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Whether a figure keeps its limit; undefined when it has none. */
export function keepsLimit({ unit, value, limit }: RenderingFigure): boolean | undefined {
  if (limit === null) return undefined;
  return unit === 'ms' ? value <= limit : value >= limit;
}

/** A figure as a line of a report. */
export function describeFigure(figure: RenderingFigure): string {
  const { what, unit, value, limit } = figure;
  const own = `${what.padEnd(44)} ${value.toFixed(value < 100 ? 1 : 0).padStart(8)} ${unit}`;
  return limit === null ? own : `${own}   limit ${limit} ${unit}: ${keepsLimit(figure) === true ? 'kept' : 'MISSED'}`;
}

if (import.meta.main) {
  for (const figure of await run()) process.stdout.write(`${describeFigure(figure)}\n`);
}
