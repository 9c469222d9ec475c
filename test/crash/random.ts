/** Repeatable randomness: the same seed, the same plan. */
export interface Random {
  /** 0 ≤ x < 1. */
  next(): number;
  /** 0 … limit − 1. */
  below(limit: number): number;
}

/** xorshift32 (Marsaglia 2003, “Xorshift RNGs”, §3). */
export function createRandom(seed: number): Random {
  let state = (seed ^ 0x9e37_79b9) >>> 0 || 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
  return { next, below: (limit) => Math.floor(next() * limit) };
}
