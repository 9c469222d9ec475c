import type { Bitmap } from './bitmap.ts';
import type { Grey } from './grey.ts';

/** Where one target pixel takes its light from: source pixels `from…to` with the weights of the first and last. */
interface Span {
  readonly from: number;
  readonly to: number;
  readonly first: number;
  readonly last: number;
}

function spans(source: number, target: number): Span[] {
  const scale = source / target;
  return Array.from({ length: target }, (_, i) => {
    const start = i * scale;
    const end = Math.min(source, (i + 1) * scale);
    const from = Math.min(source - 1, Math.floor(start));
    const to = Math.min(source - 1, Math.max(from, Math.ceil(end - 1e-9) - 1));
    return from === to
      ? { from, to, first: end - start, last: 0 }
      : { from, to, first: from + 1 - start, last: end - to };
  });
}

/** Reads one source row as grey levels into `row`. */
export type RowReader = (y: number, row: Uint8Array) => void;

/** Size of a picture in pixels. */
export interface Size {
  readonly width: number;
  readonly rows: number;
}

/**
 * Scales a picture by area averaging, one target row after the other: each target pixel is the mean of what it covers, so
 * that a thin line grows lighter but never vanishes between two samples. Enlarging repeats pixels. Source rows are read in order.
 */
export class RowAverager {
  readonly #read: RowReader;
  readonly #across: readonly Span[];
  readonly #down: readonly Span[];
  readonly #source: Uint8Array;
  readonly #narrowed: Float32Array;
  readonly #sum: Float32Array;
  #loaded = -1;
  #y = 0;

  constructor(from: Size, read: RowReader, to: Size) {
    this.#read = read;
    this.#across = spans(from.width, to.width);
    this.#down = spans(from.rows, to.rows);
    this.#source = new Uint8Array(from.width);
    this.#narrowed = new Float32Array(to.width);
    this.#sum = new Float32Array(to.width);
  }

  /** Writes the next target row into `data` from `offset`; false when there is none left. */
  next(data: Uint8Array, offset: number): boolean {
    const span = this.#down[this.#y++];
    if (span === undefined) return false;
    const sum = this.#sum;
    const narrowed = this.#narrowed;
    let weight = 0;
    sum.fill(0);
    for (let line = span.from; line <= span.to; line++) {
      this.#load(line);
      const share = line === span.from ? span.first : line === span.to ? span.last : 1;
      weight += share;
      for (let x = 0; x < sum.length; x++) sum[x] = (sum[x] ?? 0) + (narrowed[x] ?? 0) * share;
    }
    for (let x = 0; x < sum.length; x++) data[offset + x] = Math.round((sum[x] ?? 0) / weight);
    return true;
  }

  #load(line: number): void {
    if (line === this.#loaded) return;
    this.#read(line, this.#source);
    narrowRow(this.#source, this.#across, this.#narrowed);
    this.#loaded = line;
  }
}

/** Scales a picture to `width × rows` as {@link RowAverager} does. */
export function scaleRows(from: Size, read: RowReader, width: number, rows: number): Grey {
  const averager = new RowAverager(from, read, { width, rows });
  const data = new Uint8Array(width * rows);
  for (let y = 0; averager.next(data, y * width); ) y++;
  return { width, rows, data };
}

function narrowRow(source: Uint8Array, across: readonly Span[], target: Float32Array): void {
  for (let x = 0; x < across.length; x++) {
    const span = across[x];
    if (span === undefined) continue;
    let sum = (source[span.from] ?? 255) * span.first;
    let weight = span.first;
    for (let i = span.from + 1; i < span.to; i++) sum += source[i] ?? 255;
    weight += Math.max(0, span.to - span.from - 1);
    if (span.to > span.from) {
      sum += (source[span.to] ?? 255) * span.last;
      weight += span.last;
    }
    target[x] = sum / weight;
  }
}

/** Scales a grey picture to exactly `width × rows`. */
export function scaleGrey(grey: Grey, width: number, rows: number): Grey {
  if (grey.width === width && grey.rows === rows) return grey;
  const read: RowReader = (y, row) => row.set(grey.data.subarray(y * grey.width, (y + 1) * grey.width));
  return scaleRows(grey, read, width, rows);
}

/** Scales a bilevel picture to a grey one of `width × rows`: coverage becomes grey, ready for a threshold. */
export function scaleBitmap(bitmap: Bitmap, width: number, rows: number): Grey {
  const read: RowReader = (y, row) => unpackRow(bitmap.data, y * bitmap.stride, row);
  return scaleRows(bitmap, read, width, rows);
}

/** The packed row of `row.length` pixels at byte `offset` of `pixels` as grey levels. */
export function unpackRow(pixels: Uint8Array, offset: number, row: Uint8Array): void {
  for (let x = 0; x < row.length; x++) row[x] = ((pixels[offset + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1 ? 0 : 255;
}

/** `grey` set into a white picture of `width × rows` at `left`, `top`; parts outside are cut. */
export function placeGrey(grey: Grey, width: number, rows: number, left: number, top: number): Grey {
  const data = new Uint8Array(width * rows).fill(255);
  const skip = Math.max(0, -left);
  const count = Math.min(grey.width - skip, width - Math.max(0, left));
  for (let y = Math.max(0, -top); y < grey.rows && y + top < rows && count > 0; y++) {
    const from = y * grey.width + skip;
    data.set(grey.data.subarray(from, from + count), (y + top) * width + Math.max(0, left));
  }
  return { width, rows, data };
}
