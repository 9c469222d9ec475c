/** Octets of a piece: short enough to be found when an allocator has written over its neighbours, long enough to be no chance. */
export const PIECE = 16;
/** Different octets that a piece of a page must have: runs of white and of lines say nothing about one page. */
const DISTINCT = 9;
/** Largest part of a source that is held at once while it is scanned. */
export const SPAN = 4 * 1_048_576;
/** Octets that two parts have in common, so that a piece across their border is found. */
const OVERLAP = 2 * PIECE;
/** Bits of the filter in front of the table. */
const FILTER_BITS = 22;

/** One find: what it belongs to and where it stood. */
export interface Hit {
  readonly label: string;
  readonly place: string;
  readonly at: number;
}

interface Piece {
  readonly label: string;
  readonly bytes: Uint8Array;
}

interface Entry {
  readonly piece: Piece;
  /** Distance of the indexed word from the start of the piece. */
  readonly offset: number;
}

/**
 * A set of secrets, cut into pieces of 16 octets, that are looked for together in any amount of memory. A freed block
 * loses its first octets to the allocator and a ring buffer its middle: pieces are found where the whole is not.
 */
export class Needles {
  readonly #pieces = new Map<string, Piece>();
  #index: Map<number, Entry[]> | undefined;
  readonly #filter = new Uint32Array(2 ** (FILTER_BITS - 5));

  /** Pieces in the set. */
  get size(): number {
    return this.#pieces.size;
  }

  /** All pieces of several sets. */
  static together(sets: readonly Needles[]): Needles {
    const all = new Needles();
    for (const set of sets) for (const [key, piece] of set.#pieces) all.#pieces.set(key, piece);
    return all;
  }

  /** A key in every form in which a program might keep it: as it is, in hexadecimal, in base64. */
  addKey(label: string, key: Uint8Array): void {
    const octets = Buffer.from(key);
    for (const form of ['hex', 'base64', 'base64url'] as const) {
      this.#addPieces(`${label} in ${form}`, Buffer.from(octets.toString(form), 'latin1'), PIECE, 0);
    }
    this.#addPieces(label, octets, PIECE, 0);
  }

  /** A large secret, sampled every `step` octets. */
  addContent(label: string, bytes: Uint8Array, step = 251): void {
    this.#addPieces(label, bytes, step, DISTINCT);
  }

  /** Takes out what also stands in `others`: what is the same in all files of a kind says nothing about one of them. */
  exclude(others: Iterable<Span>): void {
    const common: Uint8Array[] = [];
    this.find(others, (_, piece) => common.push(piece));
    for (const piece of common) this.#pieces.delete(keyOf(piece));
    this.#index = undefined;
  }

  #addPieces(label: string, bytes: Uint8Array, step: number, distinct: number): void {
    for (let at = 0; at + PIECE <= bytes.length; at += step) {
      const piece = bytes.slice(at, at + PIECE);
      if (new Set(piece).size < distinct || quiet(piece)) continue;
      const key = keyOf(piece);
      if (!this.#pieces.has(key)) this.#pieces.set(key, { label, bytes: piece });
    }
    this.#index = undefined;
  }

  /** Every piece that stands in `source`; its parts must follow each other within one `place`. */
  find(source: Iterable<Span>, found: (hit: Hit, piece: Uint8Array) => void): void {
    const index = this.#indexed();
    for (const { place, at, bytes } of source) {
      const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
      for (let i = 0; i < words.length; i++) {
        const word = words[i] ?? 0;
        if (word === 0) continue;
        const bit = slot(word);
        if (((this.#filter[bit >>> 5] ?? 0) & (1 << (bit & 31))) === 0) continue;
        for (const { piece, offset } of index.get(word) ?? []) {
          const start = i * 4 - offset;
          if (!standsAt(bytes, start, piece.bytes)) continue;
          found({ label: piece.label, place, at: at + start }, piece.bytes);
        }
      }
    }
  }

  /** An aligned word of a piece is one of its words at the offsets 0 to 3: so only every fourth place is looked at. */
  #indexed(): Map<number, Entry[]> {
    if (this.#index !== undefined) return this.#index;
    const index = new Map<number, Entry[]>();
    this.#filter.fill(0);
    for (const piece of this.#pieces.values()) {
      const view = new DataView(piece.bytes.buffer, piece.bytes.byteOffset, PIECE);
      for (let offset = 0; offset < 4; offset++) {
        const word = view.getUint32(offset, true);
        const entries = index.get(word) ?? [];
        entries.push({ piece, offset });
        index.set(word, entries);
        const bit = slot(word);
        this.#filter[bit >>> 5] = (this.#filter[bit >>> 5] ?? 0) | (1 << (bit & 31));
      }
    }
    this.#index = index;
    return index;
  }
}

/** A part of a memory or file. `bytes` begins on a multiple of four of its place. */
export interface Span {
  readonly place: string;
  /** Where it begins in its place. */
  readonly at: number;
  readonly bytes: Uint8Array;
}

/**
 * Reads `[from, to)` in overlapping spans through one buffer, which is overwritten by the next one.
 *
 * @param read as `readSync` with a position; answers how many octets there were
 */
export function* spans(
  place: string,
  from: number,
  to: number,
  read: (buffer: Uint8Array, position: number) => number,
): Generator<Span> {
  const buffer = new Uint8Array((Math.min(SPAN, to - from) + 3) & ~3);
  for (let at = from; at < to; at += SPAN - OVERLAP) {
    const wanted = Math.min(buffer.length, to - at);
    const count = read(buffer.subarray(0, wanted), at);
    if (count === 0) return;
    buffer.fill(0, count);
    yield { place, at, bytes: buffer.subarray(0, (count + 3) & ~3) };
    if (at + count >= to) return;
  }
}

function slot(word: number): number {
  return Math.imul(word, 0x9e3779b1) >>> (32 - FILTER_BITS);
}

function standsAt(bytes: Uint8Array, start: number, piece: Uint8Array): boolean {
  if (start < 0 || start + PIECE > bytes.length) return false;
  for (let i = 0; i < PIECE; i++) if (bytes[start + i] !== piece[i]) return false;
  return true;
}

/** Whether an indexed word is zero: such words are passed over in the scan. */
function quiet(piece: Uint8Array): boolean {
  const view = new DataView(piece.buffer, piece.byteOffset, PIECE);
  return [0, 1, 2, 3].some((offset) => view.getUint32(offset) === 0);
}

function keyOf(piece: Uint8Array): string {
  return Buffer.from(piece).toString('latin1');
}
