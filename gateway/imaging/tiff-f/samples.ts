/** Unpacked samples of any kind turned into one grey byte a pixel, 255 = white. */
import type { Layout, Photometric } from './layout.ts';

/** Where to find the samples of one row. */
export interface RowSource {
  /** Row bytes; one entry, or one for each plane. */
  readonly planes: readonly Uint8Array[];
  /** Offset of the row in each. */
  readonly offset: number;
}

/** How samples become grey; built once for a page. */
export interface GreyRule {
  readonly photometric: Photometric;
  readonly bits: number;
  readonly samples: number;
  readonly planar: boolean;
  /** Grey of each palette index. */
  readonly palette: Uint8Array;
  /** Index of the alpha sample and whether colours are already multiplied by it; -1 when there is none. */
  readonly alpha: number;
  readonly premultiplied: boolean;
}

/** Luma of ITU-R BT.601, integer weights of 256ths. */
export function luma(red: number, green: number, blue: number): number {
  return (77 * red + 150 * green + 29 * blue + 128) >> 8;
}

/** Grey of each palette entry; a colour map holds all reds, then greens, then blues, of 16 bits. */
export function greyPalette(map: readonly number[], bits: number): Uint8Array {
  const entries = 1 << Math.min(bits, 8);
  const at = (i: number) => (map[i] ?? 0) >> 8;
  return Uint8Array.from({ length: entries }, (_, i) => luma(at(i), at(entries + i), at(2 * entries + i)));
}

/** ExtraSamples values: alpha that colours are already multiplied by, and alpha that they are not. */
const ASSOCIATED_ALPHA = 1;
const UNASSOCIATED_ALPHA = 2;

/** Samples of colour proper. */
const COLOURS = { 'min-is-white': 1, 'min-is-black': 1, rgb: 3, palette: 1, cmyk: 4 } as const;

/** The rule of a page; `extra` and `map` are the ExtraSamples and ColorMap fields. */
export function greyRule(layout: Layout, extra: readonly number[], map: readonly number[]): GreyRule {
  const kind = extra.findIndex((value) => value === ASSOCIATED_ALPHA || value === UNASSOCIATED_ALPHA);
  const alpha = kind < 0 ? -1 : COLOURS[layout.photometric] + kind;
  return {
    photometric: layout.photometric,
    bits: layout.bitsPerSample,
    samples: layout.samplesPerPixel,
    planar: layout.planar,
    palette: greyPalette(map, layout.bitsPerSample),
    alpha: alpha < layout.samplesPerPixel ? alpha : -1,
    premultiplied: extra[kind] === ASSOCIATED_ALPHA,
  };
}

/** Undoes horizontal differences in a row of 8-bit or 16-bit samples, in place (TIFF 6.0 §14). */
export function undoDifferences(row: Uint8Array, bits: number, samples: number, littleEndian: boolean): void {
  if (bits === 8) {
    for (let i = samples; i < row.length; i++) row[i] = (row[i] ?? 0) + (row[i - samples] ?? 0);
  } else if (bits === 16) {
    const view = new DataView(row.buffer, row.byteOffset, row.byteLength);
    for (let i = 2 * samples; i + 1 < row.length; i += 2) {
      view.setUint16(i, view.getUint16(i, littleEndian) + view.getUint16(i - 2 * samples, littleEndian), littleEndian);
    }
  }
}

/** Sample `index` of a row scaled to 0 … 255; palette indices are not scaled. Of 16 bits the upper eight are taken. */
function sample(row: Uint8Array, offset: number, index: number, rule: GreyRule, littleEndian: boolean): number {
  const { bits } = rule;
  if (bits === 8) return row[offset + index] ?? 0;
  if (bits === 16) return row[offset + 2 * index + (littleEndian ? 1 : 0)] ?? 0;
  const bit = index * bits;
  const value = ((row[offset + (bit >> 3)] ?? 0) >> (8 - bits - (bit & 7))) & ((1 << bits) - 1);
  return rule.photometric === 'palette' ? value : (255 * value) / ((1 << bits) - 1);
}

/** Scans as nearly all are: eight bits, one or three samples together, no alpha. Returns false for any other kind. */
function greyPlainRow(source: RowSource, count: number, rule: GreyRule, out: Uint8Array, to: number): boolean {
  const row = source.planes[0];
  if (row === undefined || rule.bits !== 8 || rule.alpha >= 0 || rule.planar) return false;
  const { offset } = source;
  if (rule.photometric === 'rgb' && rule.samples === 3) {
    for (let x = 0, at = offset; x < count; x++, at += 3) {
      out[to + x] = luma(row[at] ?? 0, row[at + 1] ?? 0, row[at + 2] ?? 0);
    }
    return true;
  }
  if (rule.samples !== 1 || !rule.photometric.startsWith('min-is')) return false;
  const turn = rule.photometric === 'min-is-white' ? 0xff : 0;
  for (let x = 0; x < count; x++) out[to + x] = (row[offset + x] ?? 0) ^ turn;
  return true;
}

/** Turns `count` pixels of a row into grey bytes at `to` of `out`. */
export function greyRow(
  source: RowSource,
  count: number,
  rule: GreyRule,
  littleEndian: boolean,
  out: Uint8Array,
  to: number,
): void {
  if (greyPlainRow(source, count, rule, out, to)) return;
  const colour: number[] = new Array(rule.samples).fill(0);
  const first = source.planes[0] ?? out;
  for (let x = 0; x < count; x++) {
    for (let s = 0; s < rule.samples; s++) {
      colour[s] = rule.planar
        ? sample(source.planes[s] ?? first, source.offset, x, rule, littleEndian)
        : sample(first, source.offset, x * rule.samples + s, rule, littleEndian);
    }
    out[to + x] = onWhite(toGrey(colour, rule), colour, rule);
  }
}

function toGrey(colour: readonly number[], rule: GreyRule): number {
  const [a = 0, b = 0, c = 0, d = 0] = colour;
  switch (rule.photometric) {
    case 'min-is-white':
      return 255 - a;
    case 'min-is-black':
      return a;
    case 'palette':
      return rule.palette[a] ?? 255;
    case 'rgb':
      return luma(a, b, c);
    case 'cmyk':
      return (luma(255 - a, 255 - b, 255 - c) * (255 - d)) / 255;
  }
}

/** Lays a pixel with alpha on white paper. */
function onWhite(grey: number, colour: readonly number[], rule: GreyRule): number {
  if (rule.alpha < 0) return grey;
  const alpha = colour[rule.alpha] ?? 255;
  return Math.min(255, 255 - alpha + (rule.premultiplied ? grey : (grey * alpha) / 255));
}
