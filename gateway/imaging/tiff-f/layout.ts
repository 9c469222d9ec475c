/** What a page's directory says of its picture, checked against the caller's limits and against itself. */
import { MAX_WIDTH } from '../t4-t6/index.ts';
import type { Directory } from './directory.ts';
import { damaged, TiffError, unsupported } from './errors.ts';
import { COMPRESSION, T4_TWO_DIMENSIONAL, TAG, type TiffCompression } from './tags.ts';

/** What a reader accepts; each is checked before anything of that size is allocated. */
export interface TiffLimits {
  /** Pages (and directories) of a file. */
  readonly maxPages: number;
  /** Pixels of one page. */
  readonly maxPixels: number;
}

/** Photometric interpretations that are read (TIFF 6.0, table of field 262). */
export type Photometric = 'min-is-white' | 'min-is-black' | 'rgb' | 'palette' | 'cmyk';

const PHOTOMETRIC: ReadonlyMap<number, Photometric> = new Map([
  [0, 'min-is-white'],
  [1, 'min-is-black'],
  [2, 'rgb'],
  [3, 'palette'],
  [5, 'cmyk'],
]);

/** One strip or tile: where its bytes stand and which pixels they are. */
export interface Block {
  readonly offset: number;
  readonly bytes: number;
  readonly left: number;
  readonly top: number;
  /** Pixels per row as coded; a tile may reach over the page's edge. */
  readonly width: number;
  readonly rows: number;
  /** Which colour plane, where planes are kept apart; else 0. */
  readonly plane: number;
}

/** A page's picture as its directory describes it. */
export interface Layout {
  readonly width: number;
  readonly rows: number;
  readonly compression: TiffCompression;
  readonly photometric: Photometric;
  /** 1: the first pixel is the most significant bit; 2: the least significant. */
  readonly fillOrder: 1 | 2;
  readonly bitsPerSample: number;
  readonly samplesPerPixel: number;
  /** Whether each sample has blocks of its own. */
  readonly planar: boolean;
  /** Whether samples are differences from their left neighbour. */
  readonly differences: boolean;
  readonly blocks: readonly Block[];
}

function readSize(directory: Directory, limits: TiffLimits): { width: number; rows: number } {
  const width = directory.number(TAG.ImageWidth, 0);
  const rows = directory.number(TAG.ImageLength, 0);
  if (width < 1 || rows < 1) throw damaged('a page has no width or no length');
  if (width > MAX_WIDTH || width * rows > limits.maxPixels) {
    throw new TiffError('too_large', `a page of ${width} × ${rows} pixels`);
  }
  return { width, rows };
}

function readCompression(directory: Directory): TiffCompression {
  const number = directory.number(TAG.Compression, 1);
  const compression = COMPRESSION.get(number);
  if (compression === undefined) throw unsupported(`compression ${number}`);
  if (compression !== 'g3-1d') return compression;
  return (directory.number(TAG.T4Options, 0) & T4_TWO_DIMENSIONAL) !== 0 ? 'g3-2d' : 'g3-1d';
}

function readPhotometric(directory: Directory): Photometric {
  // Fax files without the field exist; white is 0 in all of them (RFC 2306 §2.2.3).
  const number = directory.number(TAG.PhotometricInterpretation, 0);
  const photometric = PHOTOMETRIC.get(number);
  if (photometric === undefined) throw unsupported(`photometric interpretation ${number}`);
  return photometric;
}

/** Samples that a pixel of each kind has at least. */
const LEAST_SAMPLES = { 'min-is-white': 1, 'min-is-black': 1, rgb: 3, palette: 1, cmyk: 4 } as const;

/** The most samples of a pixel: CMYK and some alphas; more is no document. */
const MOST_SAMPLES = 8;

function readSamples(directory: Directory, photometric: Photometric): { bits: number; samples: number } {
  const samples = directory.number(TAG.SamplesPerPixel, 1);
  if (samples < LEAST_SAMPLES[photometric] || samples > MOST_SAMPLES) throw unsupported(`${samples} samples a pixel`);
  const all = directory.numbers(TAG.BitsPerSample, MOST_SAMPLES);
  const bits = all[0] ?? 1;
  if (all.some((other) => other !== bits)) throw unsupported('samples of different sizes');
  if (![1, 2, 4, 8, 16].includes(bits)) throw unsupported(`${bits} bits a sample`);
  if (directory.number(TAG.SampleFormat, 1) !== 1) throw unsupported('samples that are no unsigned integers');
  return { bits, samples };
}

/** The size of a strip or tile, and the fields that say where they stand. */
function readGrid(directory: Directory, width: number, rows: number) {
  if (directory.has(TAG.TileWidth)) {
    const tile = { width: directory.number(TAG.TileWidth, 0), rows: directory.number(TAG.TileLength, 0) };
    const fits = tile.width > 0 && tile.rows > 0 && tile.width <= MAX_WIDTH && tile.rows <= MAX_WIDTH;
    if (!fits || (tile.width & 15) !== 0) throw damaged(`tiles of ${tile.width} × ${tile.rows} pixels`);
    return { ...tile, tiled: true, offsets: TAG.TileOffsets, counts: TAG.TileByteCounts };
  }
  const perStrip = directory.number(TAG.RowsPerStrip, rows);
  const strip = { width, rows: perStrip < 1 || perStrip > rows ? rows : perStrip };
  return { ...strip, tiled: false, offsets: TAG.StripOffsets, counts: TAG.StripByteCounts };
}

/**
 * All strips or tiles. Byte counts that are missing or reach behind the end are cut to what the file has: a fax that
 * was stored while its call broke off is still worth reading.
 */
function readBlocks(
  directory: Directory,
  size: { width: number; rows: number },
  planes: number,
  file: number,
): Block[] {
  const grid = readGrid(directory, size.width, size.rows);
  const across = Math.ceil(size.width / grid.width);
  const perPlane = across * Math.ceil(size.rows / grid.rows);
  const count = perPlane * planes;
  const offsets = directory.numbers(grid.offsets);
  const counts = directory.numbers(grid.counts);
  if (offsets.length < count) throw damaged(`${offsets.length} strips or tiles where ${count} are needed`);
  return Array.from({ length: count }, (_, index): Block => {
    const inPlane = index % perPlane;
    const top = Math.floor(inPlane / across) * grid.rows;
    const offset = offsets[index] ?? 0;
    if (offset > file) throw damaged('a strip lies behind the end');
    return {
      offset,
      bytes: Math.min(counts[index] ?? file, file - offset),
      left: (inPlane % across) * grid.width,
      top,
      width: grid.width,
      rows: grid.tiled ? grid.rows : Math.min(grid.rows, size.rows - top),
      plane: Math.floor(index / perPlane),
    };
  });
}

/** Strips may share bytes, but not so often that a small file becomes hours of work. */
function checkWork(blocks: readonly Block[], layout: { width: number; rows: number }, file: number): void {
  const bytes = blocks.reduce((sum, block) => sum + block.bytes, 0);
  if (bytes > 4 * file) throw damaged('strips overlap');
  const pixels = blocks.reduce((sum, block) => sum + block.width * block.rows, 0);
  const planes = 1 + (blocks.at(-1)?.plane ?? 0);
  if (pixels > planes * (4 * layout.width * layout.rows + 1_000_000)) throw damaged('tiles are larger than the page');
}

/** Reads and checks a page's fields; `file` is the file's length in bytes. @throws TiffError */
export function readLayout(directory: Directory, limits: TiffLimits, file: number): Layout {
  const size = readSize(directory, limits);
  const compression = readCompression(directory);
  const photometric = readPhotometric(directory);
  const { bits, samples } = readSamples(directory, photometric);
  const planar = samples > 1 && directory.number(TAG.PlanarConfiguration, 1) === 2;
  const fax = compression.startsWith('g') || compression.startsWith('rle');
  if (fax && (bits !== 1 || samples !== 1)) throw damaged('facsimile coding of more than one bit a pixel');
  const predictor = directory.number(TAG.Predictor, 1);
  if (predictor > 2) throw unsupported(`predictor ${predictor}`);
  const blocks = readBlocks(directory, size, planar ? samples : 1, file);
  checkWork(blocks, size, file);
  return {
    ...size,
    compression,
    photometric,
    fillOrder: directory.number(TAG.FillOrder, 1) === 2 ? 2 : 1,
    bitsPerSample: bits,
    samplesPerPixel: samples,
    planar,
    differences: predictor === 2 && (compression === 'lzw' || compression === 'deflate'),
    blocks,
  };
}
