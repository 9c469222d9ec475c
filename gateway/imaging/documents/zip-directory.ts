import { DocumentError } from './error.ts';
import { DOCUMENT_LIMITS } from './limits.ts';

// APPNOTE.TXT §4.3.16, end of central directory, at least 22 bytes from the end of the file:
//    0 "PK\5\6"   10 entries u16   12 size of the directory u32   16 its offset u32   20 length of a comment u16
// §4.3.12, one entry of the directory:
//    0 "PK\1\2"   8 flags u16   24 size u32   28 name u16   30 extra u16   32 comment u16   46 name

const END_SIGNATURE = 0x06054b50;
const END_SIZE = 22;
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_SIZE = 46;
const LONGEST_COMMENT = 0xffff;

/** Flag bit 0: the entry is encrypted. */
const ENCRYPTED = 1;

/** What a package says of its parts; nothing is unpacked. */
export interface ZipDirectory {
  readonly names: ReadonlySet<string>;
  /** Bytes of all parts when unpacked, as stated. */
  readonly expanded: number;
  readonly encrypted: boolean;
}

/** Reads the directory of a ZIP file; undefined when it has none or contradicts itself. */
export function readZipDirectory(bytes: Uint8Array): ZipDirectory | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  if (end === undefined) return undefined;
  const names = new Set<string>();
  let expanded = 0;
  let flags = 0;
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (at + ENTRY_SIZE > end || view.getUint32(at, true) !== ENTRY_SIGNATURE) return undefined;
    const [name = 0, extra = 0, comment = 0] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
    names.add(String.fromCharCode(...bytes.subarray(at + ENTRY_SIZE, at + ENTRY_SIZE + Math.min(name, 256))));
    flags |= view.getUint16(at + 8, true);
    expanded += view.getUint32(at + 24, true);
    at += ENTRY_SIZE + name + extra + comment;
  }
  return { names, expanded, encrypted: (flags & ENCRYPTED) !== 0 };
}

function findEnd(view: DataView): number | undefined {
  const last = view.byteLength - END_SIZE;
  for (let at = last; at >= Math.max(0, last - LONGEST_COMMENT); at--) {
    if (view.getUint32(at, true) === END_SIGNATURE) return at;
  }
  return undefined;
}

/** XML packs well: a package below this is unpacked whatever its ratio. */
const EXPANSION_FLOOR = 64 * 1024 * 1024;

/** @throws {DocumentError} `limit` when the parts of `directory` unpack to more than a document may */
export function checkZipExpansion(directory: ZipDirectory, packed: number): void {
  if (directory.expanded > Math.max(EXPANSION_FLOOR, packed * DOCUMENT_LIMITS.expansion)) {
    throw new DocumentError('limit', `The document expands more than ${DOCUMENT_LIMITS.expansion} times.`);
  }
}
