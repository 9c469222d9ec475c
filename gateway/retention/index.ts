// Retention: no image outlives its transmission, whatever died in between, and no CDR its time.

export { type CarrierPurges, type CarrierPurgesParts, createCarrierPurges, nextPurgeAt } from './carrier-purges.ts';
export { type CdrUpkeepParts, createCdrUpkeep } from './cdr-upkeep.ts';
export {
  type ClosingDesk,
  type Closings,
  createClosingDesk,
  createClosings,
  NUMBERS_REST,
} from './closings.ts';
export { createImageLoss, type ImageEndParts } from './image-loss.ts';
export { createPurgeDesk, type PurgeDeskParts } from './purge-desk.ts';
export { createRetention, type Retention, type RetentionOptions } from './retention.ts';
export { createRowUpkeep, type RowUpkeepParts } from './row-upkeep.ts';
export { DEFAULT_RETENTION, type RetentionSettings } from './settings.ts';
export type { SweeperName } from './sweepers.ts';
export type { Upkeep } from './upkeep.ts';
