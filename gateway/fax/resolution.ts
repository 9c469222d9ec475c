/**
 * Resolutions of T.30 in lines per 25.4 mm. 204 stands for the R8 of T.4 (8.04 pels/mm), 98, 196 and 391 for its
 * 3.85, 7.7 and 15.4 lines/mm.
 */
export type Resolution = 'standard' | 'fine' | 'superfine';

/** Pixels per inch across and down a page of each resolution. */
export const RESOLUTIONS: Record<Resolution, { readonly xDpi: number; readonly yDpi: number }> = {
  standard: { xDpi: 204, yDpi: 98 },
  fine: { xDpi: 204, yDpi: 196 },
  superfine: { xDpi: 204, yDpi: 391 },
};
