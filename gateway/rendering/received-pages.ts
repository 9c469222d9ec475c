import type { CodedPage } from '../imaging/page.ts';
import type { Renderer, RenderOptions } from '../ports/renderer.ts';
import { renderFile } from './render-file.ts';

/** As the pages were received: in their own pixels, else in the resolution that most faxes have, with nothing added to them. */
const RECEIVED: RenderOptions = {
  resolution: 'fine',
  halftone: 'auto',
  contrast: 0,
  header: null,
  cover: null,
  paper: 'a4',
  maxPages: 1_000,
  maxWidth: 2432,
  received: true,
};

/**
 * The pages of a fax that a carrier hands out as a PDF, made in a sandboxed child; each one's data is the caller's. The PDF
 * is not needed once a page has come.
 * @throws {DocumentRejected} as {@link Renderer.render}, or the signal's reason
 */
export async function* receivedPages(
  renderer: Renderer,
  pdf: Uint8Array,
  signal?: AbortSignal,
): AsyncGenerator<CodedPage> {
  for await (const { coded } of renderFile(renderer, [{ bytes: pdf }], RECEIVED, signal)) yield coded;
}
