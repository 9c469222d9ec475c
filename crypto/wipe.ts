let pending = false;

/**
 * Overwrites each buffer with zeros. Copies that V8 or WebCrypto made before are out of reach here: keys are held in
 * `newBytes` memory so that the first has none, and `scheduleCollection` frees the second.
 */
export function wipe(...buffers: readonly Uint8Array[]): void {
  for (const buffer of buffers) buffer.fill(0);
  pending = true;
}

/** Notes that a CryptoKey handle has been dropped: its copy of the key leaves memory when the collector frees the handle. */
export function noteDroppedKey(): void {
  pending = true;
}

/** True when something was wiped or dropped since the last call; resets. Only the collection asks. */
export function takePending(): boolean {
  const was = pending;
  pending = false;
  return was;
}
