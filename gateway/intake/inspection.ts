import { FaxError } from '../fax/errors.ts';
import { DocumentRejected, type RenderEvent, type RenderSummary } from '../ports/renderer.ts';

/** A rendering under way: the documents have been recognised and counted, its pages follow. */
export interface Inspection {
  readonly pages: number;
  readonly mediaTypes: readonly string[];
  readonly rest: AsyncGenerator<RenderEvent, RenderSummary>;
}

/**
 * Waits until every document has been recognised and counted.
 *
 * @throws FaxError document_rejected, document_too_large or too_many_pages; the child is gone then
 */
export async function inspect(run: AsyncGenerator<RenderEvent, RenderSummary>): Promise<Inspection> {
  try {
    const first = await run.next();
    if (first.done !== true && first.value.type === 'inspected') {
      return { pages: first.value.pages, mediaTypes: first.value.mediaTypes, rest: run };
    }
    throw new Error('the renderer gave a page before its inspection');
  } catch (error) {
    await endQuietly(run);
    throw error instanceof DocumentRejected ? asFaxError(error) : error;
  }
}

/** Ends a rendering that nobody wants any more; its child is killed. */
export async function endQuietly(run: AsyncGenerator<RenderEvent, RenderSummary>): Promise<void> {
  await run.return({ pages: 0, bytes: 0 }).catch(() => undefined);
}

function asFaxError(rejected: DocumentRejected): FaxError {
  const whole = rejected.cause === 'cover_overflow' ? '/cover' : '/document';
  const pointer = rejected.document === undefined ? whole : `/document/${rejected.document}`;
  const detail = { pointer, reason: rejected.cause };
  if (rejected.cause === 'too_many_pages') return new FaxError('too_many_pages', rejected.message, detail);
  if (rejected.cause === 'too_large') return new FaxError('document_too_large', rejected.message, detail);
  return new FaxError('document_rejected', rejected.message, detail);
}
