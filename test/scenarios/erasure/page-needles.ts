import { inflateSync } from 'node:zlib';
import { createT4Encoder, decodeT6, encodeT6, reverseBits } from '../../../gateway/imaging/t4-t6/index.ts';
import { readTiff } from '../../../gateway/imaging/tiff-f/index.ts';
import type { OpenedPage } from './loot.ts';
import type { Needles } from './needles.ts';

const LIMITS = { maxPages: 100, maxPixels: 2 ** 28, inflate: (packed: Uint8Array) => inflateSync(packed) };

/** T.6 data of the pages in a TIFF-F file of the gateway. */
export function codedPagesOf(tiff: Uint8Array): Uint8Array[] {
  return readTiff(tiff, LIMITS).pages.map((page) => {
    const picture = page.decode();
    if (picture.kind !== 'bilevel') throw new Error('a fax page has one bit a pel');
    return encodeT6(picture.bitmap);
  });
}

/** Adds every form that a page has on its way: coded and plain, in either bit order and either polarity. */
export function addPage(needles: Needles, { fax, number, width, rows, t6 }: OpenedPage): void {
  const label = `page ${number} of ${fax}`;
  const { bitmap } = decodeT6(t6, { width, rows, maxRows: rows });
  needles.addContent(`${label} T.6`, t6);
  needles.addContent(`${label} T.6, least significant bit first`, reverseBits(t6.slice()));
  needles.addContent(`${label} rows`, bitmap.data);
  const inverted = bitmap.data.map((octet) => octet ^ 0xff);
  needles.addContent(`${label} rows, inverted`, inverted);
}

/** Adds the forms of a page on a line without error correction, at 196 lines an inch. */
export function addLinePage(needles: Needles, { fax, number, width, rows, t6 }: OpenedPage): void {
  const { bitmap } = decodeT6(t6, { width, rows, maxRows: rows });
  for (const mode of ['MH', 'MR'] as const) {
    const encoder = createT4Encoder({ width, mode, k: 4 });
    encoder.rows(bitmap.data, 0, bitmap.rows);
    needles.addContent(`page ${number} of ${fax} ${mode}`, encoder.finish());
  }
}
