import { hex, randomBytes } from '../../crypto/index.ts';
import { type FaxId, parseId } from '../fax/ids.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import { VaultError } from '../ports/image-vault.ts';
import { APPEND, BEGIN, FIND, FINISH, NOTE, REMOVE_FAX, REMOVE_OBJECT, TAKE_BACK } from './blob-scripts.ts';
import type { Redis, Reply } from './connection.ts';
import { RedisError } from './errors.ts';

/** What sealed objects in Redis rest on. */
export interface RedisBlobOptions {
  readonly redis: Redis;
  /** After this time in ms an object ends by itself, whatever else failed: longer than the absolute life of an image. */
  readonly life?: number;
}

/** Octets of a chunk: four sealed records; one command carries it. */
const CHUNK_SIZE = 262_144;
const NOTHING = new Uint8Array(0);
/** Buffers of chunks that are kept for the next writes. */
const SPARE_CHUNKS = 16;
/** The absolute life of an image is 24 h; the sweeper has another hour to find it. */
const LIFE = 25 * 3_600_000;
/** Faxes asked for at once. */
const SCAN_BATCH = 500;

/**
 * Sealed objects in a Redis without persistence. The keys of one fax share a hash slot, those of different faxes are
 * spread over a Redis Cluster. It sees ciphertext only.
 */
export function createRedisBlobs({ redis, life = LIFE }: RedisBlobOptions): BlobStore {
  return new RedisBlobs(redis, life);
}

class RedisBlobs implements BlobStore {
  readonly #redis: Redis;
  readonly #life: number;
  /** Names of faxes that may have something here: for the sweep. */
  readonly #index: string;
  /** Buffers that nobody uses; they have held ciphertext only. */
  readonly #spare: Buffer[] = [];

  constructor(redis: Redis, life: number) {
    this.#redis = redis;
    this.#life = life;
    this.#index = redis.key('vault');
  }

  async write(fax: FaxId, object: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const [key, name] = [this.#key(fax), objectName(object)];
    const write = hex(randomBytes(8));
    const buffer = this.#spare.pop() ?? Buffer.allocUnsafeSlow(CHUNK_SIZE);
    const pieces = inChunks(chunks, buffer);
    try {
      await Promise.all([this.#note(fax), this.#redis.run(BEGIN, [key], write, this.#life)]);
      let [bytes, number, last] = [0, 0, 0];
      do {
        const { value = NOTHING } = await pieces.next();
        last = value.length;
        bytes += last;
        const keys = [key, `${key}:${write}:${number++}`];
        const words = [write, this.#life, value];
        const answer =
          last === CHUNK_SIZE
            ? await this.#redis.run(APPEND, keys, ...words)
            : await this.#redis.run(FINISH, keys, ...words, name, bytes);
        if (answer !== 1) throw overtaken();
      } while (last === CHUNK_SIZE);
    } catch (error) {
      // What cannot be taken back now ends with its time to live, or with its fax.
      await this.#redis.run(TAKE_BACK, [key], write).catch(() => undefined);
      throw asStorageFault(error);
    } finally {
      await pieces.return(undefined);
      if (this.#spare.length < SPARE_CHUNKS) this.#spare.push(buffer);
    }
  }

  async *read(fax: FaxId, object: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    signal.throwIfAborted();
    const found = await this.#find(fax, object);
    if (found === undefined) throw new VaultError('object_missing', 'the vault has no such object');
    for (let number = 0; number < found.chunks; number++) {
      const chunk = await this.#redis.ask('GET', `${this.#key(fax)}:${found.write}:${number}`);
      signal.throwIfAborted();
      if (!Buffer.isBuffer(chunk)) throw new VaultError('object_missing', 'the object was removed while it was read');
      yield chunk;
    }
  }

  async length(fax: FaxId, object: string): Promise<number | undefined> {
    return (await this.#find(fax, object))?.bytes;
  }

  async removeObject(fax: FaxId, object: string): Promise<void> {
    await this.#redis.run(REMOVE_OBJECT, [this.#key(fax)], objectName(object));
  }

  async removeFax(fax: FaxId): Promise<boolean> {
    const found = (await this.#redis.run(REMOVE_FAX, [this.#key(fax)])) === 1;
    await this.#redis.ask('SREM', this.#index, fax);
    return found;
  }

  async absent(fax: FaxId): Promise<boolean> {
    return (await this.#redis.ask('EXISTS', this.#key(fax))) === 0;
  }

  async *faxes(): AsyncGenerator<FaxId> {
    let cursor = '0';
    do {
      const reply = await this.#redis.ask('SSCAN', this.#index, cursor, 'COUNT', SCAN_BATCH);
      const [next = null, names] = Array.isArray(reply) ? reply : [];
      cursor = String(next ?? '0');
      for (const name of Array.isArray(names) ? names : []) {
        const fax = parseId('fax', String(name));
        if (fax !== undefined) yield fax;
      }
    } while (cursor !== '0');
  }

  /** Before the first octet: a process that dies in between leaves a name without anything, not the other way round. */
  async #note(fax: FaxId): Promise<void> {
    await this.#redis.run(NOTE, [this.#index], fax, this.#life);
  }

  async #find(fax: FaxId, object: string) {
    const reply = await this.#redis.run(FIND, [this.#key(fax)], objectName(object));
    if (!Array.isArray(reply)) return undefined;
    const [write, chunks, bytes] = reply;
    return { write: String(write), chunks: count(chunks), bytes: count(bytes) };
  }

  #key(fax: FaxId): string {
    // Ids are checked again where they become keys: a mistake elsewhere must not reach another fax.
    if (parseId('fax', fax) === undefined) throw new Error('not a fax id');
    return `${this.#redis.prefix.slice(1, -1)}:{${fax}}`;
  }
}

function objectName(object: string): string {
  if (!/^[a-z]{1,16}\/[0-9]{1,6}$/.test(object)) throw new Error('not an object name');
  return object;
}

function count(value: Reply | undefined): number {
  const number = Number(String(value));
  return Number.isSafeInteger(number) && number >= 0 ? number : 0;
}

function overtaken(): VaultError {
  return new VaultError('image_wiped', 'the object was removed while it was written');
}

/** `source` in chunks of `CHUNK_SIZE`, the last one shorter, all in `buffer`: each is valid until the next one is asked for. */
async function* inChunks(source: AsyncIterable<Uint8Array>, buffer: Buffer): AsyncGenerator<Uint8Array, undefined> {
  let filled = 0;
  for await (const piece of source) {
    for (let at = 0; at < piece.length; ) {
      const part = piece.subarray(at, at + CHUNK_SIZE - filled);
      buffer.set(part, filled);
      at += part.length;
      filled += part.length;
      if (filled < CHUNK_SIZE) continue;
      yield buffer;
      filled = 0;
    }
  }
  if (filled > 0) yield buffer.subarray(0, filled);
  return undefined;
}

function asStorageFault(error: unknown): unknown {
  if (!(error instanceof RedisError) || error.code !== 'full') return error;
  return new VaultError('storage_full', 'no room for the sealed object', { cause: error });
}
