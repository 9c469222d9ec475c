import { SealError } from '../errors.ts';
import type { ByteSource } from './records.ts';

const NOTHING = new Uint8Array(0);

/** A source cut in two. */
export interface SplitSource {
  /** Exactly the octets asked for. */
  readonly prefix: Uint8Array;
  /** What follows; closing it closes the source. */
  readonly rest: AsyncGenerator<Uint8Array>;
}

/** Reads the first `length` octets of a source. Throws `truncated` when it ends before. */
export async function splitPrefix(source: ByteSource, length: number): Promise<SplitSource> {
  const chunks = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : fromSync(source);
  const prefix = new Uint8Array(length);
  let filled = 0;
  let left: Uint8Array = NOTHING;
  while (filled < length) {
    const next = await chunks.next();
    if (next.done === true) throw new SealError('truncated');
    const taken = Math.min(length - filled, next.value.length);
    prefix.set(next.value.subarray(0, taken), filled);
    filled += taken;
    left = next.value.subarray(taken);
  }
  return { prefix, rest: await continued(left, chunks) };
}

async function* fromSync(source: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* source;
}

/**
 * `first`, then the rest of `chunks`. The generator has already been started when it is returned, because closing one
 * that was never started would skip its `finally` and leave the source open and its plaintext in memory.
 */
export async function continued(
  first: Uint8Array,
  chunks: AsyncIterator<Uint8Array>,
): Promise<AsyncGenerator<Uint8Array>> {
  const generator = run(first, chunks);
  await generator.next();
  return generator;
}

async function* run(first: Uint8Array, chunks: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield NOTHING;
    if (first.length > 0) yield first;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
  } finally {
    await chunks.return?.();
  }
}
