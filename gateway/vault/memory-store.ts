import { newKey, wipe } from '../../crypto/index.ts';
import type { Epoch, EpochKeyStore } from '../ports/image-vault.ts';

/** The strict store: keys live in memory alone, and every image dies with the process. */
export function createMemoryStore(): EpochKeyStore {
  const epochs = new Map<number, Epoch>();
  const forget = (number: number) => {
    const epoch = epochs.get(number);
    epochs.delete(number);
    if (epoch !== undefined) wipe(epoch.kek);
  };
  return {
    load: async () => [...epochs.values()],
    held: () => [...epochs.values()],
    get: async (number) => epochs.get(number),
    async create(number, openedAt) {
      const epoch = epochs.get(number) ?? { number, openedAt, kek: newKey() };
      epochs.set(number, epoch);
      return epoch;
    },
    destroy: async (number) => forget(number),
    async close() {
      for (const number of [...epochs.keys()]) forget(number);
    },
  };
}
