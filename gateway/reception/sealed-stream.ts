/**
 * Ciphertext on its way into the vault: written piece by piece by the call, read by `ImageVault.put`. It holds one piece
 * at a time; a write resolves when the vault has taken the piece.
 */
export class SealedStream implements AsyncIterable<Uint8Array> {
  #piece: { readonly bytes: Uint8Array; readonly taken: PromiseWithResolvers<void> } | undefined;
  #end: { readonly error?: unknown } | undefined;
  #wake = () => {};

  /** Rejects when the reader has given up, with its reason. */
  async write(bytes: Uint8Array): Promise<void> {
    this.#assertOpen();
    const taken = Promise.withResolvers<void>();
    this.#piece = { bytes, taken };
    this.#wake();
    await taken.promise;
  }

  /** The object is whole: the reader ends. */
  close(): void {
    this.#end ??= {};
    this.#wake();
  }

  /** Gives up, from either side: the reader throws `error`, a waiting write rejects with it. */
  fail(error: unknown): void {
    this.#end ??= { error };
    this.#piece?.taken.reject(error);
    this.#piece = undefined;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const piece = this.#piece;
      if (piece !== undefined) {
        yield piece.bytes;
        this.#piece = undefined;
        piece.taken.resolve();
      } else if (this.#end !== undefined) {
        if ('error' in this.#end) throw this.#end.error;
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }

  #assertOpen(): void {
    if (this.#end !== undefined) throw this.#end.error ?? new Error('the stream is closed');
  }
}
