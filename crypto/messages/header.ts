import { concat, copyBytes, readU32, u64, utf8 } from '../bytes.ts';
import { SealError } from '../errors.ts';

// Header of a sealed message, 96 octets, the AAD of every record (SPEC.md §6):
//
//    0 "SFX1" | 4 type (1 request, 2 response) | 5..7 zero | 8 sid (16) | 24 seq u64 | 32 salt (32) | 64 commit (32)

const MAGIC = utf8('SFX1');
const TYPE_AT = 4;
const SID_AT = 8;
const SEQ_AT = 24;
const SALT_AT = 32;
const COMMIT_AT = 64;
/** Octets of a header. */
export const MESSAGE_HEADER_SIZE = 96;
/** Octets of a message's salt. */
export const SALT_SIZE = 32;
/** Messages of one session: `seq` is below this, so the u64's upper half is always zero. */
export const MESSAGES_PER_SESSION = 2 ** 20;

/** Direction of a message. */
export type MessageType = 'request' | 'response';

/** `type` octet on the wire and in `info`. */
export const TYPE_OCTETS = { request: 1, response: 2 } as const satisfies Record<MessageType, number>;

/** A header taken apart. Nothing of it is authentic before record 0 has been opened. */
export interface MessageHeader {
  readonly type: MessageType;
  readonly sid: Uint8Array;
  readonly seq: number;
  readonly salt: Uint8Array;
  readonly commit: Uint8Array;
  /** The 96 octets as they stand. */
  readonly octets: Uint8Array;
}

/** The 96 octets. */
export function encodeHeader(header: Omit<MessageHeader, 'octets'>): Uint8Array {
  const type = Uint8Array.of(TYPE_OCTETS[header.type], 0, 0, 0);
  return concat(MAGIC, type, header.sid, u64(header.seq), header.salt, header.commit);
}

/** Throws `header` for anything that no peer of this protocol writes. */
export function parseHeader(octets: Uint8Array): MessageHeader {
  const fixed = MAGIC.every((octet, at) => octets[at] === octet);
  const reserved = octets.subarray(TYPE_AT + 1, SID_AT).every((octet) => octet === 0);
  if (octets.length !== MESSAGE_HEADER_SIZE || !fixed || !reserved) throw new SealError('header');
  return {
    type: typeOf(octets[TYPE_AT]),
    sid: copyBytes(octets, SID_AT, SEQ_AT),
    seq: seqOf(octets),
    salt: copyBytes(octets, SALT_AT, COMMIT_AT),
    commit: copyBytes(octets, COMMIT_AT),
    octets,
  };
}

function typeOf(octet: number | undefined): MessageType {
  if (octet === TYPE_OCTETS.request) return 'request';
  if (octet === TYPE_OCTETS.response) return 'response';
  throw new SealError('header');
}

function seqOf(octets: Uint8Array): number {
  const seq = readU32(octets, SEQ_AT + 4);
  if (readU32(octets, SEQ_AT) !== 0 || seq >= MESSAGES_PER_SESSION) throw new SealError('header');
  return seq;
}
