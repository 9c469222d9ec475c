import { Bits } from './bits.ts';
import { BIT } from './capability-bits.ts';
import { disBitsOf, type ModemSet, modemsOfDis } from './modems.ts';
import { bitsOfLength, bitsOfWidth, type Length, lengthOfBits, type Width, widthOfBits } from './paper.ts';
import { type ScanTimes, scanTimesOf } from './scan-time.ts';

/** What a station can, as far as a bilevel fax is concerned (T.30 table 2). */
export interface Capabilities {
  /** It speaks T.38 itself: no modem stands between. */
  readonly internet: boolean;
  /** It can take a fax. */
  readonly receives: boolean;
  /** It has a document to be polled. */
  readonly canBePolled: boolean;
  readonly modems: ModemSet;
  readonly fine: boolean;
  readonly superfine: boolean;
  readonly dpi300: boolean;
  /** 408 × 391 and 400 × 400. */
  readonly dpi400: boolean;
  readonly twoDimensional: boolean;
  /** T.6, which counts with error correction only. */
  readonly t6: boolean;
  readonly ecm: boolean;
  /** Frames of 64 octets are preferred to those of 256. */
  readonly prefers64: boolean;
  readonly width: Width;
  readonly length: Length;
  readonly scanTimes: ScanTimes;
  readonly subaddress: boolean;
  readonly senderId: boolean;
}

/** What DIS or DTC says. Every FIF says something: bits that are not there are 0. */
export function parseCapabilities(fif: Uint8Array): Capabilities {
  const bits = new Bits(fif);
  return {
    internet: bits.has(BIT.internet),
    receives: bits.has(BIT.receive),
    canBePolled: bits.has(BIT.canBePolled),
    modems: modemsOfDis(bits.read(BIT.modems, 4)),
    fine: bits.has(BIT.fine),
    superfine: bits.has(BIT.superfine),
    dpi300: bits.has(BIT.dpi300),
    dpi400: bits.has(BIT.dpi400),
    twoDimensional: bits.has(BIT.twoDimensional),
    t6: bits.has(BIT.t6),
    ecm: bits.has(BIT.ecm),
    prefers64: bits.has(BIT.prefers64),
    width: widthOfBits(bits.read(BIT.width, 2)),
    length: lengthOfBits(bits.read(BIT.length, 2)),
    scanTimes: scanTimesOf(bits.read(BIT.scanTime, 3), bits.has(BIT.halfScanTime)),
    subaddress: bits.has(BIT.subaddress),
    senderId: bits.has(BIT.senderId),
  };
}

/** What our answerer offers of itself. */
export interface Offer {
  readonly internet: boolean;
  readonly modems: ModemSet;
  readonly ecm: boolean;
  readonly width: Width;
}

/**
 * The FIF of our DIS: every resolution of T.4 up to 400 dpi, paper of any length, lines in no time; MMR with error
 * correction. Both kinds of units are taken, and neither is preferred.
 */
export function disFif({ internet, modems, ecm, width }: Offer): Uint8Array {
  const bits = new Bits()
    .set(BIT.receive)
    .write(BIT.modems, disBitsOf(modems))
    .set(BIT.fine)
    .set(BIT.twoDimensional)
    .write(BIT.width, bitsOfWidth(width))
    .write(BIT.length, bitsOfLength('unlimited'))
    .write(BIT.scanTime, '111');
  if (internet) bits.set(BIT.internet);
  if (ecm) bits.set(BIT.ecm).set(BIT.t6);
  for (const bit of [BIT.superfine, BIT.dpi300, BIT.dpi400, BIT.inches, BIT.metric, BIT.subaddress]) bits.set(bit);
  return bits.fif();
}
