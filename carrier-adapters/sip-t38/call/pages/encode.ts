import { createT4Encoder, createT6Encoder, type RowEncoder } from '../../../../gateway/imaging/index.ts';
import { joined } from '../../octets.ts';
import type { PageGeometry, PageTerms } from '../../t30/page-terms.ts';
import { type Fit, fitPage } from './fit.ts';
import { readPage } from './source.ts';

/** A page as it is stored; `OutgoingPage` is one. */
export interface StoredPage extends PageGeometry {
  /** Its T.6 image, closed with EOFB; a chunk may be zeroed when the next one is asked for. */
  open(): AsyncIterable<Uint8Array>;
}

/**
 * The page coded as `terms` say, with EOFB (MMR) or RTC (MH, MR), scaled to the far paper and resolution where it has to be.
 * A page that fits and goes in MMR is sent in the very octets it is stored in. `pause` lets others run; it is awaited at
 * least every few milliseconds of work. The octets are the caller's to zero; all others are zeroed.
 * @throws {PageError} `unreadable`, and whatever `open` throws
 */
export async function encodePage(page: StoredPage, terms: PageTerms, pause: () => Promise<void>): Promise<Uint8Array> {
  const fit = fitPage(page, terms);
  const t6 = await gather(page.open());
  if (terms.compression === 'MMR' && fits(page, fit) && endsWithEofb(t6)) return t6;
  const source = readPage(page, t6, fit);
  t6.fill(0);
  const parts: Uint8Array[] = [];
  try {
    const encoder = encoderOf(terms);
    for (let band = source.next(); band !== null; band = source.next()) {
      encoder.rows(band.data, 0, band.rows);
      band.data.fill(0);
      parts.push(encoder.take());
      await pause();
    }
    parts.push(encoder.finish());
    return joined(parts);
  } finally {
    source.wipe();
    wipe(parts);
  }
}

function fits(page: PageGeometry, fit: Fit): boolean {
  return fit.width === page.width && fit.rows === page.rows && fit.lineWidth === page.width;
}

async function gather(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  try {
    for await (const chunk of chunks) parts.push(chunk.slice());
    return joined(parts);
  } finally {
    wipe(parts);
  }
}

function wipe(parts: readonly Uint8Array[]): void {
  for (const part of parts) part.fill(0);
}

/** EOFB: two EOLs (T.6 §2.4.1.1). */
const EOFB = 0x00_1001;

/** Whether nothing but padding to a whole octet stands behind an EOFB at the end. */
function endsWithEofb(t6: Uint8Array): boolean {
  const view = new DataView(t6.buffer, t6.byteOffset, t6.byteLength);
  if (t6.length < 4) return t6.length === 3 && (view.getUint16(0) << 8) + view.getUint8(2) === EOFB;
  const end = view.getUint32(t6.length - 4);
  for (let padding = 0; padding < 8; padding++) {
    if (((end >>> padding) & 0xff_ffff) === EOFB) return (end & ((1 << padding) - 1)) === 0;
  }
  return false;
}

function encoderOf(terms: PageTerms): RowEncoder {
  const { compression, width } = terms;
  if (compression === 'MMR') return createT6Encoder(width);
  return createT4Encoder({ width, mode: compression, k: parameterK(terms), minScanLineBits: minScanLineBits(terms) });
}

/** Of how many lines at most one is one-dimensional: parameter K (T.4 §4.2.2). */
function parameterK({ yDpi }: PageTerms): number {
  if (yDpi <= 100) return 2;
  if (yDpi <= 200) return 4;
  return yDpi === 300 ? 6 : 8;
}

/** Shorter lines are filled up (T.4 §4.1.3). */
function minScanLineBits({ minScanTime, rate }: PageTerms): number {
  return Math.ceil((minScanTime * rate) / 1000);
}
