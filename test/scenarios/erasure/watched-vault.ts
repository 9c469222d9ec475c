// Stands in for gateway/vault in the watched gateway: the real vault and key store, which also tell of each key.

import type { EpochKeyStore, ImageVault } from '../../../gateway/ports/image-vault.ts';
import * as real from '../../../gateway/vault/index.ts';
import { tell } from './tell.ts';

export * from '../../../gateway/vault/index.ts';

/** @see real.createSlotFileStore */
export async function createSlotFileStore(options: real.SlotFileOptions): Promise<EpochKeyStore> {
  const store = await real.createSlotFileStore(options);
  const create = store.create.bind(store);
  const destroy = store.destroy.bind(store);
  store.create = async (number, openedAt) => {
    const epoch = await create(number, openedAt);
    tell('kek', epoch.kek);
    return epoch;
  };
  store.destroy = async (number) => {
    const epoch = await store.get(number);
    if (epoch !== undefined) tell('destroyed', epoch.kek);
    await destroy(number);
  };
  return store;
}

/** @see real.createVault */
export function createVault(options: real.VaultOptions): ImageVault {
  const vault = real.createVault(options);
  const open = vault.open.bind(vault);
  const withKey = vault.withKey.bind(vault);
  vault.open = async (...args) => {
    const dek = await open(...args);
    tell('dek', dek);
    return dek;
  };
  vault.withKey = (fax, use) =>
    withKey(fax, (dek, ended) => {
      tell('dek', dek);
      return use(dek, ended);
    });
  return vault;
}
