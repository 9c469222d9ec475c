import sharp from 'sharp';
import type { Grey } from '../raster/grey.ts';
import { placeGrey } from '../raster/scale.ts';
import type { NaturalSize, OpenDocument, Picture, Target } from './document.ts';
import { DocumentError } from './error.ts';
import type { Frame } from './frame.ts';
import { DOCUMENT_LIMITS } from './limits.ts';
import type { MediaType } from './media-type.ts';
import { naturalSize } from './natural-size.ts';

/** Loaders that may run, by media type; every other one that libvips was built with is blocked. */
const LOADERS = {
  'image/png': 'VipsForeignLoadPng',
  'image/jpeg': 'VipsForeignLoadJpeg',
  'image/webp': 'VipsForeignLoadWebp',
  'image/gif': 'VipsForeignLoadNsgif',
} as const satisfies Partial<Record<MediaType, string>>;

/** Media types that libvips decodes. */
export type ImageType = keyof typeof LOADERS;

sharp.cache(false);
sharp.concurrency(1);
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: Object.values(LOADERS) });

/**
 * Opens a PNG, JPEG, WebP or GIF (first picture). EXIF orientation is honoured, transparency becomes white paper.
 * @throws {DocumentError} `damaged`, `limit`
 */
export async function openImage(bytes: Uint8Array, mediaType: ImageType, target: Target): Promise<OpenDocument> {
  const meta = await decode(() => sharp(bytes, INPUT).metadata());
  const turned = (meta.orientation ?? 1) >= 5;
  const width = (turned ? meta.height : meta.width) ?? 0;
  const rows = (turned ? meta.width : meta.height) ?? 0;
  checkExpansion(width, rows, meta.channels ?? 4, bytes.length);
  const size = naturalSize(width, rows, meta.density, target);
  const document = new ImageDocument(bytes, mediaType, size);
  await document.check();
  return document;
}

/** A truncated or corrupt image is refused, not printed half grey. */
const INPUT = { failOn: 'error', limitInputPixels: DOCUMENT_LIMITS.pixels, sequentialRead: true } as const;

function checkExpansion(width: number, rows: number, channels: number, coded: number): void {
  if (!(width > 0 && rows > 0)) throw new DocumentError('damaged', 'The image has no size.');
  if (width * rows > DOCUMENT_LIMITS.pixels) throw tooManyPixels();
  const decoded = width * rows * channels;
  if (decoded > DOCUMENT_LIMITS.expansionFloor && decoded > coded * DOCUMENT_LIMITS.expansion) {
    throw new DocumentError('limit', `The image expands more than ${DOCUMENT_LIMITS.expansion} times.`);
  }
}

function tooManyPixels(): DocumentError {
  return new DocumentError('limit', `The image has more than ${DOCUMENT_LIMITS.pixels / 1e6} million pixels.`);
}

/** Bytes of pictures that may be kept between opening and drawing; those beyond are decoded twice. */
const MOST_KEPT = 32 * 1024 * 1024;

let kept = 0;

/**
 * One image. It is decoded when it is opened, so that damage is known before the fax is accepted, at the size it
 * will most likely be drawn.
 */
class ImageDocument implements OpenDocument {
  readonly mediaType: string;
  readonly sizes: readonly NaturalSize[];
  readonly #bytes: Uint8Array;
  #drawn: Grey | undefined;

  constructor(bytes: Uint8Array, mediaType: ImageType, size: NaturalSize) {
    this.#bytes = bytes;
    this.mediaType = mediaType;
    this.sizes = [size];
  }

  async check(): Promise<void> {
    const [size] = this.sizes;
    if (size === undefined) return;
    const drawn = await this.#decode(Math.max(1, Math.round(size.width)), Math.max(1, Math.round(size.rows)));
    if (kept + drawn.data.length > MOST_KEPT) return;
    kept += drawn.data.length;
    this.#drawn = drawn;
  }

  async draw(_index: number, frame: Frame): Promise<Picture> {
    const { width, rows, left, top, drawWidth, drawRows } = frame;
    const fits = this.#drawn?.width === drawWidth && this.#drawn.rows === drawRows;
    const drawn = fits && this.#drawn !== undefined ? this.#drawn : await this.#decode(drawWidth, drawRows);
    return { kind: 'grey', grey: placeGrey(drawn, width, rows, left, top), images: null, warnings: [] };
  }

  async #decode(width: number, rows: number): Promise<Grey> {
    const data = await decode(() =>
      sharp(this.#bytes, INPUT)
        .rotate()
        .flatten({ background: '#ffffff' })
        .toColourspace('b-w')
        .resize(width, rows, { fit: 'fill', kernel: 'cubic' })
        .extractChannel(0)
        .raw()
        .toBuffer(),
    );
    return { width, rows, data };
  }

  close(): void {
    kept -= this.#drawn?.data.length ?? 0;
    this.#drawn = undefined;
  }
}

/** Runs a decoder and gives its failures a name. libvips' own messages may quote metadata and are not shown. */
async function decode<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const text = error instanceof Error ? error.message : '';
    if (/pixel limit/i.test(text)) throw tooManyPixels();
    if (/out of memory|unable to allocate|malloc/i.test(text)) {
      throw new DocumentError('memory', 'The image needs more memory than a document may use.');
    }
    throw new DocumentError('damaged', 'The image is damaged and cannot be decoded.');
  }
}
