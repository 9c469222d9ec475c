/**
 * PackBits (TIFF 6.0 §9): a count byte n, then n + 1 literal bytes (0 … 127) or one byte to be repeated 257 − n times
 * (129 … 255); 128 is idle. Unpacks at most `size` bytes; what a cut image lacks stays zero.
 */
export function unpackBits(packed: Uint8Array, size: number): { bytes: Uint8Array; filled: number } {
  const bytes = new Uint8Array(size);
  let from = 0;
  let to = 0;
  while (to < size && from < packed.length) {
    const n = packed[from++] ?? 0;
    if (n < 128) {
      const literal = packed.subarray(from, Math.min(from + n + 1, from + size - to));
      bytes.set(literal, to);
      to += literal.length;
      from += n + 1;
    } else if (n > 128) {
      const run = Math.min(257 - n, size - to);
      if (from < packed.length) bytes.fill(packed[from++] ?? 0, to, to + run);
      else break;
      to += run;
    }
  }
  return { bytes, filled: to };
}
