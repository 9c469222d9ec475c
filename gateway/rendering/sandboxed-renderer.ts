import { availableParallelism } from 'node:os';
import { openObject, SealError } from '../../crypto/index.ts';
import type {
  ByteSource,
  ConvertJob,
  HostFinding,
  RejectionCause,
  RenderEvent,
  Renderer,
  RenderJob,
  RenderSummary,
} from '../ports/renderer.ts';
import { DocumentRejected } from '../ports/renderer.ts';
import type { Patience, RenderChild } from './child-process.ts';
import { CacheMark, makeCacheFolder } from './code-cache.ts';
import { withConverter } from './converting-renderer.ts';
import { RenderingError } from './error.ts';
import type { Frame } from './frames.ts';
import { encodeJson } from './frames.ts';
import { type ChildLimits, DEFAULT_LIMITS } from './limits.ts';
import { OUTPUT } from './objects.ts';
import { convertOrder, renderOrder } from './order.ts';
import { ChildPool, type Filling, type PoolSize, type Training } from './pool.ts';
import { parseInspected, parsePage, parseRejection, parseSummary } from './replies.ts';
import {
  type ChildCommand,
  childCommand,
  detectSandbox,
  programFiles,
  type SandboxKind,
  sandboxFinding,
  standingCommand,
} from './sandbox.ts';
import { withStandingChildren } from './standing-renderer.ts';
import { warmUpFor } from './warm-up-kind.ts';

/** Settings of a renderer; everything has a default. */
export interface RendererOptions {
  readonly limits?: Partial<ChildLimits>;
  readonly pool?: Partial<PoolSize>;
  /** Confinement; by default the strongest that works on this host. */
  readonly sandbox?: SandboxKind;
  /**
   * Folder for the compiled code of the children, which makes their start several times cheaper; made if missing, kept
   * from one life of the gateway to the next. It must be writable by its owner alone. Without it, or without
   * bubblewrap, each child compiles for itself.
   */
  readonly codeCache?: string;
  /** Milliseconds until a child fills {@link codeCache} with optimised machine code, if none has; default a minute. */
  readonly trainAfter?: number;
  /** Children that live on and take fax pages that need no drawing, one fax after the other. Default none. */
  readonly standing?: number;
  /** No child is started ahead of need before this resolves; default at once. Jobs do not wait for it. */
  readonly ahead?: Promise<void>;
  /** Arguments for node instead of the child's program; only tests of limits and crashes set it. */
  readonly program?: readonly string[];
}

/** Opening all documents may cost as much CPU as this many pages. */
const OPENING_PAGES = 4;

/** A renderer whose work happens in sandboxed children. @throws {RenderingError} `start` when none can run */
export async function createRenderer(options: RendererOptions = {}): Promise<Renderer> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const sandbox = options.sandbox ?? (await detectSandbox(limits));
  const size = { spare: 1, working: Math.max(1, availableParallelism()), waiting: 1000, ...options.pool };
  const folder = sandbox === 'bubblewrap' ? await cacheFolder(options) : undefined;
  const renderer = new SandboxedRenderer(createPool(sandbox, limits, size, folder, options), limits, sandbox);
  if (options.program !== undefined) return renderer;
  const converting = await withConverter(renderer, sandbox, limits);
  const children = options.standing ?? 0;
  if (children === 0) return converting;
  const command = standingCommand(
    sandbox,
    limits,
    undefined,
    folder === undefined ? undefined : { folder, fill: false },
  );
  const { ahead } = options;
  return withStandingChildren(converting, { command, children, ...(ahead === undefined ? {} : { ahead }) });
}

async function cacheFolder({ codeCache }: RendererOptions): Promise<string | undefined> {
  return codeCache !== undefined && (await makeCacheFolder(codeCache)) ? codeCache : undefined;
}

function createPool(
  sandbox: SandboxKind,
  limits: ChildLimits,
  size: PoolSize,
  folder: string | undefined,
  { program, ahead, trainAfter = 60_000 }: RendererOptions,
): ChildPool {
  const command = (fill: boolean) =>
    childCommand(sandbox, limits, program, folder === undefined ? undefined : { folder, fill });
  return new ChildPool(command(false), limits, size, {
    ...(folder === undefined ? {} : fillingsOf(folder, command(true), trainAfter)),
    ...(ahead === undefined ? {} : { after: ahead }),
  });
}

function fillingsOf(folder: string, command: ChildCommand, delay: number): { filling: Filling; training: Training } {
  const fillingOf = (name: string): Filling => {
    const mark = new CacheMark(folder, programFiles(), name);
    return { command, isDone: () => mark.isDone(), done: () => mark.done() };
  };
  return { filling: fillingOf('filled'), training: { ...fillingOf('trained'), delay } };
}

class SandboxedRenderer implements Renderer {
  readonly #pool: ChildPool;
  readonly #limits: ChildLimits;
  readonly #sandbox: SandboxKind;

  constructor(pool: ChildPool, limits: ChildLimits, sandbox: SandboxKind) {
    this.#pool = pool;
    this.#limits = limits;
    this.#sandbox = sandbox;
  }

  async *render(job: RenderJob): AsyncGenerator<RenderEvent, RenderSummary> {
    using session = await this.#begin(job.dek, job.signal);
    const sources = job.documents.map((document) => document.sealed);
    const form = job.coverForm === undefined ? [] : [job.coverForm.sealed];
    await session.feed(renderOrder(job, this.#limits.documentBytes), sources, form);
    const parse = (payload: Uint8Array) => parseInspected(payload, job.options.maxPages);
    const inspected = await session.read('inspected', parse, OPENING_PAGES);
    this.#pool.expect(warmUpFor(inspected.mediaTypes[0] ?? 'text/plain'));
    yield inspected;
    for (let page = 1; ; page++) {
      const frame = await session.receive();
      if (frame.kind === 'done') return session.checked(() => parseSummary(frame.payload));
      if (frame.kind !== 'drawing') throw session.broken();
      const notice = await session.read('page', (payload) => parsePage(payload, page));
      yield { ...notice, sealed: await session.receiveObject(this.#limits.pageBytes) };
    }
  }

  async *convert(job: ConvertJob): AsyncGenerator<Uint8Array> {
    if (job.pages.length === 0 || (job.format === 'png' && job.pages.length !== 1)) {
      throw new RenderingError('usage', 'a PNG is made of exactly one page, other files of one or more');
    }
    using session = await this.#begin(job.dek, job.signal);
    await session.feed(
      convertOrder(job),
      job.pages.map((page) => page.sealed),
    );
    try {
      yield* openObject(job.dek, { fax: job.fax, object: OUTPUT }, session.output());
    } catch (error) {
      throw error instanceof SealError ? session.broken() : error;
    }
  }

  async hostFindings(): Promise<readonly HostFinding[]> {
    return [sandboxFinding(this.#sandbox)];
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #begin(dek: Uint8Array, signal: AbortSignal | undefined): Promise<Session> {
    signal?.throwIfAborted();
    if (dek.length !== 32) throw new RenderingError('usage', 'a DEK has 32 bytes');
    const child = await this.#pool.acquire();
    const session = new Session(child, this.#limits, signal, () => this.#pool.release(child));
    await session.send('key', dek);
    return session;
  }
}

/** One job in one child, from its key to its end. */
class Session {
  readonly #child: RenderChild;
  readonly #limits: ChildLimits;
  readonly #signal: AbortSignal | undefined;
  readonly #release: () => void;
  readonly #abort = () => this.#child.kill();
  /** Document whose bytes the child was last given: the one at fault if it dies while reading. */
  #feeding: number | undefined;

  constructor(child: RenderChild, limits: ChildLimits, signal: AbortSignal | undefined, release: () => void) {
    this.#child = child;
    this.#limits = limits;
    this.#signal = signal;
    this.#release = release;
    signal?.addEventListener('abort', this.#abort, { once: true });
  }

  [Symbol.dispose](): void {
    this.#signal?.removeEventListener('abort', this.#abort);
    this.#release();
  }

  /**
   * Sends the order, then the objects: `sources`, one of which is at fault if the child dies over it, and `others`.
   * Stops early when the child has heard enough; its answer says why.
   */
  async feed(order: object, sources: readonly ByteSource[], others: readonly ByteSource[] = []): Promise<void> {
    if (!(await this.send('job', encodeJson(order)))) return;
    for (const [index, source] of [...sources, ...others].entries()) {
      this.#feeding = index < sources.length ? index : undefined;
      for await (const chunk of source) {
        this.#signal?.throwIfAborted();
        if (!(await this.#child.sendChunks(chunk, this.#patience(OPENING_PAGES)))) return;
      }
      if (!(await this.send('end', new Uint8Array(0)))) return;
    }
    this.#feeding = sources.length === 1 && others.length === 0 ? 0 : undefined;
  }

  send(kind: 'key' | 'job' | 'end', payload: Uint8Array): Promise<boolean> {
    return this.#child.send(kind, payload, this.#patience(OPENING_PAGES));
  }

  /** The next frame. @throws {DocumentRejected} when the child refuses the document or ends */
  async receive(pages = 1): Promise<Frame> {
    const frame = await this.#child.next(this.#patience(pages));
    this.#signal?.throwIfAborted();
    if (frame?.kind === 'rejected') throw parseRejection(frame.payload);
    if (frame !== undefined) return frame;
    const cause = await this.#child.causeOfEnd();
    throw new DocumentRejected(cause, END_REASONS[cause] ?? END_REASONS.crash, this.#feeding);
  }

  /** The next frame, which must be of `kind`, parsed. */
  async read<T>(kind: Frame['kind'], parse: (payload: Uint8Array) => T, pages?: number): Promise<T> {
    const frame = await this.receive(pages);
    if (frame.kind !== kind) throw this.broken();
    return this.checked(() => parse(frame.payload));
  }

  /** Runs a parser over what the child said; a reply out of form is a crash of the child, not ours. */
  checked<T>(parse: () => T): T {
    try {
      return parse();
    } catch (error) {
      throw error instanceof RenderingError ? this.broken() : error;
    }
  }

  /** The sealed file that the child makes, to its end. */
  async *output(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const frame = await this.receive(OPENING_PAGES);
      if (frame.kind === 'done') return;
      if (frame.kind !== 'chunk') throw this.broken();
      yield frame.payload;
    }
  }

  async receiveObject(mostBytes: number): Promise<Uint8Array[]> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for (;;) {
      const frame = await this.receive();
      if (frame.kind === 'end') return chunks;
      length += frame.payload.length;
      if (frame.kind !== 'chunk' || length > mostBytes) throw this.broken();
      chunks.push(frame.payload);
    }
  }

  /** The child no longer behaves like our program. */
  broken(): DocumentRejected {
    return new DocumentRejected('crash', END_REASONS.crash, this.#feeding);
  }

  #patience(pages: number): Patience {
    return { wall: this.#limits.wall, cpu: this.#limits.cpuPerPage * pages };
  }
}

const END_REASONS: Partial<Record<RejectionCause, string>> & { readonly crash: string } = {
  timeout: 'The document takes too long to render.',
  memory: 'The document needs more memory than a document may use.',
  crash: 'The document made the renderer fail.',
};
