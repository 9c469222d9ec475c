/**
 * Remembers, for each gateway, the highest statement sequence seen, so that an old statement (with a revoked handshake
 * key) is refused. A client that outlives its process should keep it beside the connection string.
 */
export interface SequenceMemory {
  /** 0 when nothing was seen from these pins. */
  highest(pins: readonly string[]): Promise<number>;
  saw(pins: readonly string[], seq: number): Promise<void>;
}

/** A memory as long as the process. */
export function processMemory(): SequenceMemory {
  const seen = new Map<string, number>();
  const key = (pins: readonly string[]) => [...pins].sort().join(' ');
  return {
    highest: async (pins) => seen.get(key(pins)) ?? 0,
    saw: async (pins, seq) => void seen.set(key(pins), Math.max(seq, seen.get(key(pins)) ?? 0)),
  };
}
