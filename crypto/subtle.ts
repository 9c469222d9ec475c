/** WebCrypto as this runtime has it: Node ≥ 20, browsers, Deno, workers. */
export type Subtle = typeof globalThis.crypto.subtle;

/** A WebCrypto key handle (the global type of the same name is missing from some type libraries). */
export type CryptoKeyHandle = Awaited<ReturnType<Subtle['importKey']>>;
