import assert from 'node:assert/strict';
import { SealError, type SealErrorCode } from '../../../crypto/errors.ts';

/** Awaits a failure of one code and returns it. */
export async function rejectsWith(
  code: SealErrorCode | readonly SealErrorCode[],
  work: Promise<unknown>,
): Promise<SealError> {
  const failure = await work.then(
    () => assert.fail(`accepted where ${code} was due`),
    (error: unknown) => error,
  );
  assert.ok(failure instanceof SealError, `a SealError, not ${String(failure)}`);
  const codes = typeof code === 'string' ? [code] : code;
  assert.ok(codes.includes(failure.code), `${failure.code} where ${codes.join(' or ')} was due`);
  return failure;
}

/** Runs work that fails at once with one code. */
export function throwsWith(code: SealErrorCode, work: () => unknown): SealError {
  let failure: unknown;
  try {
    work();
  } catch (error) {
    failure = error;
  }
  assert.ok(failure instanceof SealError, `a SealError with ${code}, not ${String(failure)}`);
  assert.equal(failure.code, code, failure.message);
  return failure;
}

/** All chunks of a source as one array. Each is copied before the next is asked for, as openers zero what they lent. */
export async function collect(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk.slice());
  return new Uint8Array(Buffer.concat(chunks));
}

/** Octets that differ from place to place and from seed to seed. */
export function pattern(length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 31 + (at >>> 8) * 7 + seed * 101) & 0xff);
}

/** A buffer in chunks of one size. */
export function* chunked(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

/** A copy with one bit turned over. */
export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = new Uint8Array(bytes);
  changed[bit >>> 3] = (changed[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
  return changed;
}
