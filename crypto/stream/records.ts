import { aesGcmOpen, aesGcmSeal, TAG_SIZE } from '../aead.ts';
import { copyBytes } from '../bytes.ts';
import { SealError } from '../errors.ts';
import { wipe } from '../wipe.ts';
import type { StreamSecrets } from './secrets.ts';

// The record layout of SPEC.md §5. This file alone knows it:
//
//   stream   = record 0 ‖ record 1 ‖ … ‖ record n
//   record i = AES-GCM(key, nonce i, aad, plaintext i) = ciphertext ‖ 16-octet tag
//   nonce i  = iv XOR ( 0^7 ‖ final ‖ u32 i )       final = 1 in the last record, else 0
//
// Every record but the last holds exactly 65,536 plaintext octets; the last holds 1 to 65,536, or none when it is
// record 0. So a plaintext has one sealed form only, and each record is found by its place without a length field.

/** Plaintext octets of every record but the last. */
export const RECORD_SIZE = 65_536;
/** Octets of a full record on the wire. */
export const SEALED_RECORD_SIZE = RECORD_SIZE + TAG_SIZE;
/** The record number is a u32. */
const MAX_RECORDS = 2 ** 32;

/** Octets that `plaintext` octets take when sealed, without the header before them. */
export function sealedLength(plaintext: number): number {
  return plaintext + TAG_SIZE * Math.max(1, Math.ceil(plaintext / RECORD_SIZE));
}

const NO_BUFFER = new Uint8Array(0);
/** Buffers kept for the next stream. */
const MOST_KEPT = 32;
const kept: Uint8Array[] = [];

/** A zeroed buffer of a sealed record. Each one made anew would be 64 KiB for the collector to find, of a message of 200 octets too. */
function takeBuffer(): Uint8Array {
  return kept.pop() ?? new Uint8Array(SEALED_RECORD_SIZE);
}

/** Zeroes what was `used` of a buffer and keeps it for the next stream. */
function giveBuffer(buffer: Uint8Array, used: number): void {
  if (buffer.length === 0) return;
  wipe(buffer.subarray(0, used));
  if (kept.length < MOST_KEPT) kept.push(buffer);
}

function recordNonce(iv: Uint8Array, index: number, final: boolean): Uint8Array {
  const nonce = copyBytes(iv);
  const view = new DataView(nonce.buffer);
  nonce[7] = (nonce[7] ?? 0) ^ (final ? 1 : 0);
  view.setUint32(8, (view.getUint32(8) ^ index) >>> 0);
  return nonce;
}

/**
 * Seals a plaintext that arrives piecewise. Holds at most one record of it; the buffer is zeroed after each record.
 * One call at a time: the next `write` waits for the one before.
 */
export class RecordSealer {
  readonly #secrets: StreamSecrets;
  readonly #aad: Uint8Array;
  #buffer: Uint8Array = NO_BUFFER;
  #filled = 0;
  #index = 0;
  #state: 'open' | 'busy' | 'ended' = 'open';

  constructor(secrets: StreamSecrets, aad: Uint8Array) {
    this.#secrets = secrets;
    this.#aad = aad;
  }

  /** Takes a chunk of any size and returns the records that it completed. The chunk is neither kept nor zeroed. */
  async write(chunk: Uint8Array): Promise<Uint8Array[]> {
    const records: Uint8Array[] = [];
    for await (const record of this.push(chunk)) records.push(record);
    return records;
  }

  /** Like `write`, one record at a time, so that a large chunk does not stand twice in memory. */
  async *push(chunk: Uint8Array): AsyncGenerator<Uint8Array> {
    this.#enter();
    let rest = chunk;
    while (rest.length > 0) {
      // A full buffer is sealed only when more follows: until then it may be the last record.
      if (this.#filled === RECORD_SIZE) yield await this.#sealBuffer(false);
      if (this.#filled === 0 && rest.length > RECORD_SIZE) {
        yield await this.#seal(rest.subarray(0, RECORD_SIZE), false);
        rest = rest.subarray(RECORD_SIZE);
      } else {
        rest = rest.subarray(this.#take(rest));
      }
    }
    this.#state = 'open';
  }

  /** Seals what is left as the last record and closes the stream. */
  async end(): Promise<Uint8Array> {
    this.#enter();
    const record = await this.#sealBuffer(true);
    this.#state = 'ended';
    this.#giveBack();
    return record;
  }

  /** Zeroes what is buffered and refuses everything after it; for streams that are given up. */
  discard(): void {
    if (this.#state === 'busy') wipe(this.#buffer);
    else this.#giveBack();
    this.#state = 'ended';
  }

  /** Only when no seal is under way that still reads it. */
  #giveBack(): void {
    giveBuffer(this.#buffer, this.#filled);
    this.#buffer = NO_BUFFER;
    this.#filled = 0;
  }

  #enter(): void {
    if (this.#state !== 'open') throw new SealError('usage', `the sealed stream is ${this.#state}`);
    this.#state = 'busy';
  }

  #take(rest: Uint8Array): number {
    if (this.#buffer.length === 0) this.#buffer = takeBuffer();
    const taken = Math.min(RECORD_SIZE - this.#filled, rest.length);
    this.#buffer.set(rest.subarray(0, taken), this.#filled);
    this.#filled += taken;
    return taken;
  }

  async #sealBuffer(final: boolean): Promise<Uint8Array> {
    const plaintext = this.#buffer.subarray(0, this.#filled);
    const record = await this.#seal(plaintext, final);
    wipe(plaintext);
    this.#filled = 0;
    return record;
  }

  async #seal(plaintext: Uint8Array, final: boolean): Promise<Uint8Array> {
    if (this.#index >= MAX_RECORDS) throw new SealError('usage', 'a sealed stream has at most 2^32 records');
    const nonce = recordNonce(this.#secrets.iv, this.#index++, final);
    return aesGcmSeal(this.#secrets.key, nonce, this.#aad, plaintext);
  }
}

/** A plaintext source: chunks of any size. */
export type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** How a source's chunks are treated. */
export interface SealOptions {
  /** Zero each chunk of the source after it has been sealed. Only for sources that give their buffers away. */
  readonly wipeSource?: boolean;
}

/** The records of a whole plaintext. */
export async function* sealRecords(
  secrets: StreamSecrets,
  aad: Uint8Array,
  source: ByteSource,
  options: SealOptions = {},
): AsyncGenerator<Uint8Array> {
  const sealer = new RecordSealer(secrets, aad);
  try {
    for await (const chunk of source) {
      try {
        yield* sealer.push(chunk);
      } finally {
        if (options.wipeSource === true) wipe(chunk);
      }
    }
    yield await sealer.end();
  } finally {
    sealer.discard();
  }
}

/**
 * The plaintext of a stream of records, verified record by record: at most 65,536 octets a chunk, each zeroed when the
 * next one is asked for or the generator is closed. The stream is whole only when the generator ends by itself;
 * until then nothing may be committed. Throws `record` (not authentic, cut, reordered) or `truncated`.
 */
export async function* openRecords(
  secrets: StreamSecrets,
  aad: Uint8Array,
  source: ByteSource,
): AsyncGenerator<Uint8Array> {
  const wire = takeBuffer();
  let filled = 0;
  let index = 0;
  try {
    for await (const chunk of source) {
      for (let at = 0; at < chunk.length; ) {
        if (filled === SEALED_RECORD_SIZE) {
          yield* lend(await openRecord(secrets, aad, wire, index++, false));
          filled = 0;
        }
        const taken = Math.min(SEALED_RECORD_SIZE - filled, chunk.length - at);
        wire.set(chunk.subarray(at, at + taken), filled);
        filled += taken;
        at += taken;
      }
    }
    if (filled < TAG_SIZE) throw new SealError('truncated');
    // An empty last record after others would be a second sealed form of the same plaintext.
    if (filled === TAG_SIZE && index > 0) throw new SealError('record');
    yield* lend(await openRecord(secrets, aad, wire.subarray(0, filled), index, true));
  } finally {
    giveBuffer(wire, filled);
  }
}

async function openRecord(
  secrets: StreamSecrets,
  aad: Uint8Array,
  sealed: Uint8Array,
  index: number,
  final: boolean,
): Promise<Uint8Array> {
  if (index >= MAX_RECORDS) throw new SealError('record');
  const plaintext = await aesGcmOpen(secrets.key, recordNonce(secrets.iv, index, final), aad, sealed);
  if (plaintext === null) throw new SealError('record');
  return plaintext;
}

/** Hands a plaintext out for one turn and zeroes it after. An empty one is not handed out. */
function* lend(plaintext: Uint8Array): Generator<Uint8Array> {
  try {
    if (plaintext.length > 0) yield plaintext;
  } finally {
    wipe(plaintext);
  }
}
