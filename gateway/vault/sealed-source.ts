import { hex, sha256Stream } from '../../crypto/index.ts';
import type { StoredObject } from '../ports/image-vault.ts';

/** Sealed octets on their way into a store, measured as they pass; ended by `signal` even while the next ones are awaited. */
export class SealedSource {
  readonly #sealed: AsyncIterable<Uint8Array>;
  readonly #signal: AbortSignal;
  readonly #hash = sha256Stream();
  #bytes = 0;

  constructor(sealed: AsyncIterable<Uint8Array>, signal: AbortSignal) {
    this.#sealed = sealed;
    this.#signal = signal;
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    for await (const chunk of untilAborted(this.#sealed, this.#signal)) {
      this.#hash.update(chunk);
      this.#bytes += chunk.length;
      yield chunk;
    }
  }

  /** After the last chunk. */
  stored(object: string): StoredObject {
    return { object, bytes: this.#bytes, sha256: hex(this.#hash.digest()) };
  }
}

/** `source`, ended by the signal even while it waits for its next chunk (a stalled upload, a far machine that is silent). */
async function* untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => undefined);
  try {
    for (;;) {
      signal.throwIfAborted();
      const next = await Promise.race([iterator.next(), aborted]);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    const ended = Promise.resolve(iterator.return?.()).catch(() => undefined);
    // A source that is stuck cannot be waited for; it ends when it wakes.
    if (!signal.aborted) await ended;
  }
}
