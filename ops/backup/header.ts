import { BackupError } from './errors.ts';

// The container of a backup (docs/operations/backup.md says it to operators):
//
//   0 "SFB1"   4 u32 length of the header   8 header, JSON   then one stored object of crypto (SPEC.md §9):
//   context = (id, "backup/" ‖ hex(SHA-256(octets 0 to the end of the header)))   key = see file-key.ts
//   plaintext = Zstandard (RFC 8878) of lines (lines.ts)
//
// So a changed header opens as little as a changed record.

const MAGIC = 'SFB1';
/** Octets before the JSON. */
export const PREFIX_SIZE = 8;
/** A header has about 600 octets. */
export const HEADER_LIMIT = 16_384;

/** What stands in clear at the front of a backup: nothing about customers. */
export interface BackupHeader {
  readonly v: 1;
  /** `bak_…`. */
  readonly id: string;
  /** Schema of the rows. */
  readonly schema: number;
  /** When the copy was taken, ISO 8601. */
  readonly created: string;
  /** Pin of the gateway's root identity. */
  readonly gateway: string;
  readonly keys: {
    /** The file key, or its first half, wrapped under the root key; base64url. */
    readonly root: string;
    /** The second half, wrapped to the public key with this pin. */
    readonly recipient?: { readonly pin: string; readonly wrapped: string };
  };
}

/** Octets 0 to the end of the header. */
export function encodeHeader(header: BackupHeader): Uint8Array {
  const json = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(PREFIX_SIZE);
  prefix.write(MAGIC, 'latin1');
  prefix.writeUInt32BE(json.length, 4);
  return Buffer.concat([prefix, json]);
}

/** Length of the JSON that follows the first eight octets. @throws BackupError format_unknown */
export function headerLength(prefix: Uint8Array): number {
  const view = Buffer.from(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  const length = view.length < PREFIX_SIZE ? 0 : view.readUInt32BE(4);
  if (view.toString('latin1', 0, 4) !== MAGIC || length === 0 || length > HEADER_LIMIT) throw notOurs();
  return length;
}

/** @throws BackupError format_unknown */
export function parseHeader(json: Uint8Array): BackupHeader {
  try {
    const value = JSON.parse(Buffer.from(json).toString('utf8')) as Partial<BackupHeader> | null;
    if (value !== null && isHeader(value)) return value;
  } catch {
    // said below
  }
  throw notOurs();
}

function isHeader(value: Partial<BackupHeader>): value is BackupHeader {
  const { v, id, schema, created, gateway, keys } = value;
  const texts = [id, created, gateway, keys?.root].every((text) => typeof text === 'string');
  const recipient = keys?.recipient;
  const pair = recipient === undefined || [recipient?.pin, recipient?.wrapped].every((one) => typeof one === 'string');
  return v === 1 && texts && pair && /^bak_[0-9a-z]{26}$/.test(id ?? '') && Number.isSafeInteger(schema);
}

function notOurs(): BackupError {
  return new BackupError('format_unknown', 'this is no backup of a gateway, or one of a later release');
}
