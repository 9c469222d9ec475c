// Retention: no image outlives its transmission, whatever died in between.

export { createImageLoss, type ImageEndParts } from './image-loss.ts';
export { createRetention, type Retention, type RetentionOptions } from './retention.ts';
export { DEFAULT_RETENTION, type RetentionSettings } from './settings.ts';
export type { SweeperName } from './sweepers.ts';
