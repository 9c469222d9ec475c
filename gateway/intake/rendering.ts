import type { Fax, PageRecord } from '../fax/fax.ts';
import type { FaxId } from '../fax/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Claim, FaxRecords } from '../ports/fax-records.ts';
import type { ImageVault } from '../ports/image-vault.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { Log, Metrics } from '../ports/log.ts';
import {
  DocumentRejected,
  type RenderEvent,
  type RenderedPage,
  type Renderer,
  type RenderSummary,
} from '../ports/renderer.ts';
import { COVER_OBJECT, FORM_OBJECT, sealedForm, withCover } from './cover.ts';
import { endQuietly } from './inspection.ts';
import { renderOptions } from './render-options.ts';
import { again } from './upload.ts';

/** Right to render, renewed with every page. A child may take 30 s a page, so this outlives the slowest one. Milliseconds. */
export const RENDER_LEASE = 90_000;

/** What rendering works on. */
export interface RenderingParts {
  readonly faxes: FaxRecords;
  readonly vault: ImageVault;
  readonly renderer: Renderer;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** W6 for a fax that has ended here. Its intent is durable by then: a wipe that fails is found by the sweeper. */
  readonly wipe: (fax: FaxId) => Promise<void>;
  /** Name of this process in leases. */
  readonly worker: string;
  /** Pages allowed when a fax is rendered again after a crash; its account's limit held when it was accepted. */
  readonly maxPages: number;
}

/** Turns the documents of accepted faxes into stored pages. */
export interface Rendering {
  /** Claims and renders; returns when someone else has the fax or when it is queued or ended. */
  render(fax: FaxId): Promise<void>;
  /** As `render`, of the fax whose turn it is, when there is one. */
  renderNext(): Promise<void>;
  /** As `render`, with the pages of a child that has inspected the documents already. */
  finish(fax: FaxId, run: AsyncGenerator<RenderEvent, RenderSummary>): Promise<void>;
}

/** Ended because another worker holds the fax now, or because it was canceled. */
class LeaseLost extends Error {}

export function createRendering(parts: RenderingParts): Rendering {
  const { faxes, vault, renderer, queue, clock, log, metrics, worker } = parts;

  const claimOf = (id: FaxId): Promise<Claim | undefined> => faxes.claimRender(id, worker, RENDER_LEASE, clock.now());

  const workOn = async (claim: Claim | undefined, work: (claim: Claim) => Promise<void>): Promise<boolean> => {
    if (claim === undefined) return false;
    const started = clock.monotonic();
    try {
      await work(claim);
      metrics.observe('render_seconds', (clock.monotonic() - started) / 1_000);
    } catch (error) {
      await settle(claim, error);
    }
    return true;
  };

  const settle = async ({ fax, fence }: Claim, error: unknown): Promise<void> => {
    if (error instanceof LeaseLost || codeOf(error) === 'image_wiped') return;
    const verdict = verdictOf(error);
    if (verdict === undefined) {
      log.error(
        { fax: fax.id, error: errorName(error) },
        'rendering failed; it is tried again when the lease has run out',
      );
      return;
    }
    log.info({ fax: fax.id, cause: verdict.cause, detail: verdict.detail }, 'fax ended before its first call');
    const ended = await faxes.endUncalled(fax.id, fence, 'failed', verdict.cause, verdict.detail, clock.now());
    if (ended) await parts.wipe(fax.id);
  };

  const keep = async (claim: Claim, page: RenderedPage): Promise<PageRecord> => {
    const lease = await faxes.renew(claim.fax.id, claim.fence, RENDER_LEASE, clock.now());
    if (!lease.held || lease.cancel) throw new LeaseLost('the fax is no longer ours');
    await vault.put(claim.fax.id, page.object, chunks(page.sealed));
    return pageRecord(page);
  };

  const store = async (claim: Claim, run: AsyncGenerator<RenderEvent, RenderSummary>): Promise<void> => {
    const pages: PageRecord[] = [];
    try {
      for await (const event of run) {
        if (event.type === 'page') pages.push(await keep(claim, event));
      }
    } finally {
      await endQuietly(run);
    }
    await queued(claim, pages);
  };

  const queued = async ({ fax, fence }: Claim, pages: readonly PageRecord[]): Promise<void> => {
    const now = clock.now();
    if (!(await faxes.rendered(fax.id, fence, pages, now))) throw new LeaseLost('the fax is no longer ours');
    metrics.count('pages_rendered_total', {}, pages.length);
    await queue.ring('dial', fax.id, { delay: Math.max(0, (fax.notBefore ?? now) - now) });
    // The pages are all that is needed from here on: what nobody reads again should not wait for the wipe.
    for (let index = 0; index < fax.documents; index++) await vault.remove(fax.id, `doc/${index}`);
    if (fax.options.sealedCover === true) await vault.remove(fax.id, COVER_OBJECT);
    if (fax.options.sealedForm === true) await vault.remove(fax.id, FORM_OBJECT);
  };

  const start = async (
    fax: Fax,
    dek: Uint8Array,
    signal: AbortSignal,
  ): Promise<AsyncGenerator<RenderEvent, RenderSummary>> => {
    const options = await withCover(vault, fax.id, dek, fax.options);
    return renderer.render({
      fax: fax.id,
      dek,
      signal,
      documents: Array.from({ length: fax.documents }, (_, index) => {
        const object = `doc/${index}`;
        const mediaType = fax.options.mediaTypes?.[index];
        const sealed = again(() => vault.read(fax.id, object));
        return {
          object,
          ...(mediaType === undefined ? {} : { mediaType }),
          isTiff: mediaType === 'image/tiff',
          sealed,
        };
      }),
      ...sealedForm(vault, fax.id, fax.options),
      options: renderOptions({ ...fax, options, at: fax.notBefore ?? fax.createdAt, maxPages: parts.maxPages }),
    });
  };

  const renderClaimed = (claim: Claim): Promise<void> =>
    vault.withKey(claim.fax.id, async (dek, ended) => store(claim, await start(claim.fax, dek, ended)));

  return {
    async render(id) {
      await workOn(await claimOf(id), renderClaimed);
    },
    async renderNext() {
      await workOn(await faxes.claimNextRender(worker, RENDER_LEASE, clock.now()), renderClaimed);
    },
    async finish(id, run) {
      const claimed = await workOn(await claimOf(id), (claim) => store(claim, run));
      if (!claimed) await endQuietly(run);
    },
  };
}

function pageRecord(page: RenderedPage): PageRecord {
  const { page: number, width, rows, xDpi, yDpi, bytes, mark, warnings } = page;
  return { number, width, rows, xDpi, yDpi, bytes, mark, warnings };
}

async function* chunks(sealed: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* sealed;
}

/** How a fax ends by this error; undefined for a fault of ours, which another attempt may get past. */
function verdictOf(
  error: unknown,
): { readonly cause: 'document_rejected' | 'image_lost'; readonly detail: string } | undefined {
  if (error instanceof DocumentRejected) return { cause: 'document_rejected', detail: error.cause };
  const code = codeOf(error);
  if (code === 'image_lost' || code === 'object_missing') return { cause: 'image_lost', detail: code };
  return undefined;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** Kind of an error for the log: its code or class, never its message (which may quote what was rendered). */
function errorName(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
