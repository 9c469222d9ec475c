/** Fax pixels are not square at 204×98, 204×196 and 204×391; people's viewers expect that they are. */
import { type Bitmap, blankBitmap } from '../raster/bitmap.ts';

/**
 * The page with as many rows to the inch as columns. Rows are repeated where there are too few; where there are too
 * many, neighbours are joined, so that no thin black rule is lost.
 */
export function squarePixels(bitmap: Bitmap, xDpi: number, yDpi: number): Bitmap {
  if (xDpi === yDpi) return bitmap;
  const { width, rows, stride, data } = bitmap;
  const square = blankBitmap(width, Math.max(1, Math.round((rows * xDpi) / yDpi)));
  for (let y = 0; y < square.rows; y++) {
    const first = Math.floor((y * rows) / square.rows);
    const behind = Math.max(first + 1, Math.floor(((y + 1) * rows) / square.rows));
    for (let v = first; v < behind; v++) {
      for (let x = 0; x < stride; x++) {
        const to = y * stride + x;
        square.data[to] = (square.data[to] ?? 0) | (data[v * stride + x] ?? 0);
      }
    }
  }
  return square;
}
