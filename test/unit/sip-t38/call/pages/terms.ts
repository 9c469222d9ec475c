import type { PageTerms } from '../../../../../carrier-adapters/sip-t38/t30/page-terms.ts';

/** MMR at 204×196 on A4 of any length, at 14,400 bit/s. */
export const MMR_FINE: PageTerms = {
  compression: 'MMR',
  ecm: true,
  width: 1728,
  xDpi: 204,
  yDpi: 196,
  maxRows: null,
  minScanTime: 0,
  rate: 14_400,
};

/** `terms` without error correction. */
export const plain = (compression: 'MH' | 'MR', more: Partial<PageTerms> = {}): PageTerms => ({
  ...MMR_FINE,
  compression,
  ecm: false,
  ...more,
});
