// The vault: page images that exist only while a transmission lives.

export { createEpochRoll, type EpochRollOptions } from './epoch-roll.ts';
export { VaultError } from './errors.ts';
export { createFileVault, type FileVaultOptions, UPLOAD_LIFE } from './file-vault.ts';
export { createMemoryStore } from './memory-store.ts';
export { createSlotFileStore, type SlotFileOptions } from './slot-file-store.ts';
