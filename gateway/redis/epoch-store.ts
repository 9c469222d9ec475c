import { copyBytes, newKey, openSmall, randomId, SealError, sealSmall, wipe } from '../../crypto/index.ts';
import type { Clock } from '../ports/clock.ts';
import { type Epoch, type EpochKeyStore, VaultError } from '../ports/image-vault.ts';
import type { Log } from '../ports/log.ts';
import { EPOCH_KEYS, type VaultRecords } from '../ports/vault-records.ts';
import type { Redis, Reply } from './connection.ts';
import { CREATE, DESTROY, PUT_BACK, READ, SETTLE } from './epoch-scripts.ts';
import { RedisError } from './errors.ts';

/** What the key epochs of a cluster rest on. */
export interface RedisEpochOptions {
  readonly redis: Redis;
  /** Seals the keys; 32 octets, copied. */
  readonly rootKey: Uint8Array;
  /** The truth about which epochs live, and the lock under which keys are put back. */
  readonly records: Pick<VaultRecords, 'epochs' | 'exclusively'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Where changes are told. */
const CHANNEL = 'epochs';
/** How often a process compares its copies with Redis, in ms: the bound for a message that was lost. */
const LOOK_EVERY = 2_000;
/** How long others have to put back what they hold, in ms; each of them looks several times within it. */
const FILL_TIME = 15_000;
/** How often whoever needs a key looks for it while Redis is being filled, in ms. */
const ASK_EVERY = 250;
/** A process that has heard neither from Redis nor from the records for this time in ms lets go of its copies. */
const UNHEARD_LIFE = 60_000;
/** How long it is known that an epoch was destroyed on purpose: longer than any roll is overdue, in ms. */
const NOTE_LIFE = 24 * 3_600_000;

/**
 * Key epochs in a Redis without persistence, sealed under the root key; every process keeps a copy of each in memory.
 *
 * Redis may come back empty (killed, flushed, failed over) while gateways live; that must lose no fax. And a destroyed key
 * must never come back. A key that is absent from Redis may mean either, so the store tells them apart:
 *
 * - Same `generation`: the key was destroyed. The copy here is wiped, at the message or within 2 s.
 * - No generation, or another one than this process knows: Redis was emptied. Every process puts back those of its copies
 *   that the records do not call destroyed, then takes the generation for its own. Until all epochs that live in the
 *   records are there, or 15 s have passed, a missing key is "not yet" and not "lost".
 *
 * Putting back and destroying exclude each other by a lock in the records (`epoch-keys`): a roll holds it from its last
 * count of rows through the destruction to the transaction that marks the epoch destroyed. Thus whoever puts back sees
 * either a living epoch whose key nobody destroys at this moment, or a destroyed one, whose copy it wipes. The cases:
 *
 * - Redis is flushed between the destruction and the mark: the others wait for the lock, then read "destroyed".
 * - The roll dies between the two: the row is still `closing`. The note `destroyed:n` keeps the key from being put back;
 *   if a flush took the note as well, the key does come back, for a row that no receipt has called destroyed and no fax
 *   needs, and the next roll destroys it again.
 * - Redis is flushed between the making of key n + 1 and its row: the number is above all rows, so it is put back.
 * - A process cannot reach Redis: it asks the records instead, and wipes what is destroyed there. One that reaches neither
 *   for a minute lets go of everything.
 *
 * @throws RedisError unavailable; the first comparison with Redis must succeed
 */
export async function createRedisEpochs(options: RedisEpochOptions): Promise<EpochKeyStore> {
  const store = new RedisEpochs(options);
  try {
    await store.begin();
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** What Redis holds at one moment. */
interface Held {
  readonly generation: string | null;
  readonly filling: boolean;
  /** Values as stored, by number. */
  readonly values: ReadonlyMap<number, Buffer>;
}

class RedisEpochs implements EpochKeyStore {
  readonly shared = true;
  readonly #redis: Redis;
  readonly #rootKey: Uint8Array;
  readonly #records: RedisEpochOptions['records'];
  readonly #clock: Clock;
  readonly #log: Log;
  /** Copies of what lives. */
  readonly #epochs = new Map<number, Epoch>();
  /** A flush takes the notes along. */
  readonly #destroyedHere = new Set<number>();
  /** The generation that the copies have been compared with; null before the first comparison. */
  #generation: string | null = null;
  #heardAt: number;
  #restoring: Promise<void> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #deaf: () => void = () => undefined;
  #cancel: () => void = () => undefined;
  #closed = false;

  constructor({ redis, rootKey, records, clock, log }: RedisEpochOptions) {
    this.#redis = redis;
    this.#rootKey = copyBytes(rootKey);
    this.#records = records;
    this.#clock = clock;
    this.#log = log;
    this.#heardAt = clock.monotonic();
  }

  async begin(): Promise<void> {
    await this.#compare();
    await this.#restoring;
    const look = () => void this.#look();
    this.#deaf = this.#redis.listen(CHANNEL, look, look);
    this.#lookLater();
  }

  /** Without Redis the copies serve: the records decide which epoch takes a key. */
  async load(): Promise<Epoch[]> {
    await this.#compare().catch(unlessAway);
    return this.held();
  }

  held(): Epoch[] {
    return [...this.#epochs.values()];
  }

  async get(number: number): Promise<Epoch | undefined> {
    const copy = this.#epochs.get(number);
    if (copy !== undefined) return copy;
    try {
      return await this.#find(number);
    } catch (error) {
      if (!(error instanceof RedisError)) throw error;
      throw new VaultError('epoch_unavailable', 'the store of key epochs does not answer', { cause: error });
    }
  }

  create(number: number, openedAt: number): Promise<Epoch> {
    return this.#inLine(async () => {
      const kek = newKey();
      const value = await this.#sealed({ number, openedAt, kek }).finally(() => wipe(kek));
      const there = await this.#redis.run(CREATE, this.#keys(number), number, value, this.#channel());
      const epoch = Buffer.isBuffer(there) ? await this.#keep(number, there) : undefined;
      if (epoch === undefined) throw new VaultError('key_store', 'a stored epoch does not open under our root key');
      this.#destroyedHere.delete(number);
      return epoch;
    });
  }

  destroy(number: number): Promise<void> {
    return this.#inLine(async () => {
      const left = await this.#redis.run(DESTROY, this.#keys(number), number, NOTE_LIFE, this.#channel());
      if (left !== 0) throw new VaultError('wipe_failed', 'the key of an epoch is still in Redis');
      this.#forget(number);
      this.#destroyedHere.add(number);
    });
  }

  async destroyed(number: number): Promise<boolean> {
    return this.#destroyedHere.has(number) || (await this.#redis.ask('EXISTS', this.#noteKey(number))) === 1;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#deaf();
    this.#cancel();
    await this.#restoring?.catch(() => undefined);
    await this.#last;
    for (const number of [...this.#epochs.keys()]) this.#forget(number);
    wipe(this.#rootKey);
  }

  /** A key that is not among the copies: made by another process, or lost, or not put back yet. */
  async #find(number: number): Promise<Epoch | undefined> {
    const until = this.#clock.monotonic() + 2 * FILL_TIME;
    for (;;) {
      const { generation, filling } = await this.#compare();
      const epoch = this.#epochs.get(number);
      if (epoch !== undefined) return epoch;
      if (generation !== null && !filling) return undefined;
      if (await this.destroyed(number)) return undefined;
      if (this.#closed || this.#clock.monotonic() > until) {
        throw new VaultError('epoch_unavailable', 'the store of key epochs is being filled again');
      }
      await new Promise<void>((resolve) => this.#clock.after(ASK_EVERY, resolve));
    }
  }

  /** Makes copies and Redis equal, as far as that is safe; begins to put keys back when Redis was emptied. */
  #compare(): Promise<Held> {
    return this.#inLine(async () => {
      const held = await this.#read();
      this.#heardAt = this.#clock.monotonic();
      for (const [number, value] of held.values) if (!this.#epochs.has(number)) await this.#keep(number, value);
      const isFirst = this.#generation === null && this.#epochs.size === held.values.size;
      if (held.generation !== null && (isFirst || held.generation === this.#generation)) {
        this.#generation = held.generation;
        for (const number of this.#epochs.keys()) if (!held.values.has(number)) this.#forget(number);
      } else {
        this.#restoring ??= this.#restore().finally(() => {
          this.#restoring = undefined;
        });
        this.#restoring.catch(() => undefined);
      }
      return held;
    });
  }

  /** Puts back what this process holds and the records still count on, and names the generation when nobody has. */
  async #restore(): Promise<void> {
    await this.#records.exclusively(EPOCH_KEYS, async () => {
      const rows = await this.#records.epochs();
      const newest = Math.max(0, ...rows.map((row) => row.number));
      const living = new Set(rows.filter((row) => row.state !== 'destroyed').map((row) => row.number));
      for (const epoch of [...this.#epochs.values()]) {
        const wanted = living.has(epoch.number) || epoch.number > newest;
        if (!wanted || !(await this.#putBack(epoch))) this.#forget(epoch.number);
      }
      const { values } = await this.#read();
      await this.#settle([...living].filter((number) => !values.has(number)));
    });
  }

  /** False when its note says that it was destroyed. */
  async #putBack(epoch: Epoch): Promise<boolean> {
    const answer = await this.#redis.run(PUT_BACK, this.#keys(epoch.number), epoch.number, await this.#sealed(epoch));
    if (answer === 1) this.#log.warn({ epoch: epoch.number }, 'Redis had lost the key of an epoch; it was put back');
    return answer !== null;
  }

  /** @throws RedisError unavailable when Redis was emptied once more; the next look begins anew */
  async #settle(missing: readonly number[]): Promise<void> {
    const words = [randomId('gen'), missing.length > 0 ? 1 : 0, FILL_TIME, this.#channel()];
    const generation = await this.#redis.run(SETTLE, this.#places(), ...words, ...this.#epochs.keys());
    if (generation === null) throw new RedisError('unavailable', 'Redis was emptied while it was filled');
    this.#generation = String(generation);
    if (missing.length === 0) return;
    this.#log.warn({ epochs: missing }, 'Redis has lost keys of epochs that nobody here holds; others are waited for');
  }

  async #look(): Promise<void> {
    if (this.#closed) return;
    try {
      await this.#compare();
    } catch {
      await this.#askRecords();
    }
  }

  #lookLater(): void {
    this.#cancel = this.#clock.after(LOOK_EVERY, () => {
      void this.#look().finally(() => {
        if (!this.#closed) this.#lookLater();
      });
    });
  }

  /** While Redis is away: no copy of a destroyed epoch may stay, and none for ever. */
  async #askRecords(): Promise<void> {
    try {
      const rows = await this.#records.epochs();
      for (const { number, state } of rows) if (state === 'destroyed') this.#forget(number);
      this.#heardAt = this.#clock.monotonic();
    } catch {
      if (this.#clock.monotonic() - this.#heardAt < UNHEARD_LIFE || this.#epochs.size === 0) return;
      this.#log.warn({}, 'neither Redis nor the records answer; the copies of key epochs are let go');
      for (const number of [...this.#epochs.keys()]) this.#forget(number);
    }
  }

  #forget(number: number): void {
    const epoch = this.#epochs.get(number);
    this.#epochs.delete(number);
    if (epoch !== undefined) wipe(epoch.kek);
  }

  /** The copy of a stored epoch, made when there is none; undefined when it was not sealed by this cluster. */
  async #keep(number: number, value: Buffer): Promise<Epoch | undefined> {
    const opened = await this.#opened(number, value);
    const first = this.#epochs.get(number);
    if (first === undefined && opened !== undefined) this.#epochs.set(number, opened);
    if (first !== undefined && opened !== undefined) wipe(opened.kek);
    return first ?? opened;
  }

  async #sealed({ number, openedAt, kek }: Epoch): Promise<Uint8Array> {
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(BigInt(openedAt));
    return Buffer.concat([time, await sealSmall(this.#rootKey, contextOf(number, openedAt), kek)]);
  }

  async #opened(number: number, value: Buffer): Promise<Epoch | undefined> {
    if (value.length < 8) return undefined;
    const openedAt = Number(value.readBigUInt64BE());
    try {
      return { number, openedAt, kek: await openSmall(this.#rootKey, contextOf(number, openedAt), value.subarray(8)) };
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      this.#log.warn({ epoch: number }, 'Redis holds the key of an epoch that does not open under our root key');
      return undefined;
    }
  }

  async #read(): Promise<Held> {
    const reply = await this.#redis.run(READ, this.#places());
    const [generation = null, filling, fields] = Array.isArray(reply) ? reply : [];
    return {
      generation: generation === null ? null : String(generation),
      filling: filling === 1,
      values: valuesOf(fields),
    };
  }

  #places(): string[] {
    return [this.#redis.key('epochs'), this.#redis.key('epochs-filling')];
  }

  #keys(number: number): string[] {
    return [this.#redis.key('epochs'), this.#noteKey(number)];
  }

  #noteKey(number: number): string {
    return this.#redis.key('epoch-destroyed', String(number));
  }

  #channel(): string {
    return `${this.#redis.prefix}:${CHANNEL}`;
  }

  #inLine<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#last.then(work, work);
    this.#last = run.catch(() => undefined);
    return run;
  }
}

function contextOf(number: number, openedAt: number): string {
  return `epoch ${number} ${openedAt}`;
}

/** Fields and values of a hash, as they alternate; what is no number is not ours. */
function valuesOf(fields: Reply | undefined): Map<number, Buffer> {
  const values = new Map<number, Buffer>();
  const list = Array.isArray(fields) ? fields : [];
  for (let at = 0; at + 1 < list.length; at += 2) {
    const [number, value] = [Number(String(list[at])), list[at + 1]];
    if (Number.isSafeInteger(number) && number > 0 && Buffer.isBuffer(value)) values.set(number, value);
  }
  return values;
}

function unlessAway(error: unknown): void {
  if (!(error instanceof RedisError)) throw error;
}
