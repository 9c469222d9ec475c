/**
 * LZW as TIFF packs it (TIFF 6.0 §13): codes of 9 to 12 bits, first bit first, each table grown one code early;
 * 256 clears, 257 ends. Unpacks at most `size` bytes; what a cut or damaged image lacks stays zero.
 */
const CLEAR = 256;
const END = 257;
const FIRST_FREE = 258;
const TABLE_SIZE = 4096;

/** Strings as chains: code → the code before it, its first and last byte and its length. */
interface Table {
  readonly prefix: Uint16Array;
  readonly first: Uint8Array;
  readonly last: Uint8Array;
  readonly length: Uint16Array;
}

function emptyTable(): Table {
  const table = {
    prefix: new Uint16Array(TABLE_SIZE),
    first: new Uint8Array(TABLE_SIZE),
    last: new Uint8Array(TABLE_SIZE),
    length: new Uint16Array(TABLE_SIZE),
  };
  for (let byte = 0; byte < 256; byte++) {
    table.first[byte] = byte;
    table.last[byte] = byte;
    table.length[byte] = 1;
  }
  return table;
}

/** Writes the string of `code` at `to`, cut at the end of `bytes`. */
function expand(table: Table, code: number, bytes: Uint8Array, to: number): void {
  let at = to + (table.length[code] ?? 1) - 1;
  let c = code;
  for (; c >= FIRST_FREE; c = table.prefix[c] ?? 0) {
    if (at < bytes.length) bytes[at] = table.last[c] ?? 0;
    at--;
  }
  if (at < bytes.length) bytes[at] = c;
}

/** Unpacks one strip. */
export function unpackLzw(packed: Uint8Array, size: number): { bytes: Uint8Array; filled: number } {
  const bytes = new Uint8Array(size);
  const table = emptyTable();
  let free = FIRST_FREE;
  let width = 9;
  let previous = -1;
  let to = 0;
  for (let bit = 0; to < size && bit + width <= 8 * packed.length; ) {
    const at = bit >> 3;
    const window = ((packed[at] ?? 0) << 16) | ((packed[at + 1] ?? 0) << 8) | (packed[at + 2] ?? 0);
    const code = (window >> (24 - (bit & 7) - width)) & ((1 << width) - 1);
    bit += width;
    if (code === END) break;
    if (code === CLEAR) {
      free = FIRST_FREE;
      width = 9;
      previous = -1;
      continue;
    }
    // A code may name a known string or the one being built, nothing later.
    if (code > free || (code === free && previous < 0)) break;
    if (previous >= 0 && free < TABLE_SIZE) {
      table.prefix[free] = previous;
      table.length[free] = (table.length[previous] ?? 0) + 1;
      table.first[free] = table.first[previous] ?? 0;
      table.last[free] = table.first[code === free ? previous : code] ?? 0;
      free++;
    } else if (code >= free) break;
    expand(table, code, bytes, to);
    to += table.length[code] ?? 1;
    previous = code;
    if (free + 1 >= 1 << width && width < 12) width++;
  }
  return { bytes, filled: Math.min(to, size) };
}
