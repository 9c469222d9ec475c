/**
 * Lasting keys of the gateway, each sealed under the root key: for the records they are noise with a name. Whoever makes
 * one first wins; all others read it.
 */
export interface KeyRecords {
  sealedKey(name: string): Promise<Uint8Array | undefined>;
  /** Stores `sealed` unless the name is taken; answers what stands there now. */
  addKey(name: string, sealed: Uint8Array, now: number): Promise<Uint8Array>;
  /** Puts `sealed` into the place of `was`. False when something else stands there by now. */
  replaceKey(name: string, was: Uint8Array, sealed: Uint8Array, now: number): Promise<boolean>;
  keyNames(): Promise<string[]>;
}
