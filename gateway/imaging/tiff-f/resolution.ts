/** A page's resolution in dots per inch. */
import type { Directory } from './directory.ts';
import { TAG } from './tags.ts';

/** Dots per inch in both directions, and whether the file named them. */
export interface Resolution {
  readonly xDpi: number;
  readonly yDpi: number;
  readonly stated: boolean;
}

/** ResolutionUnit: 1 = none, 2 = inch (the default), 3 = centimetre. */
const CENTIMETRE = 3;
const NO_UNIT = 1;

/** Widths of T.4 at 204 dpi: A4, B4, A3. */
const FAX_WIDTHS = [1728, 2048, 2432];

/** Rounds to whole dots; resolutions that no scanner has count as not stated. */
function plausible(dpi: number): number | null {
  const rounded = Math.round(dpi);
  return rounded >= 20 && rounded <= 4800 ? rounded : null;
}

/** Reads XResolution and YResolution; a file that does not say is 204 × 196 at a fax width, else 72 × 72. */
export function readResolution(directory: Directory, width: number): Resolution {
  const unit = directory.number(TAG.ResolutionUnit, 2);
  const scale = unit === CENTIMETRE ? 2.54 : 1;
  const x = plausible(scale * directory.number(TAG.XResolution, 0));
  const y = plausible(scale * directory.number(TAG.YResolution, 0));
  if (x !== null && y !== null && unit !== NO_UNIT) return { xDpi: x, yDpi: y, stated: true };
  return FAX_WIDTHS.includes(width) ? { xDpi: 204, yDpi: 196, stated: false } : { xDpi: 72, yDpi: 72, stated: false };
}
