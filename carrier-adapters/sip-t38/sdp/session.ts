import type { MediaDescription } from './description.ts';

/**
 * Our side of the descriptions of one dialog (RFC 3264 §5 and §8): immutable, each offer or answer makes the next one.
 */
export interface SdpSession {
  /** The session id of our o= line: decimal digits. */
  readonly id: string;
  /** Version of the description last made; 0 before the first. */
  readonly version: number;
  /** The media lines of the session so far: a later description has at least as many, each in its place. */
  readonly lines: readonly MediaDescription[];
  /** The description last made without its o= line, to see whether the next one differs; empty before the first. */
  readonly said: string;
}

/** A description of ours, ready to be sent, and the session that comes of it. */
export interface Described {
  readonly session: SdpSession;
  readonly sdp: string;
}

/** The session of a new dialog. `id`: one to nineteen decimal digits, different for each call. */
export function openSession(id: string): SdpSession {
  return { id, version: 0, lines: [], said: '' };
}
