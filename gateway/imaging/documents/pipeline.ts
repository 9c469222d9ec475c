import type { BilevelOptions } from '../raster/bilevel.ts';
import { toBilevel } from '../raster/bilevel.ts';
import type { Bitmap } from '../raster/bitmap.ts';
import type { OpenDocument, Target } from './document.ts';
import { DocumentError } from './error.ts';
import type { Frame } from './frame.ts';
import { fitFrames } from './frame.ts';

/** One fax page to come: which page of which document, drawn where. */
export interface PlannedPage {
  readonly document: number;
  readonly source: OpenDocument;
  readonly index: number;
  readonly frame: Frame;
}

/** The pages of a fax before they are drawn: several documents in order make one fax. */
export function planPages(documents: readonly OpenDocument[], target: Target, maxWidth: number): PlannedPage[] {
  const plan = documents.flatMap((source, document) =>
    source.sizes.flatMap((size, index) =>
      fitFrames(size, target, maxWidth).map((frame) => ({ document, source, index, frame })),
    ),
  );
  if (plan.length === 0) throw new DocumentError('empty', 'There is nothing to send.');
  if (plan.length > target.maxPages) {
    throw new DocumentError(
      'too_many_pages',
      `The fax has ${plan.length} pages; at most ${target.maxPages} are allowed.`,
    );
  }
  return plan;
}

/** Draws one planned page as the bits that will be sent, without its header line. */
export async function drawPage(
  planned: PlannedPage,
  options: BilevelOptions,
): Promise<{ bitmap: Bitmap; warnings: string[] }> {
  const picture = await planned.source.draw(planned.index, planned.frame);
  const bitmap = picture.kind === 'bilevel' ? picture.bitmap : toBilevel(picture.grey, picture.images, options);
  return { bitmap, warnings: [...picture.warnings] };
}
