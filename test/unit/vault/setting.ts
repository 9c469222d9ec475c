import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSigningKey, openObject, randomId, type SigningKey, sealObject } from '../../../crypto/index.ts';
import { type AccountId, type FaxId, newId } from '../../../gateway/fax/ids.ts';
import type { BlobStore } from '../../../gateway/ports/blob-store.ts';
import type { Clock } from '../../../gateway/ports/clock.ts';
import type { EpochKeyStore, EpochRoll, ImageVault } from '../../../gateway/ports/image-vault.ts';
import type { Log, Metrics } from '../../../gateway/ports/log.ts';
import type { VaultRecords } from '../../../gateway/ports/vault-records.ts';
import { createBlobDirectory, createEpochRoll, createMemoryStore, createVault } from '../../../gateway/vault/index.ts';
import { MemoryVaultRecords } from './memory-records.ts';

export const ACCOUNT: AccountId = newId('acc', randomId);
export const newFax = (): FaxId => newId('fax', randomId);

/** A clock that stands still until it is told to go on. */
export class HandClock implements Clock {
  at = 1_800_000_000_000;
  #timers: { due: number; run: () => void }[] = [];
  now() {
    return this.at;
  }
  monotonic() {
    return this.at;
  }
  after(ms: number, run: () => void) {
    const timer = { due: this.at + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }
  get timers(): number {
    return this.#timers.length;
  }
  /** Goes on by `ms` and runs what has become due, in order of time. */
  forward(ms: number): void {
    const end = this.at + ms;
    for (;;) {
      const next = this.#timers.filter((timer) => timer.due <= end).sort((a, b) => a.due - b.due)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.at = Math.max(this.at, next.due);
      next.run();
    }
    this.at = end;
  }
}

/** Log and metrics that remember what they were told. */
export class Notes {
  readonly lines: { level: string; fields: Record<string, unknown>; text: string }[] = [];
  readonly counts = new Map<string, number>();
  readonly log: Log = {
    debug: (fields, text) => this.lines.push({ level: 'debug', fields, text }),
    info: (fields, text) => this.lines.push({ level: 'info', fields, text }),
    warn: (fields, text) => this.lines.push({ level: 'warn', fields, text }),
    error: (fields, text) => this.lines.push({ level: 'error', fields, text }),
  };
  readonly metrics: Metrics = {
    count: (name, labels = {}, by = 1) => {
      const key = [name, ...Object.values(labels)].join(' ');
      this.counts.set(key, (this.counts.get(key) ?? 0) + by);
    },
    observe: () => undefined,
    gauge: () => undefined,
  };
}

let key: Promise<SigningKey> | undefined;
/** One receipt key per test file. */
export function receiptKey(): Promise<SigningKey> {
  key ??= generateSigningKey();
  return key;
}

/** A vault with everything around it. `again` builds a new vault on the same records and directory: a restart. */
export interface Setting {
  readonly directory: string;
  readonly records: MemoryVaultRecords;
  readonly store: EpochKeyStore;
  readonly clock: HandClock;
  readonly notes: Notes;
  readonly lost: FaxId[];
  /** Faxes of which other processes were told that they are wiped. */
  readonly told: FaxId[];
  readonly key: SigningKey;
  readonly vault: ImageVault;
  readonly roll: EpochRoll;
  again(parts?: { records?: VaultRecords; store?: EpochKeyStore }): Promise<{ vault: ImageVault; roll: EpochRoll }>;
  end(): Promise<void>;
}

export async function makeSetting(
  store: EpochKeyStore = createMemoryStore(),
  blobsIn: (directory: string) => BlobStore = createBlobDirectory,
): Promise<Setting> {
  const directory = await mkdtemp(join(tmpdir(), 'vault-'));
  const blobs = blobsIn(directory);
  const records = new MemoryVaultRecords();
  const clock = new HandClock();
  const notes = new Notes();
  const lost: FaxId[] = [];
  const told: FaxId[] = [];
  const key = await receiptKey();
  const build = async (parts: { records?: VaultRecords; store?: EpochKeyStore } = {}) => {
    const common = { records, clock, receiptKey: key, log: notes.log, metrics: notes.metrics, ...parts };
    const vault = createVault({
      ...common,
      blobs,
      shared: true,
      epochs: parts.store ?? store,
      tell: (fax) => void told.push(fax),
    });
    const roll = createEpochRoll({
      ...common,
      store: parts.store ?? store,
      vault,
      imageLost: async (fax) => void lost.push(fax),
    });
    return { vault, roll };
  };
  const { vault, roll } = await build();
  await roll.start();
  const end = async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  };
  return { directory, records, store, clock, notes, lost, told, key, vault, roll, again: build, end };
}

/** `text` repeated, as a source of chunks. */
export async function* plaintext(text: string, chunks = 3): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < chunks; i++) yield new TextEncoder().encode(text.repeat(50));
}

/** Opens a fax and stores the objects, each sealed under its key. */
export async function storeFax(setting: Setting, objects: readonly string[], text = 'page'): Promise<FaxId> {
  const fax = newFax();
  const dek = await setting.vault.open(fax, ACCOUNT);
  for (const object of objects) {
    await setting.vault.put(fax, object, sealObject(dek, { fax, object }, plaintext(text)));
  }
  dek.fill(0);
  setting.records.setLive(fax);
  return fax;
}

/** The plaintext of a stored object, as text. */
export async function readBack(vault: ImageVault, fax: FaxId, object: string): Promise<string> {
  return vault.withKey(fax, async (dek) => {
    let text = '';
    for await (const chunk of openObject(dek, { fax, object }, vault.read(fax, object))) {
      text += new TextDecoder().decode(chunk);
    }
    return text;
  });
}

/** Every file below `directory`, with its content. */
export async function filesBelow(directory: string): Promise<{ path: string; bytes: Buffer }[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(files.map(async (path) => ({ path, bytes: await readFile(path) })));
}

export async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk.slice());
  return Buffer.concat(chunks);
}
