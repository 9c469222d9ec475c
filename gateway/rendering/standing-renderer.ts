import type {
  ByteSource,
  ConvertJob,
  HostFinding,
  Inspected,
  RenderEvent,
  RenderedPage,
  Renderer,
  RenderJob,
  RenderSummary,
} from '../ports/renderer.ts';
import { type Patience, RenderChild } from './child-process.ts';
import { RenderingError } from './error.ts';
import type { Frame } from './frames.ts';
import { parseInspected, parsePage, parseSummary } from './replies.ts';
import { type ChildCommand, STANDING_CPU } from './sandbox.ts';
import { StandingChildren } from './standing-children.ts';
import { STANDING_LIMITS, type StandingTask, standingOrder } from './standing-order.ts';

/** A whole job: milliseconds of work, unless the machine is overloaded. Seconds. */
const PATIENCE: Patience = { wall: 10, cpu: 5 };

/** Until a child is ready. Seconds. */
const STARTING: Patience = { wall: 30, cpu: 30 };

/**
 * Puts standing children before `inner`: fax pages that need no drawing (TIFF-F, as fax software and other gateways send
 * them) are inspected and made ready in a child that lives on, for a hundredth of what a child of its own costs. Whatever
 * is not a clean yes there, `inner` decides in a child of its own, as for all other documents.
 *
 * Why this is safe enough to share: the program holds nothing native but Node itself, the decoder is our own TypeScript
 * with no way to reach memory outside of its arrays, the confinement is the same, the child sees no file and no network,
 * buffers are zeroed between jobs, and what it answers is checked like anything hostile. See SECURITY.md.
 */
export function withStandingChildren(
  inner: Renderer,
  { command, ...more }: { readonly command: ChildCommand; readonly children: number; readonly ahead?: Promise<void> },
): Renderer {
  const start = () => new RenderChild(command, STANDING_CPU);
  return new StandingRenderer(inner, new StandingChildren({ start, ready, rest, ...more }));
}

async function ready(child: RenderChild): Promise<boolean> {
  child.hold(false); // a gateway that ends does not wait for a child that nobody has asked for
  return (await child.next(STARTING))?.kind === 'ready';
}

/** Asks a child to free what it holds of the jobs before. */
async function rest(child: RenderChild): Promise<boolean> {
  if (!(await child.send('rest', new Uint8Array(0), PATIENCE))) return false;
  return (await child.next(PATIENCE))?.kind === 'ready';
}

class StandingRenderer implements Renderer {
  readonly #inner: Renderer;
  readonly #children: StandingChildren<RenderChild>;

  constructor(inner: Renderer, children: StandingChildren<RenderChild>) {
    this.#inner = inner;
    this.#children = children;
  }

  /**
   * Two jobs: one that inspects, and, when pages are asked for, one that makes them. In between no child is kept
   * waiting for the records.
   */
  async *render(job: RenderJob): AsyncGenerator<RenderEvent, RenderSummary> {
    const documents = await sealedDocuments(job);
    const inspected = documents && (await this.#children.run((child) => inspect(child, job, documents)));
    if (documents === undefined || inspected === undefined) return yield* this.#inner.render(job);
    yield inspected;
    job.signal?.throwIfAborted();
    const made = await this.#children.run((child) => makePages(child, job, documents));
    if (made === undefined) return yield* this.#pagesElsewhere(job);
    yield* made.pages;
    return made.summary;
  }

  /** The ordinary way after all. What it inspects it has told before. */
  async *#pagesElsewhere(job: RenderJob): AsyncGenerator<RenderEvent, RenderSummary> {
    const run = this.#inner.render(job);
    try {
      for (;;) {
        const { value, done } = await run.next();
        if (done === true) return value;
        if (value.type === 'page') yield value;
      }
    } finally {
      await run.return({ pages: 0, bytes: 0 });
    }
  }

  convert(job: ConvertJob): AsyncGenerator<Uint8Array> {
    return this.#inner.convert(job);
  }

  hostFindings(): Promise<readonly HostFinding[]> {
    return this.#inner.hostFindings();
  }

  async close(): Promise<void> {
    await Promise.all([this.#children.close(), this.#inner.close()]);
  }
}

/** The documents' ciphertext, when all are called TIFF and small enough for a standing child; else undefined. */
async function sealedDocuments(job: RenderJob): Promise<readonly Uint8Array[][] | undefined> {
  const { documents, options, coverForm } = job;
  if (
    coverForm !== undefined ||
    options.cover !== null ||
    documents.length === 0 ||
    documents.length > STANDING_LIMITS.documents
  )
    return undefined;
  if (!documents.every(({ isTiff }) => isTiff === true)) return undefined;
  const sealed: Uint8Array[][] = [];
  let room: number = STANDING_LIMITS.bytes;
  for (const document of documents) {
    const chunks = await gathered(document.sealed, room);
    if (chunks === undefined) return undefined;
    room -= lengthOf(chunks);
    sealed.push(chunks);
  }
  return sealed;
}

async function gathered(source: ByteSource, room: number): Promise<Uint8Array[] | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of source) {
    length += chunk.length;
    if (length > room) return undefined;
    chunks.push(chunk);
  }
  return chunks;
}

const lengthOf = (chunks: readonly Uint8Array[]): number => chunks.reduce((sum, { length }) => sum + length, 0);

/** What the child says of the documents; undefined when they are not for it. @throws {RenderingError} when it fails */
async function inspect(
  child: RenderChild,
  job: RenderJob,
  documents: readonly Uint8Array[][],
): Promise<Inspected | undefined> {
  await order(child, job, 'inspect', documents);
  const { kind, payload } = await next(child);
  if (kind === 'unsuited') return undefined;
  if (kind !== 'inspected') throw broken();
  return parseInspected(payload, job.options.maxPages);
}

interface MadePages {
  readonly pages: readonly RenderedPage[];
  readonly summary: RenderSummary;
}

async function makePages(child: RenderChild, job: RenderJob, documents: readonly Uint8Array[][]): Promise<MadePages> {
  await order(child, job, 'pages', documents);
  const pages: RenderedPage[] = [];
  let room: number = STANDING_LIMITS.pageBytes;
  for (;;) {
    const { kind, payload } = await next(child);
    if (kind === 'done') return { pages, summary: parseSummary(payload) };
    if (kind !== 'page' || pages.length === STANDING_LIMITS.pages) throw broken();
    const notice = parsePage(payload, pages.length + 1);
    const sealed = await receiveObject(child, room);
    room -= lengthOf(sealed);
    pages.push({ ...notice, sealed });
  }
}

async function receiveObject(child: RenderChild, room: number): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  let left = room;
  for (;;) {
    const { kind, payload } = await next(child);
    if (kind === 'end') return chunks;
    left -= payload.length;
    if (kind !== 'chunk' || left < 0) throw broken();
    chunks.push(payload);
  }
}

/** Sends the key, the order and the sealed documents. */
async function order(
  child: RenderChild,
  job: RenderJob,
  task: StandingTask,
  documents: readonly Uint8Array[][],
): Promise<void> {
  await child.send('key', job.dek, PATIENCE);
  await child.send('job', standingOrder(job, task), PATIENCE);
  for (const chunks of documents) {
    for (const chunk of chunks) await child.sendChunks(chunk, PATIENCE);
    await child.send('end', new Uint8Array(0), PATIENCE);
  }
}

async function next(child: RenderChild): Promise<Frame> {
  const frame = await child.next(PATIENCE);
  if (frame === undefined) throw broken();
  return frame;
}

const broken = (): RenderingError => new RenderingError('protocol', 'a standing child failed');
