import type { Modem, Modulation } from '../line.ts';

/** Bits 11 to 14 of DCS by the modem they command (T.30 table 2). */
const DCS_MODEMS: readonly { readonly bits: string; readonly modem: Modem }[] = [
  { bits: '0000', modem: { modulation: 'V.27ter', rate: 2_400 } },
  { bits: '0100', modem: { modulation: 'V.27ter', rate: 4_800 } },
  { bits: '1000', modem: { modulation: 'V.29', rate: 9_600 } },
  { bits: '1100', modem: { modulation: 'V.29', rate: 7_200 } },
  { bits: '0001', modem: { modulation: 'V.17', rate: 14_400 } },
  { bits: '0101', modem: { modulation: 'V.17', rate: 12_000 } },
  { bits: '1001', modem: { modulation: 'V.17', rate: 9_600 } },
  { bits: '1101', modem: { modulation: 'V.17', rate: 7_200 } },
];

/** Bits 11 to 14 of DIS by what the station can; `0000` is V.27 ter at 2400 bit/s alone, its fall-back mode. */
const DIS_MODEMS: readonly {
  readonly bits: string;
  readonly modulations: readonly Modulation[];
  readonly slow: boolean;
}[] = [
  { bits: '0000', modulations: ['V.27ter'], slow: true },
  { bits: '0100', modulations: ['V.27ter'], slow: false },
  { bits: '1000', modulations: ['V.29'], slow: false },
  { bits: '1100', modulations: ['V.27ter', 'V.29'], slow: false },
  // V.33, which later editions withdrew: such a station can do the others as well.
  { bits: '1110', modulations: ['V.27ter', 'V.29'], slow: false },
  { bits: '1101', modulations: ['V.27ter', 'V.29', 'V.17'], slow: false },
];

/** Modems that a station can use. */
export interface ModemSet {
  readonly modulations: readonly Modulation[];
  /** Whether it can do V.27 ter at 2400 bit/s only. */
  readonly slow: boolean;
}

/** Every modem setting of the message channel, as DCS can command it. */
export const MODEMS: readonly Modem[] = DCS_MODEMS.map(({ modem }) => modem);

/** Bits 11 to 14 of DCS. Null for V.33 and reserved ones. */
export function modemOfDcs(bits: string): Modem | null {
  return DCS_MODEMS.find((row) => row.bits === bits)?.modem ?? null;
}

/** The notation of bits 11 to 14 of DCS; null for a setting that no modulation has. */
export function dcsBitsOf({ modulation, rate }: Modem): string | null {
  return DCS_MODEMS.find(({ modem }) => modem.modulation === modulation && modem.rate === rate)?.bits ?? null;
}

/** Bits 11 to 14 of DIS; a reserved combination is taken as what every station has: V.27 ter at 2400 bit/s. */
export function modemsOfDis(bits: string): ModemSet {
  const { modulations, slow } = DIS_MODEMS.find((row) => row.bits === bits) ?? { modulations: ['V.27ter'], slow: true };
  return { modulations, slow };
}

/** The notation of bits 11 to 14 of DIS for the most of `set` that it can say: V.17 implies the other two. */
export function disBitsOf({ modulations, slow }: ModemSet): string {
  if (modulations.includes('V.17')) return '1101';
  if (modulations.includes('V.29')) return modulations.includes('V.27ter') ? '1100' : '1000';
  return slow ? '0000' : '0100';
}
