import { wipe } from '../../crypto/index.ts';
import type { LineReport } from '../../gateway/fax/call-result.ts';
import { codePage, readTiff, TiffError, type TiffPage } from '../../gateway/imaging/index.ts';
import type { IncomingCall } from '../../gateway/ports/carrier-adapter.ts';

/** What a received file may hold: as many pages as an account may take at the most, and an A3 page at 400 dpi. */
const LIMITS = { maxPages: 1_000, maxPixels: 64_000_000 };
const CHUNK = 65_536;

/** Carriers that deliver files say nothing of the line. */
export const UNKNOWN_LINE: LineReport = {
  rate: 0,
  modulation: 'unknown',
  compression: 'unknown',
  ecm: false,
  t38: false,
  retrains: 0,
  badRows: 0,
};

/** How a received file went into its call. `unreadable`: not a bilevel TIFF; nothing more of it will come. */
export type Delivered =
  | { readonly ok: true; readonly pages: number }
  | { readonly ok: false; readonly reason: 'unreadable' | 'not_kept'; readonly pages: number; readonly detail: string };

/** Writes each page of a TIFF file as T.6 data into `call`; `answered` was called before, `ended` is the caller's. */
export async function deliverTiff(file: Uint8Array, call: IncomingCall): Promise<Delivered> {
  let kept = 0;
  try {
    const { pages } = readTiff(file, LIMITS);
    for (const page of pages) {
      await deliverPage(page, call);
      kept++;
    }
    return { ok: true, pages: kept };
  } catch (error) {
    // The reception's own errors say that a page was not kept; what the file is to blame for is a TiffError.
    const reason = error instanceof TiffError ? 'unreadable' : 'not_kept';
    return {
      ok: false,
      reason,
      pages: kept,
      detail: error instanceof TiffError ? error.code : 'the page was not kept',
    };
  }
}

async function deliverPage(page: TiffPage, call: IncomingCall): Promise<void> {
  const picture = page.decode();
  if (picture.kind !== 'bilevel') throw new TiffError('unsupported', 'a page that is not bilevel');
  const { bitmap, badRows } = picture;
  try {
    const t6 = codePage(bitmap);
    try {
      await call.beginPage({ width: bitmap.width, xDpi: Math.round(page.xDpi), yDpi: Math.round(page.yDpi) });
      for (let at = 0; at < t6.length; at += CHUNK) await call.write(t6.subarray(at, at + CHUNK));
      await call.endPage({ rows: bitmap.rows, line: { ...UNKNOWN_LINE, badRows } });
    } finally {
      wipe(t6);
    }
  } finally {
    wipe(bitmap.data);
  }
}
