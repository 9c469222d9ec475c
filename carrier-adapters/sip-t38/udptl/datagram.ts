import { newOctets } from '../octets.ts';
import { LengthReader, lengthSize, writeLength } from './length.ts';

// UDPTLPacket (T.38 annex A, aligned PER):
//
//    0 sequence number u16   2 length   … primary IFP packet   … choice (first bit of an octet)
//
//    choice 0, secondary packets:  count   then each: length, IFP packet; the one before the primary comes first
//    choice 1, parity:             span (INTEGER: length 1, octet)   count   then each: length, parity octets
//
// Lengths and counts are PER length determinants (see length.ts).

/** Octets of the longest datagram that is read; we ask for less by T38FaxMaxDatagram. */
export const MAX_DATAGRAM = 4_096;
/** Secondary packets or parity entries that are looked at in one datagram; more is no use to anybody. */
export const MAX_ENTRIES = 32;
/** Packets that one parity entry may cover. */
export const MAX_SPAN = 16;
/** Packets that all entries of a datagram may cover together. */
export const MAX_COVERED = 64;
const FEC_CHOICE = 0x80;
const SEQUENCE_SIZE = 2;

/** What a datagram brings besides its own packet; `parts` are views of it. */
export type Redundancy =
  | { readonly kind: 'secondary'; readonly parts: readonly Uint8Array[] }
  | { readonly kind: 'parity'; readonly span: number; readonly parts: readonly Uint8Array[] };

/** One UDPTL datagram. */
export interface Datagram {
  /** 0 to 65,535. */
  readonly sequence: number;
  readonly primary: Uint8Array;
  readonly redundancy: Redundancy;
}

/**
 * Reads a datagram, in time linear in its length. null: not UDPTL. A datagram whose recovery part is damaged, but whose
 * own packet is whole, is taken without recovery: some peers end it early.
 */
export function parseDatagram(bytes: Uint8Array): Datagram | null {
  const reader = new LengthReader(bytes, 0);
  const sequence = (reader.octet() << 8) | reader.octet();
  const primary = reader.part();
  if (reader.broken || primary.length === 0) return null;
  return { sequence, primary, redundancy: readRedundancy(reader) };
}

const NONE: Redundancy = { kind: 'secondary', parts: [] };

function readRedundancy(reader: LengthReader): Redundancy {
  const parity = (reader.octet() & FEC_CHOICE) !== 0;
  const span = parity ? readSpan(reader) : 0;
  const count = reader.length();
  if (reader.broken || count > MAX_ENTRIES) return NONE;
  const parts: Uint8Array[] = [];
  while (parts.length < count && !reader.broken) parts.push(reader.part());
  if (reader.broken || span * count > MAX_COVERED) return NONE;
  return parity ? { kind: 'parity', span, parts } : { kind: 'secondary', parts };
}

/** fec-npackets is an unconstrained INTEGER: an octet of length, then its value. */
function readSpan(reader: LengthReader): number {
  if (reader.length() !== 1) reader.broken = true;
  const span = reader.octet();
  if (span > MAX_SPAN) reader.broken = true;
  return span;
}

/** Octets of a datagram with these parts. */
export function datagramSize(primary: number, redundancy: Redundancy): number {
  const choice = redundancy.kind === 'parity' ? 3 : 1;
  let size = SEQUENCE_SIZE + lengthSize(primary) + primary + choice + lengthSize(redundancy.parts.length);
  for (const part of redundancy.parts) size += lengthSize(part.length) + part.length;
  return size;
}

/** The octets of a datagram. Every part is shorter than 16,384 octets. */
export function buildDatagram({ sequence, primary, redundancy }: Datagram): Uint8Array {
  const bytes = newOctets(datagramSize(primary.length, redundancy));
  bytes[0] = sequence >> 8;
  bytes[1] = sequence & 0xff;
  let at = writePart(bytes, SEQUENCE_SIZE, primary);
  if (redundancy.kind === 'parity') {
    bytes[at] = FEC_CHOICE;
    bytes[at + 1] = 1;
    bytes[at + 2] = redundancy.span;
    at += 3;
  } else {
    at += 1;
  }
  at = writeLength(bytes, at, redundancy.parts.length);
  for (const part of redundancy.parts) at = writePart(bytes, at, part);
  return bytes;
}

function writePart(bytes: Uint8Array, at: number, part: Uint8Array): number {
  const start = writeLength(bytes, at, part.length);
  bytes.set(part, start);
  return start + part.length;
}
