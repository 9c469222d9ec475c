import type { Bitmap } from './bitmap.ts';
import type { KernelPage } from './kernel-page.ts';
import type { TileSurvey } from './tiles.ts';

/**
 * Black and white by a threshold that follows the local background, as text and line art need it. Strokes thinner
 * than a pixel are kept as one pixel. `tiles` is the survey of the same picture; `bias` is added to every threshold: positive prints darker.
 */
export function thresholdGrey(page: KernelPage, tiles: TileSurvey, bias = 0): Bitmap {
  return page.threshold(tiles.blank, tiles.limits, bias);
}
