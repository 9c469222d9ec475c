import type { ModemSet } from '../frames/modems.ts';
import type { Modem, Modulation } from '../line.ts';

/** Every setting from the fastest down: V.17 falls back within itself, V.29 after it would only repeat its rates. */
const RUNGS: readonly Modem[] = [
  { modulation: 'V.17', rate: 14_400 },
  { modulation: 'V.17', rate: 12_000 },
  { modulation: 'V.17', rate: 9_600 },
  { modulation: 'V.17', rate: 7_200 },
  { modulation: 'V.29', rate: 9_600 },
  { modulation: 'V.29', rate: 7_200 },
  { modulation: 'V.27ter', rate: 4_800 },
  { modulation: 'V.27ter', rate: 2_400 },
];

/** What a station lets its modems do. */
export interface ModemLimits {
  readonly modulations: readonly Modulation[];
  /** bit/s. */
  readonly maxRate: number;
}

/** The modem settings that both stations have, fastest first: one is tried after the other (T.30 §5.4.1, figure 5-2a). */
export function ladderOf(far: ModemSet, own: ModemLimits): Modem[] {
  const common = RUNGS.filter(
    ({ modulation, rate }) =>
      far.modulations.includes(modulation) &&
      own.modulations.includes(modulation) &&
      rate <= own.maxRate &&
      !(far.slow && rate > 2_400),
  );
  const fast = common.some(({ modulation }) => modulation === 'V.17');
  return common.filter(({ modulation }) => !(fast && modulation === 'V.29'));
}

/** What an answerer announces: every modulation with a rate that it takes. */
export function modemSetOf({ modulations, maxRate }: ModemLimits): ModemSet {
  const able = RUNGS.filter(({ modulation, rate }) => modulations.includes(modulation) && rate <= maxRate);
  const fast = able.some(({ rate }) => rate > 2_400);
  return { modulations: [...new Set(able.map(({ modulation }) => modulation))], slow: !fast };
}
