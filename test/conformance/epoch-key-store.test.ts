import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newKey } from '../../crypto/index.ts';
import { createMemoryStore, createSlotFileStore } from '../../gateway/vault/index.ts';
import { epochKeyStoreConformance } from './epoch-key-store.ts';

epochKeyStoreConformance('memory', async () => createMemoryStore());

epochKeyStoreConformance('slot file', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'slots-'));
  const store = await createSlotFileStore({ path: join(directory, 'epochs.slots'), rootKey: newKey() });
  const close = async () => {
    await store.close();
    await rm(directory, { recursive: true });
  };
  return {
    load: () => store.load(),
    get: (number) => store.get(number),
    create: (number, openedAt) => store.create(number, openedAt),
    destroy: (number) => store.destroy(number),
    close,
  };
});
