import type { Bitmap } from './bitmap.ts';
import { diffuseRect } from './diffusion.ts';
import type { Grey, Rect } from './grey.ts';
import { KernelPage } from './kernel-page.ts';
import { findPhotographs, photographsAmong } from './pictures.ts';
import { thresholdGrey } from './threshold.ts';
import { surveyTiles, type TileSurvey } from './tiles.ts';

/** How a grey page becomes black and white. */
export interface BilevelOptions {
  /** `auto`: photographs are diffused, everything else goes by threshold; `text` and `photo` take one for the whole page. */
  readonly halftone: 'auto' | 'text' | 'photo';
  /** −100 (lighter) … 100 (darker). */
  readonly contrast: number;
}

/** Grey levels by which `contrast` 100 moves thresholds and tones. */
const CONTRAST_RANGE = 72;

/**
 * Turns a grey page into the bits that will be sent. `images` are the rectangles that the document draws from
 * images; null when only the pixels are known.
 */
export function toBilevel(grey: Grey, images: readonly Rect[] | null, options: BilevelOptions): Bitmap {
  const bias = (options.contrast / 100) * CONTRAST_RANGE;
  const { tiles, bitmap } = byThreshold(grey, bias);
  for (const rect of photographs()) diffuseRect(grey, rect, bitmap, bias);
  return bitmap;

  function photographs(): Rect[] {
    if (options.halftone === 'text') return [];
    if (options.halftone === 'photo') return [{ left: 0, top: 0, right: grey.width, bottom: grey.rows }];
    return images === null ? findPhotographs(grey, tiles) : photographsAmong(images, grey, tiles);
  }
}

function byThreshold(grey: Grey, bias: number): { tiles: TileSurvey; bitmap: Bitmap } {
  const page = new KernelPage(grey);
  try {
    const tiles = surveyTiles(page);
    return { tiles, bitmap: thresholdGrey(page, tiles, bias) };
  } finally {
    page.release();
  }
}
