import { T30Error } from '../errors.ts';
import type { Modem } from '../line.ts';
import type { Compression } from '../page-terms.ts';
import { Bits } from './bits.ts';
import { BIT, FOREIGN_DCS_BITS } from './capability-bits.ts';
import { dcsBitsOf, modemOfDcs } from './modems.ts';
import { bitsOfLength, bitsOfWidth, type Length, lengthOfBits, type Width, widthOfBits } from './paper.ts';
import { type ScanTime, scanTimeBits, scanTimeOf } from './scan-time.ts';

/** Pels and lines to the inch that T.30 knows, each as T.4 names it; 98, 196 and 391 are 3.85, 7.7 and 15.4 lines/mm. */
export type DcsResolution =
  | '204×98'
  | '204×196'
  | '204×391'
  | '408×391'
  | '200×100'
  | '200×200'
  | '200×400'
  | '300×300'
  | '400×400';

/** What will be done with the pages that follow (T.30 table 2, DCS). */
export interface Dcs {
  /** Both stations are Internet-aware fax devices. */
  readonly internet: boolean;
  readonly modem: Modem;
  readonly compression: Compression;
  readonly ecm: boolean;
  /** Octets of an ECM frame; it counts with `ecm` only. */
  readonly frameSize: 64 | 256;
  readonly resolution: DcsResolution;
  readonly width: Width;
  readonly length: Length;
  readonly scanTime: ScanTime;
  readonly subaddress: boolean;
  readonly senderId: boolean;
}

/** Why a DCS cannot be followed. */
export type DcsRefusal = 'modem' | 'coding';

const RESOLUTION_BITS: Readonly<Record<DcsResolution, readonly number[]>> = {
  '204×98': [],
  '204×196': [BIT.fine],
  '204×391': [BIT.superfine],
  '408×391': [BIT.dpi400],
  '200×100': [BIT.inches],
  '200×200': [BIT.fine, BIT.inches],
  '200×400': [BIT.superfine, BIT.inches],
  '300×300': [BIT.dpi300, BIT.inches],
  '400×400': [BIT.dpi400, BIT.inches],
};

/** The FIF of DCS. Throws `unfit_value` for a modem that T.30 does not have. */
export function dcsFif(dcs: Dcs): Uint8Array {
  const bits = new Bits()
    .set(BIT.receive)
    .write(BIT.modems, modemNotation(dcs.modem))
    .write(BIT.width, bitsOfWidth(dcs.width))
    .write(BIT.length, bitsOfLength(dcs.length))
    .write(BIT.scanTime, scanTimeBits(dcs.scanTime));
  for (const bit of RESOLUTION_BITS[dcs.resolution]) bits.set(bit);
  if (dcs.internet) bits.set(BIT.internet);
  if (dcs.compression === 'MR') bits.set(BIT.twoDimensional);
  if (dcs.compression === 'MMR') bits.set(BIT.t6);
  if (dcs.ecm) bits.set(BIT.ecm);
  if (dcs.ecm && dcs.frameSize === 64) bits.set(BIT.frame64);
  if (dcs.subaddress) bits.set(BIT.subaddress);
  if (dcs.senderId) bits.set(BIT.senderId);
  return bits.fif();
}

/** What DCS commands, or why it cannot be followed. */
export function parseDcs(fif: Uint8Array): Dcs | DcsRefusal {
  const bits = new Bits(fif);
  const modem = modemOfDcs(bits.read(BIT.modems, 4));
  if (modem === null) return 'modem';
  if (isForeign(bits)) return 'coding';
  const ecm = bits.has(BIT.ecm);
  return {
    internet: bits.has(BIT.internet),
    modem,
    ecm,
    compression: ecm && bits.has(BIT.t6) ? 'MMR' : bits.has(BIT.twoDimensional) ? 'MR' : 'MH',
    frameSize: ecm && bits.has(BIT.frame64) ? 64 : 256,
    resolution: resolutionOf(bits),
    width: widthOfBits(bits.read(BIT.width, 2)),
    length: lengthOfBits(bits.read(BIT.length, 2)),
    scanTime: scanTimeOf(bits.read(BIT.scanTime, 3)),
    subaddress: bits.has(BIT.subaddress),
    senderId: bits.has(BIT.senderId),
  };
}

/** The FIF of CTC: bits 1 to 16 of DCS, of which the modem counts (T.30 §A.4.1). */
export function ctcFif(modem: Modem): Uint8Array {
  return new Bits().write(BIT.modems, modemNotation(modem)).fif().slice(0, 2);
}

/** The modem that CTC commands; null for one that T.30 does not have. */
export function parseCtc(fif: Uint8Array): Modem | null {
  return modemOfDcs(new Bits(fif).read(BIT.modems, 4));
}

/** Whether the pages are of a kind that our DIS does not offer: colour, files, text, uncompressed mode. */
function isForeign(bits: Bits): boolean {
  return bits.has(BIT.uncompressed) || Object.values(FOREIGN_DCS_BITS).some((bit) => bits.has(bit));
}

function resolutionOf(bits: Bits): DcsResolution {
  const inches = bits.has(BIT.inches);
  if (bits.has(BIT.dpi400)) return inches ? '400×400' : '408×391';
  if (bits.has(BIT.dpi300)) return '300×300';
  if (bits.has(BIT.superfine)) return inches ? '200×400' : '204×391';
  if (bits.has(BIT.fine)) return inches ? '200×200' : '204×196';
  return inches ? '200×100' : '204×98';
}

function modemNotation(modem: Modem): string {
  const notation = dcsBitsOf(modem);
  if (notation === null) throw new T30Error('unfit_value', `${modem.modulation} has no rate of ${modem.rate} bit/s`);
  return notation;
}
