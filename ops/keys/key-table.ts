import { newKey, openSmall, SealError, sealSmall, wipe } from '../../crypto/index.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import type { KeyRecords } from '../../gateway/ports/key-records.ts';
import { KeyDirectoryError } from './key-directory.ts';
import type { KeyStore } from './key-store.ts';

/** A sealed value of no use: what opens it is the root key of this database. */
const CHECK = 'root-check';

/** What the table is opened with. */
export interface KeyTableParts {
  readonly records: KeyRecords;
  readonly rootKey: Uint8Array;
  /** Keys that a gateway has kept in files until it came to a database server; they are taken over. */
  readonly older?: { read(name: string): Promise<Uint8Array | undefined> };
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * Lasting keys as rows of the database server, so that every process with the same root key is the same gateway. Whoever
 * has the rows without that key has noise.
 *
 * @throws KeyDirectoryError when the rows were sealed under another root key
 */
export async function openKeyTable(parts: KeyTableParts): Promise<KeyStore> {
  const { records, rootKey, older, clock } = parts;
  const seal = (name: string, bytes: Uint8Array) => sealSmall(rootKey, `key ${name}`, bytes);
  const open = async (name: string, sealed: Uint8Array): Promise<Uint8Array> => {
    try {
      return await openSmall(rootKey, `key ${name}`, sealed);
    } catch (error) {
      if (error instanceof SealError) throw new KeyDirectoryError(WRONG_ROOT_KEY);
      throw error;
    }
  };
  /** Stores unless the name is taken; answers what stands there. */
  const add = async (name: string, bytes: Uint8Array): Promise<Uint8Array> => {
    try {
      return await open(name, await records.addKey(name, await seal(name, bytes), clock.now()));
    } finally {
      wipe(bytes);
    }
  };

  const check = await records.sealedKey(CHECK);
  wipe(await (check === undefined ? add(CHECK, newKey()) : open(CHECK, check)));
  const read = async (name: string): Promise<Uint8Array | undefined> => {
    const known = await records.sealedKey(name);
    return known === undefined ? undefined : open(name, known);
  };
  return {
    read,
    async secret(name, make) {
      return (await read(name)) ?? add(name, (await older?.read(name)) ?? (await make()));
    },
    async replace(name, bytes) {
      const was = await records.sealedKey(name);
      if (was === undefined) return add(name, bytes);
      const replaced = await records.replaceKey(name, was, await seal(name, bytes), clock.now());
      return replaced ? bytes : open(name, (await records.sealedKey(name)) ?? was);
    },
  };
}

const WRONG_ROOT_KEY =
  'the root key is not the one that the keys in this database were sealed under; ' +
  'every process of a gateway is given the same one (SEALFAX_ROOT_KEY_FILE or SEALFAX_ROOT_KEY)';
