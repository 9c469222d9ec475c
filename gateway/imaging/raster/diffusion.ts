import type { Bitmap } from './bitmap.ts';
import type { Grey, Rect } from './grey.ts';

/**
 * How strongly a pixel wants to be like its printed neighbours (Levien, "Output-dependent feedback in error diffusion
 * halftoning", 1993), in grey levels. Dots grow into clusters, which printers keep and T.6 codes in fewer bits: 0 is
 * Floyd–Steinberg, whose single dots cost more bits than the uncoded picture. Measured on a 108 mm × 71 mm photograph at
 * 204×196: 156 kB of T.6 with 0, 136 with 96, 90 with 220; the clustered screen of ghostscript takes 91.
 */
const CLUSTERING = 240;

/**
 * Prints `rect` of `grey` into `bitmap` by error diffusion, replacing what stands there. Levels are stretched first,
 * so that paper and highlights stay free of stray dots. `bias` is subtracted from every level: positive prints darker.
 */
export function diffuseRect(grey: Grey, rect: Rect, bitmap: Bitmap, bias = 0): void {
  const curve = levelCurve(grey, rect, bias);
  const width = rect.right - rect.left;
  let errors = new Float32Array(width + 2);
  let nextErrors = new Float32Array(width + 2);
  let printedAbove = new Uint8Array(width + 2);
  let printed = new Uint8Array(width + 2);
  for (let y = rect.top; y < rect.bottom; y++) {
    const leftwards = ((y - rect.top) & 1) === 1;
    nextErrors.fill(0);
    printed.fill(0);
    diffuseRow(grey, rect, y, leftwards, curve, { errors, nextErrors, printedAbove, printed });
    storeRow(printed, rect, y, bitmap);
    [errors, nextErrors] = [nextErrors, errors];
    [printed, printedAbove] = [printedAbove, printed];
  }
}

/** Working rows, one pixel wider than the rectangle on either side. */
interface Rows {
  readonly errors: Float32Array;
  readonly nextErrors: Float32Array;
  readonly printedAbove: Uint8Array;
  readonly printed: Uint8Array;
}

/** One row in boustrophedon order with the weights 7, 3, 5, 1 of Floyd and Steinberg (1976). */
function diffuseRow(grey: Grey, rect: Rect, y: number, leftwards: boolean, curve: Uint8Array, rows: Rows): void {
  const { errors, nextErrors, printedAbove, printed } = rows;
  const width = rect.right - rect.left;
  const step = leftwards ? -1 : 1;
  const start = y * grey.width + rect.left;
  let carried = 0;
  for (let n = 0, x = leftwards ? width : 1; n < width; n++, x += step) {
    const level = curve[grey.data[start + x - 1] ?? 255] ?? 255;
    const wanted = level + carried + (errors[x] ?? 0);
    const black = (printed[x - step] ?? 0) + (printedAbove[x] ?? 0);
    const ink = level < 255 && (level === 0 || wanted + CLUSTERING * 0.5 * (1 - black) < 128) ? 1 : 0;
    printed[x] = ink;
    const error = level === 0 || level === 255 ? 0 : Math.max(-255, Math.min(255, wanted - (ink === 1 ? 0 : 255)));
    carried = (error * 7) / 16;
    nextErrors[x - step] = (nextErrors[x - step] ?? 0) + (error * 3) / 16;
    nextErrors[x] = (nextErrors[x] ?? 0) + (error * 5) / 16;
    nextErrors[x + step] = (nextErrors[x + step] ?? 0) + error / 16;
  }
}

function storeRow(printed: Uint8Array, rect: Rect, y: number, bitmap: Bitmap): void {
  const row = y * bitmap.stride;
  for (let x = rect.left; x < rect.right; x++) {
    const mask = 0x80 >> (x & 7);
    const byte = bitmap.data[row + (x >> 3)] ?? 0;
    bitmap.data[row + (x >> 3)] = printed[x - rect.left + 1] === 1 ? byte | mask : byte & ~mask;
  }
}

/**
 * Maps levels so that the brightest 1 % print white and the darkest 0.5 % black, as far as the picture has
 * anything near them, and lightens middle tones, because printed dots are larger than their pixels.
 */
function levelCurve(grey: Grey, rect: Rect, bias: number): Uint8Array {
  const histogram = new Uint32Array(256);
  for (let y = rect.top; y < rect.bottom; y++) {
    for (let i = y * grey.width + rect.left, end = i + rect.right - rect.left; i < end; i++) {
      const value = grey.data[i] ?? 255;
      histogram[value] = (histogram[value] ?? 0) + 1;
    }
  }
  const total = (rect.right - rect.left) * (rect.bottom - rect.top);
  const black = Math.min(64, percentile(histogram, total * 0.005));
  const white = Math.max(192, percentile(histogram, total * 0.97));
  const curve = new Uint8Array(256);
  for (let i = 0; i < 256; i++) {
    const part = Math.max(0, Math.min(1, (i - bias - black) / (white - black)));
    const level = Math.round(255 * part ** DOT_GAIN);
    curve[i] = level > 247 ? 255 : level < 6 ? 0 : level;
  }
  return curve;
}

/** Exponent of the tone curve: a dot of 0.125 mm prints about a sixth larger than drawn. */
const DOT_GAIN = 0.8;

function percentile(histogram: Uint32Array, rank: number): number {
  let count = 0;
  for (let i = 0; i < 256; i++) {
    count += histogram[i] ?? 0;
    if (count > rank) return i;
  }
  return 255;
}
