import { addressType } from './address.ts';
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

/** The session of a new dialog. @param id one to eighteen decimal digits, different for each call. @throws RangeError otherwise */
export function openSession(id: string): SdpSession {
  if (!/^\d{1,18}$/.test(id)) throw new RangeError('a session id is one to eighteen decimal digits');
  return { id, version: 0, lines: [], said: '' };
}

/**
 * The next description, with these media lines at `address`. Its version is one higher than before, unless nothing but the
 * version would differ (RFC 3264 §8).
 */
export function describe(session: SdpSession, address: string, lines: readonly MediaDescription[]): Described {
  const where = `IN ${addressType(address)} ${address}`;
  const said = ['s=-', `c=${where}`, 't=0 0', ...lines.flatMap(written)].join('\r\n');
  const version = said === session.said ? session.version : session.version + 1;
  const sdp = `v=0\r\no=- ${session.id} ${version} ${where}\r\n${said}\r\n`;
  return { session: { ...session, version, lines, said }, sdp };
}

function written({ kind, port, protocol, formats, attributes }: MediaDescription): string[] {
  const values = attributes.map(({ name, value }) => (value === null ? `a=${name}` : `a=${name}:${value}`));
  return [`m=${kind} ${port} ${protocol} ${formats.join(' ')}`, ...values];
}

/** A media line that is refused or no longer wanted: its place stays (RFC 3264 §6, §8.2). */
export function closed({ kind, protocol, formats }: MediaDescription): MediaDescription {
  return { kind, port: 0, protocol, formats, address: null, attributes: [] };
}
