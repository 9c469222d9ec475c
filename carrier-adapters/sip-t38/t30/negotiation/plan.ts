import type { Dcs } from '../frames/dcs.ts';
import type { Capabilities } from '../frames/dis.ts';
import { type Length, PAPER_LENGTH, type Width } from '../frames/paper.ts';
import type { Modem } from '../line.ts';
import type { PageGeometry, PageTerms } from '../page-terms.ts';
import { pelsOf, type Resolution, resolutionFor, resolutionNamed } from './resolutions.ts';

/** How one page will be sent: its terms in DCS's words, without what training decides. */
export type PagePlan = Pick<Dcs, 'compression' | 'ecm' | 'frameSize' | 'resolution' | 'width' | 'length' | 'scanTime'>;

/** Millimetres that a page may be longer than its paper and still fit: rounding of rows, and the tolerance of T.4's figures. */
const OVERHANG = 3;

/** Elements that a line may have over its paper's and still fit. */
const OVERWIDTH = 1.01;

const WIDTHS: readonly Width[] = [1728, 2048, 2432];

/**
 * What the far station can take of a page, as near to the page as possible. A wider or longer page than its paper is
 * made to fit by the coder; resolution only ever goes down, but for pages below 200 × 100 dpi.
 */
export function planFor(page: PageGeometry, far: Capabilities, wantsEcm: boolean): PagePlan {
  const ecm = wantsEcm && far.ecm;
  const resolution = resolutionFor(page, far);
  const own = widthOf(page);
  const width = Math.min(own, far.width) === own ? own : far.width;
  const millimetres = (page.rows / page.yDpi) * 25.4 * (width / own);
  return {
    ecm,
    compression: ecm && far.t6 ? 'MMR' : far.twoDimensional ? 'MR' : 'MH',
    frameSize: far.prefers64 ? 64 : 256,
    resolution: resolution.name,
    width,
    length: lengthFor(millimetres, far.length),
    scanTime: ecm ? 0 : far.scanTimes[resolution.scanTime],
  };
}

/** Whether two pages can follow one DCS, so that MPS and not EOM is between them. */
export function samePlan(a: PagePlan, b: PagePlan): boolean {
  return (
    a.compression === b.compression &&
    a.ecm === b.ecm &&
    a.resolution === b.resolution &&
    a.width === b.width &&
    a.length === b.length &&
    a.scanTime === b.scanTime
  );
}

/** The page's terms once the modem is known. */
export function termsOf(plan: PagePlan, modem: Modem): PageTerms {
  const resolution = resolutionNamed(plan.resolution);
  return {
    compression: plan.compression,
    ecm: plan.ecm,
    width: pelsOf(plan.width, resolution),
    xDpi: resolution.xDpi,
    yDpi: resolution.yDpi,
    maxRows: maxRows(plan.length, resolution),
    minScanTime: plan.scanTime,
    rate: modem.rate,
  };
}

/** The narrowest paper that takes the page's lines; the widest one for a page that is wider still. */
function widthOf({ width, xDpi }: PageGeometry): Width {
  const elements = width / (xDpi % 100 === 0 ? xDpi / 200 : xDpi / 204);
  return WIDTHS.find((paper) => elements <= paper * OVERWIDTH) ?? 2432;
}

/** The shortest paper that takes the page; the longest one that the far station has when none does. */
function lengthFor(millimetres: number, far: Length): Length {
  if (millimetres <= PAPER_LENGTH.A4 + OVERHANG || far === 'A4') return 'A4';
  if (far === 'unlimited') return 'unlimited';
  return 'B4';
}

function maxRows(length: Length, { density }: Resolution): number | null {
  return length === 'unlimited' ? null : Math.floor((PAPER_LENGTH[length] + OVERHANG) * density);
}
