/** Image file directories (IFDs): the fields of each page, with every offset and count checked before it is used. */
import { damaged, TiffError, unsupported } from './errors.ts';
import { tagName } from './tags.ts';

/** Bytes of one directory entry: tag, type, count, value or offset (TIFF 6.0 §2). */
const ENTRY_BYTES = 12;

/** Bytes per value of the field types that are read: BYTE, ASCII, SHORT, LONG, RATIONAL. */
const TYPE_BYTES: ReadonlyMap<number, number> = new Map([
  [1, 1],
  [2, 1],
  [3, 2],
  [4, 4],
  [5, 8],
]);

/** The most values that a field may have: a colour map of 65,536 entries three times; strips are fewer. */
const MAX_VALUES = 196_608;

/** The most entries of a directory; known files have some dozens. */
const MAX_ENTRIES = 1000;

/** Where one field's values stand. */
interface Field {
  readonly type: number;
  readonly count: number;
  readonly offset: number;
}

/** One page's fields. */
export class Directory {
  private readonly view: DataView;
  readonly littleEndian: boolean;
  private readonly fields = new Map<number, Field>();

  constructor(view: DataView, littleEndian: boolean) {
    this.view = view;
    this.littleEndian = littleEndian;
  }

  /** Reads the entry at `at`; types and values that are not known are passed over, as TIFF 6.0 asks of readers. */
  readEntry(at: number): void {
    const tag = this.view.getUint16(at, this.littleEndian);
    const type = this.view.getUint16(at + 2, this.littleEndian);
    const count = this.view.getUint32(at + 4, this.littleEndian);
    const size = TYPE_BYTES.get(type);
    if (size === undefined || this.fields.has(tag)) return;
    const bytes = size * count;
    const offset = bytes <= 4 ? at + 8 : this.view.getUint32(at + 8, this.littleEndian);
    this.fields.set(tag, { type, count, offset });
  }

  /** Whether the field is there. */
  has(tag: number): boolean {
    return this.fields.has(tag);
  }

  /** All values of a field as numbers; empty when it is absent. @throws TiffError when they do not lie in the file. */
  numbers(tag: number, max: number = MAX_VALUES): number[] {
    const field = this.fields.get(tag);
    if (field === undefined) return [];
    if (field.count > max) throw damaged(`${tagName(tag)} has ${field.count} values`);
    const size = TYPE_BYTES.get(field.type) ?? 1;
    if (field.offset + field.count * size > this.view.byteLength) throw damaged(`${tagName(tag)} lies behind the end`);
    return Array.from({ length: field.count }, (_, i) => this.value(field.type, field.offset + i * size));
  }

  /** The first value of a field, or `fallback` when it is absent or empty. */
  number(tag: number, fallback: number): number {
    const field = this.fields.get(tag);
    if (field === undefined || field.count === 0) return fallback;
    const size = TYPE_BYTES.get(field.type) ?? 1;
    if (field.offset + size > this.view.byteLength) throw damaged(`${tagName(tag)} lies behind the end`);
    return this.value(field.type, field.offset);
  }

  private value(type: number, at: number): number {
    if (type === 3) return this.view.getUint16(at, this.littleEndian);
    if (type === 4) return this.view.getUint32(at, this.littleEndian);
    if (type === 5) return this.view.getUint32(at, this.littleEndian) / this.view.getUint32(at + 4, this.littleEndian);
    return this.view.getUint8(at);
  }
}

/** Byte order and the offset of the first directory. @throws TiffError when this is no TIFF file. */
function readHeader(view: DataView): { littleEndian: boolean; first: number } {
  const order = view.byteLength >= 8 ? view.getUint16(0) : 0;
  if (order !== 0x4949 && order !== 0x4d4d) throw new TiffError('not_tiff', 'no TIFF byte order mark');
  const littleEndian = order === 0x4949;
  const version = view.getUint16(2, littleEndian);
  if (version === 43) throw unsupported('BigTIFF');
  if (version !== 42) throw new TiffError('not_tiff', `TIFF version ${version}`);
  return { littleEndian, first: view.getUint32(4, littleEndian) };
}

/** All directories of a file in their order. @throws TiffError on a chain that loops, leaves the file or is too long. */
export function readDirectories(bytes: Uint8Array, maxDirectories: number): Directory[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { littleEndian, first } = readHeader(view);
  const seen = new Set<number>();
  const directories: Directory[] = [];
  for (let at = first; at !== 0; ) {
    if (seen.has(at)) throw damaged('the chain of directories loops');
    if (directories.length === maxDirectories) {
      throw new TiffError('too_many_pages', `more than ${maxDirectories} directories`);
    }
    seen.add(at);
    if (at + 2 > view.byteLength) throw damaged('a directory lies behind the end');
    const count = view.getUint16(at, littleEndian);
    const next = at + 2 + ENTRY_BYTES * count;
    if (count > MAX_ENTRIES) throw damaged(`a directory of ${count} entries`);
    if (count === 0 || next + 4 > view.byteLength) throw damaged('a directory is cut off');
    const directory = new Directory(view, littleEndian);
    for (let i = 0; i < count; i++) directory.readEntry(at + 2 + ENTRY_BYTES * i);
    directories.push(directory);
    at = view.getUint32(next, littleEndian);
  }
  return directories;
}
