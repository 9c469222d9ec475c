import { T30Error } from '../errors.ts';
import type { DcsResolution } from '../frames/dcs.ts';
import type { Capabilities } from '../frames/dis.ts';
import type { Width } from '../frames/paper.ts';
import type { ScanTimes } from '../frames/scan-time.ts';
import type { PageGeometry, PageTerms } from '../page-terms.ts';

/** A resolution of T.30, as a page's terms say it. */
export interface Resolution {
  readonly name: DcsResolution;
  readonly xDpi: PageTerms['xDpi'];
  readonly yDpi: PageTerms['yDpi'];
  /** Lines per millimetre. */
  readonly density: number;
  /** Pels of a line for one pel at 204 or 200 dpi. */
  readonly scale: 1 | 1.5 | 2;
  /** Which scan line time of DIS counts. */
  readonly scanTime: keyof ScanTimes;
  /** The capability it needs; null: every station has it. */
  readonly needs: 'fine' | 'superfine' | 'dpi300' | 'dpi400' | null;
  readonly inches: boolean;
}

const INCH = 25.4;

/** From the finest down; those of the same line differ by their unit only, and one that takes the one takes the other (table 2, bits 44 and 45). */
const RESOLUTIONS: readonly Resolution[] = [
  row('408×391', 408, 391, 15.4, 'superfine', 'dpi400'),
  row('400×400', 400, 400, 400 / INCH, 'superfine', 'dpi400'),
  row('300×300', 300, 300, 300 / INCH, 'superfine', 'dpi300'),
  row('204×391', 204, 391, 15.4, 'superfine', 'superfine'),
  row('200×400', 200, 400, 400 / INCH, 'superfine', 'superfine'),
  row('204×196', 204, 196, 7.7, 'fine', 'fine'),
  row('200×200', 200, 200, 200 / INCH, 'fine', 'fine'),
  row('204×98', 204, 98, 3.85, 'standard', null),
  row('200×100', 200, 100, 100 / INCH, 'standard', null),
];

function row(
  name: DcsResolution,
  xDpi: PageTerms['xDpi'],
  yDpi: PageTerms['yDpi'],
  density: number,
  scanTime: keyof ScanTimes,
  needs: Resolution['needs'],
): Resolution {
  const scale = xDpi >= 400 ? 2 : xDpi === 300 ? 1.5 : 1;
  return { name, xDpi, yDpi, density, scale, scanTime, needs, inches: xDpi % 100 === 0 };
}

/** 204 and 200 dpi count as the same here: a page never gains dots by more than that. */
const SAME = 1.03;

/** The finest resolution that the far station has and the page fills, in the page's own unit where there is a choice. */
export function resolutionFor(page: PageGeometry, far: Capabilities): Resolution {
  const inches = page.xDpi % 100 === 0;
  const able = RESOLUTIONS.filter(
    ({ xDpi, yDpi, needs }) => (needs === null || far[needs]) && xDpi <= page.xDpi * SAME && yDpi <= page.yDpi * SAME,
  );
  const finest = able[0];
  if (finest === undefined) return resolutionNamed(inches ? '200×100' : '204×98');
  return (
    able.find(
      ({ needs, scale, inches: unit }) => unit === inches && needs === finest.needs && scale === finest.scale,
    ) ?? finest
  );
}

/** The row of a resolution that DCS has named. */
export function resolutionNamed(name: DcsResolution): Resolution {
  const found = RESOLUTIONS.find((resolution) => resolution.name === name);
  if (found === undefined) throw new T30Error('unfit_value', `no resolution ${name}`);
  return found;
}

/** Pels of a line of this width. */
export function pelsOf(width: Width, { scale }: Resolution): number {
  return width * scale;
}
