/** Minimum time of a scan line, ms. */
export type ScanTime = 0 | 5 | 10 | 20 | 40;

/** Minimum scan line times of a receiver by resolution, ms. */
export interface ScanTimes {
  /** At 3.85 lines/mm. */
  readonly standard: ScanTime;
  /** At 7.7 lines/mm. */
  readonly fine: ScanTime;
  /** At 15.4 lines/mm and above. */
  readonly superfine: ScanTime;
}

/** Bits 21 to 23 of DIS: times at 3.85 and at 7.7 lines/mm (T.30 table 2). */
const DIS_TIMES: Readonly<Record<string, readonly [standard: ScanTime, fine: ScanTime]>> = {
  '000': [20, 20],
  '001': [40, 40],
  '010': [10, 10],
  '100': [5, 5],
  '011': [10, 5],
  '110': [20, 10],
  '101': [40, 20],
  '111': [0, 0],
};

/** Bits 21 to 23 of DCS: the time that will be kept. */
const DCS_TIMES: Readonly<Record<string, ScanTime>> = { '000': 20, '001': 40, '010': 10, '100': 5, '111': 0 };

const HALF: Readonly<Record<ScanTime, ScanTime>> = { 0: 0, 5: 5, 10: 5, 20: 10, 40: 20 };

/** Bits 21 to 23 of DIS, and bit 46 (half the time of 7.7 lines/mm at 15.4; never below 5 ms). */
export function scanTimesOf(bits: string, half: boolean): ScanTimes {
  const [standard, fine] = DIS_TIMES[bits] ?? [20, 20];
  return { standard, fine, superfine: half ? HALF[fine] : fine };
}

/** Bits 21 to 23 of DCS; what it cannot say is read as 20 ms, and harms no receiver that takes any. */
export function scanTimeOf(bits: string): ScanTime {
  return DCS_TIMES[bits] ?? 20;
}

/** The notation of bits 21 to 23 of DCS. */
export function scanTimeBits(time: ScanTime): string {
  return Object.keys(DCS_TIMES).find((bits) => DCS_TIMES[bits] === time) ?? '000';
}
