// The vault: page images that exist only while a transmission lives.

export { createBlobDirectory } from './blob-directory.ts';
export { createEpochRoll, type EpochRollOptions } from './epoch-roll.ts';
export { VaultError } from './errors.ts';
export { createFileVault, createVault, type FileVaultOptions, UPLOAD_LIFE, type VaultOptions } from './image-vault.ts';
export { createMemoryStore } from './memory-store.ts';
export { createSlotFileStore, type SlotFileOptions } from './slot-file-store.ts';
