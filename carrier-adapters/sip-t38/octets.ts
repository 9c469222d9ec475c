/**
 * V8 keeps arrays of up to 64 octets within its heap, where the collector moves them about and leaves copies behind that
 * nobody can wipe. Octets of pages therefore stand in pieces of larger blocks, which also cost less than arrays of their own.
 */
const BLOCK = 16_384;
/** Octets from which an array of its own is outside of the heap at no more cost. */
const LARGE = 1_024;

let block = new Uint8Array(BLOCK);
let used = 0;

/** `length` zeros outside of V8's heap; the block that they are part of lives as long as any of its pieces. */
export function newOctets(length: number): Uint8Array<ArrayBuffer> {
  if (length >= LARGE) return new Uint8Array(length);
  if (used + length > BLOCK) {
    block = new Uint8Array(BLOCK);
    used = 0;
  }
  const begin = used;
  used += length;
  return block.subarray(begin, used);
}

/** A copy of `octets` outside of V8's heap. */
export function copied(octets: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = newOctets(octets.length);
  copy.set(octets);
  return copy;
}

/** The octets of all `parts`, one after the other, outside of V8's heap. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = newOctets(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
