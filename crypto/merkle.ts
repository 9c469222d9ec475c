import { concat, equalBytes } from './bytes.ts';
import { SealError } from './errors.ts';
import { sha256 } from './hash.ts';

// Merkle tree of RFC 6962 §2.1 over SHA-256: a leaf is hashed after 0x00, a node after 0x01, so that no leaf can be
// passed off as a node.

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

function leafHash(leaf: Uint8Array): Uint8Array {
  return sha256(concat(LEAF, leaf));
}

function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concat(NODE, left, right));
}

/** The largest power of two smaller than `count`. */
function split(count: number): number {
  let size = 1;
  while (size * 2 < count) size *= 2;
  return size;
}

/** Root over the leaves in their order: 32 octets; that of no leaves is SHA-256 of nothing. */
export function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256(new Uint8Array(0));
  const [only] = leaves;
  if (leaves.length === 1 && only !== undefined) return leafHash(only);
  const k = split(leaves.length);
  return nodeHash(merkleRoot(leaves.slice(0, k)), merkleRoot(leaves.slice(k)));
}

/** The hashes that lead from one leaf to the root, leaf side first (RFC 6962 §2.1.1). */
export function merkleProof(leaves: readonly Uint8Array[], index: number): Uint8Array[] {
  if (!Number.isInteger(index) || index < 0 || index >= leaves.length) throw new SealError('usage', 'no such leaf');
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return index < k
    ? [...merkleProof(leaves.slice(0, k), index), merkleRoot(leaves.slice(k))]
    : [...merkleProof(leaves.slice(k), index - k), merkleRoot(leaves.slice(0, k))];
}

/** True when `leaf` stands at `index` of the `count` leaves under `root`. */
export function verifyMerkleProof(
  root: Uint8Array,
  count: number,
  index: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (!Number.isInteger(index) || index < 0 || index >= count) return false;
  const found = climb(count, index, leafHash(leaf), proof);
  return found !== null && equalBytes(found, root);
}

function climb(count: number, index: number, leaf: Uint8Array, proof: readonly Uint8Array[]): Uint8Array | null {
  if (count === 1) return proof.length === 0 ? leaf : null;
  const sibling = proof.at(-1);
  if (sibling === undefined) return null;
  const k = split(count);
  const below = proof.slice(0, -1);
  const own = index < k ? climb(k, index, leaf, below) : climb(count - k, index - k, leaf, below);
  if (own === null) return null;
  return index < k ? nodeHash(own, sibling) : nodeHash(sibling, own);
}
