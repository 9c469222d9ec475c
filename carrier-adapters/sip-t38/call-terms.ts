import type { SipT38Config } from './config.ts';

/** What the settings say of every call, whichever way it goes. */
export function termsOf({ codings, t38, ecm, media, stationId }: SipT38Config) {
  const { errorCorrection, redundancy, fec, maxBitRate, pace } = t38;
  const recovery = {
    redundancy: { kind: 'redundancy', depth: redundancy },
    fec: { kind: 'fec', ...fec },
    none: { kind: 'none' },
  } as const;
  return {
    codecs: codings,
    maxRate: maxBitRate,
    ecm,
    errorCorrection,
    recovery: recovery[errorCorrection],
    pace,
    latch: media.latch,
    stationId,
  };
}
