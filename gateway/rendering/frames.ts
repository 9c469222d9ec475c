import { RenderingError } from './error.ts';

// What gateway and child say to each other over two pipes:
//
//    0 length of the payload (u32, big endian)   4 kind (u8)   5 payload
//
// to the child      any number of warm and keep, then key, job, then for each object its chunks and one end
// from the child    ready, inspected, then for each page drawing, page, its chunks and one end; done or rejected
//
// A standing child takes any number of jobs (key, job, chunks and ends) and answers each with unsuited, inspected, or its
// pages (page, chunks, end) and done; rest in between is answered with ready.

/** Kinds of frames in the order of their numbers, from 1. */
const KINDS = [
  'ready',
  'key',
  'job',
  'chunk',
  'end',
  'inspected',
  'drawing',
  'page',
  'done',
  'rejected',
  'warm',
  'rest',
  'unsuited',
  'keep',
] as const;

/** What a frame is. */
export type FrameKind = (typeof KINDS)[number];

/** One frame; `payload` may be overwritten when the next one is read. */
export interface Frame {
  readonly kind: FrameKind;
  readonly payload: Uint8Array;
}

/** Bytes before the payload. */
export const FRAME_HEADER = 5;

/** Longest payload: one sealed record with its tag and the header of an object fit twice. */
export const MAX_PAYLOAD = 128 * 1024;

/** The header of a frame of `kind` with `length` bytes of payload. */
export function frameHeader(kind: FrameKind, length: number): Uint8Array {
  if (length > MAX_PAYLOAD) throw new RenderingError('protocol', `a frame holds at most ${MAX_PAYLOAD} bytes`);
  const header = new Uint8Array(FRAME_HEADER);
  new DataView(header.buffer).setUint32(0, length);
  header[4] = KINDS.indexOf(kind) + 1;
  return header;
}

/** Reads a header. @throws {RenderingError} `protocol` on an unknown kind or a length out of bounds */
export function parseFrameHeader(header: Uint8Array): { kind: FrameKind; length: number } {
  const length = new DataView(header.buffer, header.byteOffset, FRAME_HEADER).getUint32(0);
  const kind = KINDS[(header[4] ?? 0) - 1];
  if (kind === undefined) throw new RenderingError('protocol', 'unknown kind of frame');
  if (length > MAX_PAYLOAD) throw new RenderingError('protocol', 'frame too long');
  return { kind, length };
}

/** A JSON payload. */
export function encodeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** The object in a JSON payload. @throws {RenderingError} `protocol` when it is none */
export function decodeJson(payload: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // falls through: the text of the error could quote the payload
  }
  throw new RenderingError('protocol', 'a frame does not hold an object');
}

/** Cuts `bytes` into payloads. */
export function* pieces(bytes: Uint8Array, size: number = MAX_PAYLOAD): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
