import { type CodedPage, codePage, pdfFromT6Pages, readTiff } from '../../../gateway/imaging/index.ts';

/** A fax as Sinch hands it out: the pictures of its pages in a PDF. */
export function pdfOfPages(pages: readonly CodedPage[]): Uint8Array {
  return new Uint8Array(Buffer.concat([...pdfFromT6Pages(pages)]));
}

/** The same of a TIFF file that was sent. */
export function pdfOfTiff(file: Uint8Array): Uint8Array {
  const { pages } = readTiff(file, { maxPages: 100, maxPixels: 20_000_000 });
  return pdfOfPages(
    pages.map((page) => {
      const picture = page.decode();
      if (picture.kind !== 'bilevel') throw new Error('not a fax');
      const { bitmap } = picture;
      const [xDpi, yDpi] = [Math.round(page.xDpi), Math.round(page.yDpi)];
      return { width: bitmap.width, rows: bitmap.rows, xDpi, yDpi, t6: codePage(bitmap) };
    }),
  );
}
