import type { LineReport } from '../../../gateway/fax/call-result.ts';
import type { Clock } from '../../../gateway/ports/clock.ts';

/** Durations of a call in milliseconds: nominal values of the procedures named beside them. */
export const DURATIONS = {
  /** Post-dial delay of a local call. */
  setUp: 400,
  /** Default time from the first ring to the answer: one ringing cycle (E.180 §4: 1 s tone, 4 s silence) and a moment. */
  ring: 6_000,
  /** A caller gives up an unanswered call. */
  noAnswer: 60_000,
  /** CED 2.6–4 s (T.30 §4.3.3.2) and DIS at 300 bit/s with its preamble. */
  identification: 4_600,
  /** DCS, TCF 1.5 s and CFR (T.30 §5.2, §5.3.6.1.3). */
  training: 4_000,
  /** MPS or EOP, then MCF or RTN, with their preambles. */
  postMessage: 2_400,
  /** DCN. */
  disconnect: 400,
  /** T1: how long a caller listens for a fax machine (T.30 §5.4.3.1: 35 ± 5 s). */
  t1: 35_000,
} as const;

/**
 * How long the far machine bears a caller that does nothing. T.30 has T1 = 35 ± 5 s before training and T2 = 6 ± 1 s
 * after it; we take T1 throughout, so that a slow disk does not cut a call inside one machine.
 */
export const SILENCE = 35_000;

/** Rates of V.27 ter, V.29, V.17 and V.34 in bit/s, slowest first. */
export const RATES = [
  2_400, 4_800, 7_200, 9_600, 12_000, 14_400, 16_800, 19_200, 21_600, 24_000, 26_400, 28_800, 31_200, 33_600,
] as const;

/** The fastest rate of V.34. */
export const FASTEST = 33_600;

/** The fastest rate of the network's lines in bit/s; `instant`: the fastest there is, and no waiting at all. */
export type Speed = 'instant' | number;

/** The pace of a network. */
export interface Pace {
  /** bit/s. */
  readonly maxRate: number;
  /** Resolves after `ms` of line time; rejects with the signal's reason when the call ends before. */
  pass(ms: number, over: AbortSignal): Promise<void>;
}

/** A pace on `clock`. */
export function createPace(clock: Clock, speed: Speed): Pace {
  const instant = speed === 'instant';
  return {
    maxRate: instant ? FASTEST : speed,
    async pass(ms, over) {
      over.throwIfAborted();
      if (!instant) await wait(clock, ms, over);
    },
  };
}

function wait(clock: Clock, ms: number, over: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      cancel();
      reject(over.reason);
    };
    const cancel = clock.after(ms, () => {
      over.removeEventListener('abort', stop);
      resolve();
    });
    over.addEventListener('abort', stop, { once: true });
  });
}

/** The fastest rate that stands in the list and exceeds neither limit. */
export function commonRate(...limits: readonly number[]): number {
  const limit = Math.min(...limits);
  return RATES.findLast((rate) => rate <= limit) ?? RATES[0];
}

/** One step down, as after a failed training or RTN. */
export function slower(rate: number): number {
  return RATES.findLast((candidate) => candidate < rate) ?? RATES[0];
}

/** Modulation that T.30 table 2 uses at `rate`. */
export function modulation(rate: number): string {
  if (rate <= 4_800) return 'V.27ter';
  if (rate <= 9_600) return 'V.29';
  return rate <= 14_400 ? 'V.17' : 'V.34';
}

/** The line's report at `rate`. The network carries the stored T.6 data as they are, with and without ECM. */
export function lineReport(rate: number, ecm: boolean, retrains: number): LineReport {
  return { rate, modulation: modulation(rate), compression: 'MMR', ecm, t38: false, retrains, badRows: 0 };
}
