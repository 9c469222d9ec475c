/** Where the gateway's lasting keys lie, each sealed under the root key with its name as context. */
export interface KeyStore {
  /** The named secret, if there is one. The caller owns the bytes. */
  read(name: string): Promise<Uint8Array | undefined>;
  /**
   * The named secret; made by `make` at the first use, durable before this resolves. Of several processes that make it
   * at once, one wins and all get the same. The caller owns the bytes.
   */
  secret(name: string, make: () => Promise<Uint8Array>): Promise<Uint8Array>;
  /** Puts `bytes` in the place of the secret; answers what stands there now, since another process may have been faster. */
  replace(name: string, bytes: Uint8Array): Promise<Uint8Array>;
}
