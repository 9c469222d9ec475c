import { pipeline, Readable, type Transform } from 'node:stream';
import { createZstdCompress, createZstdDecompress } from 'node:zlib';
import {
  type ByteSource,
  copyBytes,
  hex,
  openObject,
  type RecipientKey,
  SealError,
  sealObject,
  sha256,
  wipe,
} from '../../crypto/index.ts';
import { BackupError } from './errors.ts';
import { type FileKey, openFileKey } from './file-key.ts';
import { type BackupHeader, encodeHeader, headerLength, PREFIX_SIZE, parseHeader } from './header.ts';

/** The keys that open backups: those of the operator, or of one backup its own. */
export type OpeningKeys =
  | {
      readonly rootKey: Uint8Array;
      /** Needed for backups that were sealed to a public key. */
      readonly recipient?: RecipientKey | undefined;
    }
  | { readonly fileKey: Uint8Array };

/** The octets of a backup with this plaintext, one compressed and sealed record at a time. The key stays the caller's. */
export async function* sealBackup(
  header: Omit<BackupHeader, 'keys'>,
  { key, wraps }: FileKey,
  plaintext: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const front = encodeHeader({ ...header, keys: wraps });
  yield front;
  yield* sealObject(key, contextOf(header.id, front), through(plaintext, createZstdCompress()));
}

/** A backup whose header has been read. */
export interface OpenedBackup {
  readonly header: BackupHeader;
  /**
   * The plaintext, each chunk verified before it is handed out; whole only when it ends by itself.
   *
   * @throws BackupError key_missing, wrong_key, damaged, truncated
   */
  plaintext(keys: OpeningKeys): AsyncGenerator<Uint8Array>;
}

/** Reads the header; the rest is read with `plaintext`, once. @throws BackupError format_unknown */
export async function openBackup(source: AsyncIterable<Uint8Array>): Promise<OpenedBackup> {
  const chunks = source[Symbol.asyncIterator]();
  const front = new Front(chunks);
  const prefix = await front.take(PREFIX_SIZE);
  const json = await front.take(headerLength(prefix));
  const header = parseHeader(json);
  const context = contextOf(header.id, Buffer.concat([prefix, json]));
  return { header, plaintext: (keys) => opened(header, context, front.rest(), keys) };
}

async function* opened(
  header: BackupHeader,
  context: { readonly fax: string; readonly object: string },
  sealed: ByteSource,
  keys: OpeningKeys,
): AsyncGenerator<Uint8Array> {
  const key = 'fileKey' in keys ? copyBytes(keys.fileKey) : await openFileKey(header, keys.rootKey, keys.recipient);
  try {
    yield* through(ownCopies(openObject(key, context, sealed)), createZstdDecompress());
  } catch (error) {
    throw readable(error);
  } finally {
    wipe(key);
  }
}

/** An opened record is zeroed when the next one is asked for; the decompressor may still hold it then. */
async function* ownCopies(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) yield Uint8Array.from(chunk);
}

function readable(error: unknown): unknown {
  if (error instanceof SealError) {
    return error.code === 'truncated'
      ? new BackupError('truncated', 'the backup ends too early')
      : new BackupError('damaged', 'the backup was changed or damaged');
  }
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string' && /^(ZSTD|Z_|ERR_ZLIB|ERR_BUFFER)/.test(code)) {
    return new BackupError('damaged', 'the backup was changed or damaged', error);
  }
  return error;
}

function contextOf(id: string, front: Uint8Array): { readonly fax: string; readonly object: string } {
  return { fax: id, object: `backup/${hex(sha256(front))}` };
}

/** `source` through a compressor; an error of either side ends the iteration with it. */
async function* through(source: AsyncIterable<Uint8Array>, transform: Transform): AsyncGenerator<Uint8Array> {
  const output = pipeline(Readable.from(source, { objectMode: false }), transform, () => undefined);
  for await (const chunk of output) yield chunk as Uint8Array;
}

/** Takes the header off a source of chunks of any size. */
class Front {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #left: Uint8Array = new Uint8Array(0);

  constructor(chunks: AsyncIterator<Uint8Array>) {
    this.#chunks = chunks;
  }

  /** Exactly `length` octets. @throws BackupError format_unknown when there are fewer */
  async take(length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [this.#left];
    let size = this.#left.length;
    while (size < length) {
      const next = await this.#chunks.next();
      if (next.done === true) throw new BackupError('format_unknown', 'the file is too short to be a backup');
      parts.push(Uint8Array.from(next.value));
      size += next.value.length;
    }
    const whole = Buffer.concat(parts);
    this.#left = whole.subarray(length);
    return whole.subarray(0, length);
  }

  async *rest(): AsyncGenerator<Uint8Array> {
    try {
      yield this.#left;
      for (let next = await this.#chunks.next(); next.done !== true; next = await this.#chunks.next()) yield next.value;
    } finally {
      await this.#chunks.return?.();
    }
  }
}
