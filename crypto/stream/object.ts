import { concat, equalBytes, expectLength, u16, utf8 } from '../bytes.ts';
import { hkdfExtract } from '../digest.ts';
import { SealError } from '../errors.ts';
import { lab } from '../label.ts';
import { type RandomSource, randomBytes } from '../random.ts';
import { wipe } from '../wipe.ts';
import { splitPrefix } from './prefix.ts';
import { type ByteSource, openRecords, RecordSealer, type SealOptions, sealedLength, sealRecords } from './records.ts';
import { COMMIT_SIZE, deriveStreamSecrets, type StreamSecrets } from './secrets.ts';

// Stored object, SPEC.md §9:
//
//    0 "SFV1"   4 store version 1   5..7 zero   8 salt (32 random)   40 commit (32)   72 records…
//
//   where = u16|fax| ‖ fax ‖ u16|object| ‖ object          okm  = HKDF-Expand(HKDF-Extract(salt, DEK), lab("object") ‖ 1 ‖ where, 76)
//   AAD of every record = the 72 octets ‖ where

const MAGIC = utf8('SFV1');
const STORE_VERSION = 1;
const SALT_AT = 8;
const SALT_SIZE = 32;
const COMMIT_AT = SALT_AT + SALT_SIZE;
/** Octets before the first record. */
export const OBJECT_HEADER_SIZE = COMMIT_AT + COMMIT_SIZE;

/** Where a stored object belongs. It opens nowhere else. */
export interface ObjectContext {
  /** Id of the fax. */
  readonly fax: string;
  /** Name within the fax, such as `doc/0` or `page/3`. */
  readonly object: string;
}

/** Octets of a stored object that holds `plaintext` octets. */
export function storedObjectLength(plaintext: number): number {
  return OBJECT_HEADER_SIZE + sealedLength(plaintext);
}

function encodeContext(context: ObjectContext): Uint8Array {
  const fax = utf8(context.fax);
  const object = utf8(context.object);
  if (fax.length === 0 || object.length === 0 || fax.length > 255 || object.length > 255) {
    throw new SealError('usage', 'fax and object names have 1 to 255 bytes');
  }
  return concat(u16(fax.length), fax, u16(object.length), object);
}

async function objectSecrets(dek: Uint8Array, salt: Uint8Array, where: Uint8Array): Promise<StreamSecrets> {
  expectLength('a data key', dek, 32);
  const prk = await hkdfExtract(salt, dek);
  const secrets = await deriveStreamSecrets(prk, concat(lab('object'), Uint8Array.of(STORE_VERSION), where));
  wipe(prk);
  return secrets;
}

/** Push form of {@link sealObject}, for pages and uploads that arrive piecewise. */
export interface ObjectSealer {
  /** The first 72 octets of the object. */
  readonly header: Uint8Array;
  /** Takes a chunk of any size, keeps no reference to it, and returns the records that it completed. */
  write(chunk: Uint8Array): Promise<Uint8Array[]>;
  /** The last record; the object is whole only with it. */
  end(): Promise<Uint8Array>;
  /** Zeroes what is buffered; for objects that are given up. */
  discard(): void;
}

/**
 * Starts a stored object under a fax's data key. The DEK is not kept.
 *
 * @param dek 32 octets
 * @param random for vectors only
 */
export async function createObjectSealer(
  dek: Uint8Array,
  context: ObjectContext,
  options: SealOptions = {},
  random: RandomSource = randomBytes,
): Promise<ObjectSealer> {
  const { header, secrets, aad } = await startObject(dek, context, random);
  const sealer = new RecordSealer(secrets, aad);
  return {
    header,
    async write(chunk) {
      try {
        return await sealer.write(chunk);
      } finally {
        if (options.wipeSource === true) wipe(chunk);
      }
    },
    end: () => sealer.end(),
    discard: () => sealer.discard(),
  };
}

interface StartedObject {
  readonly header: Uint8Array;
  readonly secrets: StreamSecrets;
  readonly aad: Uint8Array;
}

async function startObject(dek: Uint8Array, context: ObjectContext, random: RandomSource): Promise<StartedObject> {
  const where = encodeContext(context);
  const salt = random(SALT_SIZE);
  const secrets = await objectSecrets(dek, salt, where);
  const header = concat(MAGIC, Uint8Array.of(STORE_VERSION, 0, 0, 0), salt, secrets.commit);
  return { header, secrets, aad: concat(header, where) };
}

/**
 * A stored object of the vault: header, then records. Plaintext stands in one 64 KiB buffer, zeroed after each record.
 * Chunks of the source are neither kept nor, unless `wipeSource` says so, zeroed.
 */
export async function* sealObject(
  dek: Uint8Array,
  context: ObjectContext,
  source: ByteSource,
  options: SealOptions = {},
  random: RandomSource = randomBytes,
): AsyncGenerator<Uint8Array> {
  const { header, secrets, aad } = await startObject(dek, context, random);
  yield header;
  yield* sealRecords(secrets, aad, source, options);
}

/**
 * The plaintext of a stored object in chunks of at most 64 KiB, each zeroed when the next one is asked for. Only a
 * generator that ends by itself has given the whole object. Throws `header`, `commit` (wrong key, fax or object),
 * `record` (changed, cut, reordered) or `truncated`.
 */
export async function* openObject(
  dek: Uint8Array,
  context: ObjectContext,
  source: ByteSource,
): AsyncGenerator<Uint8Array> {
  const where = encodeContext(context);
  const { prefix: header, rest } = await splitPrefix(source, OBJECT_HEADER_SIZE);
  try {
    checkObjectHeader(header);
    const secrets = await objectSecrets(dek, header.subarray(SALT_AT, COMMIT_AT), where);
    if (!equalBytes(secrets.commit, header.subarray(COMMIT_AT))) throw new SealError('commit');
    yield* openRecords(secrets, concat(header, where), rest);
  } finally {
    await rest.return(undefined);
  }
}

function checkObjectHeader(header: Uint8Array): void {
  const expected = concat(MAGIC, Uint8Array.of(STORE_VERSION, 0, 0, 0));
  if (!equalBytes(header.subarray(0, SALT_AT), expected)) throw new SealError('header');
}
