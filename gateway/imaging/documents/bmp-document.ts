import { placeGrey, scaleGrey } from '../raster/scale.ts';
import { readBmp } from './bmp.ts';
import type { OpenDocument, Target } from './document.ts';
import { naturalSize } from './natural-size.ts';

/** Opens a BMP image. @throws {DocumentError} `damaged`, `limit`, `unsupported_type` */
export async function openBmp(bytes: Uint8Array, target: Target): Promise<OpenDocument> {
  const { grey, density } = readBmp(bytes);
  return {
    mediaType: 'image/bmp',
    sizes: [naturalSize(grey.width, grey.rows, density, target)],
    async draw(_index, { width, rows, left, top, drawWidth, drawRows }) {
      const drawn = scaleGrey(grey, drawWidth, drawRows);
      return { kind: 'grey', grey: placeGrey(drawn, width, rows, left, top), images: null, warnings: [] };
    },
    close() {},
  };
}
