/**
 * The pages that were once looked at and found good, as T.6 files beside this one. Made anew by
 *
 *     node test/golden/pages.ts
 *
 * after a change that is meant to alter pages; look at them (`sealfax render`, any TIFF viewer) before they are kept.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FaxOptions } from '../../gateway/imaging/documents/fax-layout.ts';
import { encodeT6, sampleLetter } from '../../gateway/imaging/index.ts';
import type { Bitmap } from '../../gateway/imaging/raster/bitmap.ts';
import { decodeT6 } from '../../gateway/imaging/t4-t6/index.ts';
import { letterPdf, mixedPdf, scanPdf } from '../../ops/bench/documents.ts';
import { drawGrey, faxPages } from '../../ops/bench/pages.ts';
import type { FaxResolution } from '../../ops/bench/peers.ts';

/** One page that is kept. */
export interface GoldenPage {
  readonly name: string;
  readonly resolution: FaxResolution;
  readonly document: () => Promise<Uint8Array>;
  readonly options: Partial<FaxOptions>;
}

const HEADER = {
  name: 'Nordkai Klinik, Ωμέγα, Привет',
  csid: '+49 40 5550100',
  to: '+1 212 555 0100',
  at: Date.UTC(2026, 2, 14, 8, 5),
  timeZone: 'Europe/Berlin',
};

const COVER = {
  to: 'Dr Hartwell',
  toCompany: 'Harbour Clinic',
  from: 'Ms Lindqvist',
  fromCompany: 'Nordkai Klinik',
  subject: 'Report of 12 March',
  note: 'As discussed on the telephone.',
  confidentiality: 'This fax is for the person named above only.',
};

/** Text at every size that matters, a designed page, a scan with a shadow, a photograph beside text, both covers. */
export const GOLDEN: readonly GoldenPage[] = [
  { name: 'letter-8-fine', resolution: 'fine', document: () => letterPdf([8]), options: {} },
  { name: 'letter-8-standard', resolution: 'standard', document: () => letterPdf([8]), options: {} },
  { name: 'sample-letter', resolution: 'fine', document: sampleLetter, options: { header: HEADER } },
  { name: 'scan', resolution: 'fine', document: () => scanPdf(1, drawGrey), options: {} },
  { name: 'mixed', resolution: 'standard', document: mixedPdf, options: {} },
  ...(['letter', 'form'] as const).map((template) => ({
    name: `cover-${template}`,
    resolution: 'fine' as const,
    document: () => letterPdf([12]),
    options: { header: HEADER, cover: { ...COVER, template } },
  })),
];

/** The page as it comes out today: the first of its fax. */
export async function drawGolden({ document, resolution, options }: GoldenPage): Promise<Bitmap> {
  const [page] = await faxPages(await document(), resolution, options);
  if (page === undefined) throw new TypeError('a fax has a page');
  return page;
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(`./${name}.t6`, import.meta.url));
}

/** The page as it was kept: rows of 1728 pixels. */
export function readGolden(name: string): Bitmap {
  const { bitmap } = decodeT6(readFileSync(pathOf(name)), { width: 1728, maxRows: 8000 });
  return bitmap;
}

const ONES = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

/** Pixels that differ, as a share of the black ones of `kept`; infinite when the pages differ in size. */
export function pixelDistance(kept: Bitmap, drawn: Bitmap): number {
  if (kept.width !== drawn.width || kept.rows !== drawn.rows) return Number.POSITIVE_INFINITY;
  let different = 0;
  let black = 0;
  for (let i = 0; i < kept.data.length; i++) {
    different += ONES[(kept.data[i] ?? 0) ^ (drawn.data[i] ?? 0)] ?? 0;
    black += ONES[kept.data[i] ?? 0] ?? 0;
  }
  return different / Math.max(1, black);
}

if (import.meta.main) {
  for (const page of GOLDEN) writeFileSync(pathOf(page.name), encodeT6(await drawGolden(page)));
}
