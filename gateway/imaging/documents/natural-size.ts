import type { NaturalSize, Target } from './document.ts';

/** Resolutions that a camera or an editor writes when it knows none. */
const MEANINGLESS_DPI = [0, 1, 72];

/** Resolution taken for an image without a meaningful one: that of screens (CSS pixels). */
const SCREEN_DPI = 96;

/** Below this an image is drawn so large that its page says nothing about its real size. */
const LOWEST_DPI = 30;

/**
 * Size on paper. A stated resolution is believed; without one the image is taken for a screen picture, and a large
 * one (a photograph of a letter) for a full page.
 */
export function naturalSize(width: number, rows: number, density: number | undefined, target: Target): NaturalSize {
  const known = density !== undefined && density >= LOWEST_DPI && !MEANINGLESS_DPI.includes(density);
  const dpi = known ? density : SCREEN_DPI;
  const full = (target.paper.width / 25.4) * target.xDpi;
  const scale = Math.min(target.xDpi / dpi, full / width);
  return { width: width * scale, rows: (rows * scale * target.yDpi) / target.xDpi };
}
