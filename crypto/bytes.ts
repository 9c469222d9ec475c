import { SealError } from './errors.ts';

const encoder = new TextEncoder();

/** UTF-8 octets of `text`; a lone surrogate becomes U+FFFD. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Text of strict UTF-8 octets, or null when they are not UTF-8. A byte-order mark stays a character (and so fails JSON). */
export function fromUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** The JSON object in strict UTF-8 octets or text; null for anything else (arrays, scalars, bad UTF-8, bad JSON). */
export function jsonObject(source: Uint8Array | string): Readonly<Record<string, unknown>> | null {
  const text = typeof source === 'string' ? source : fromUtf8(source);
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** True for a JSON object: not null, not an array. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Zeroed octets outside the collected heap. V8 keeps the contents of a `new Uint8Array(n)` of at most 64 octets inside
 * its heap and moves them when it collects, which leaves copies behind that no `wipe` reaches; every buffer that may
 * hold a key comes from here.
 */
export function newBytes(length: number): Uint8Array {
  return new Uint8Array(new ArrayBuffer(length));
}

/** All parts in one new array. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = newBytes(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * A copy in memory of its own, outside the collected heap ({@link newBytes}). `slice` is neither: of a key it leaves
 * traces, and on Node's Buffer, which is a Uint8Array too, it gives a view.
 */
export function copyBytes(bytes: Uint8Array, from = 0, to: number = bytes.length): Uint8Array {
  const part = bytes.subarray(from, to);
  const own = newBytes(part.length);
  own.set(part);
  return own;
}

/** Big-endian 16-bit integer. */
export function u16(value: number): Uint8Array {
  const bytes = new Uint8Array(2);
  new DataView(bytes.buffer).setUint16(0, value);
  return bytes;
}

/** Big-endian 32-bit integer. */
export function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** Big-endian 64-bit integer of a safe non-negative number. */
export function u64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

/** The big-endian 32-bit integer at `at`; the caller has checked that four octets are there. */
export function readU32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at);
}

/**
 * Equality in time that depends on the lengths only. Lengths are public in every use here.
 * The Node door exports the variant of OpenSSL under the name `constantTimeEqual`.
 */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

/** Throws `usage` unless `bytes` has exactly `length` octets: a length error of ours must never pass as a weak key. */
export function expectLength(what: string, bytes: Uint8Array, length: number): void {
  if (!(bytes instanceof Uint8Array) || bytes.length !== length) {
    throw new SealError('usage', `${what} must be ${length} bytes`);
  }
}
