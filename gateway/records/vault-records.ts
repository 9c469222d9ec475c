import type { VaultRecords } from '../ports/vault-records.ts';
import { createEpochs } from './epochs.ts';
import { createExclusion } from './exclusion.ts';
import type { Store } from './store.ts';
import { createVaultKeys } from './vault-keys.ts';
import { createVaultObjects } from './vault-objects.ts';
import { createWipes } from './wipe.ts';

/** Wrapped keys, objects, epochs, wipe intents and receipts on PostgreSQL. */
export function createVaultRecords(store: Store): VaultRecords {
  return {
    ...createVaultKeys(store.database),
    ...createVaultObjects(store.database),
    ...createEpochs(store.database),
    ...createWipes(store),
    ...createExclusion(store.database.pool),
  };
}
