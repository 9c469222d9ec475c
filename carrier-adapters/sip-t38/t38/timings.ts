import type { Modem } from '../t30/line.ts';

// Times in milliseconds of a terminal that faces a gateway with a real line behind it.

/** Silence before each signal: 75 ± 20 ms (T.30 §5.3.1, §5.3.6). */
export const PAUSE = 75;
/** CED lasts 2.6 to 4.0 s (T.30 §4.3.3.2). */
export const CED = 3_000;
/** CNG is 0.5 s of tone and 3 s of silence, each ± 15 % (T.30 §4.3.3.3); a gateway makes the tone of each indicator. */
export const CNG_PERIOD = 3_500;
/** Flags in front of a control signal: 1 s ± 15 % (T.30 §5.3.1). */
export const PREAMBLE = 1_000;
/** TCF: zeros for 1.5 s ± 10 % (T.30 §5.3.6.1.4). */
export const TCF = 1_500;
/**
 * Zeros behind a page: some gateways drop their carrier as soon as they have the end of the data, and the last rows with
 * it. 40 ms are known to help; behind RTC a receiver passes them over (T.4 §4.1.4).
 */
export const TRAILER = 60;
/** Flags in front of the first frame of a partial page: at least 200 ms (T.4 annex A, §A.3.1). */
export const ECM_FLAGS = 200;
/** bit/s of V.21 channel 2 (T.30 §5.3.1). */
export const CONTROL_RATE = 300;
/** Data fields leave for so much of the modem's time: T.38 asks for packets small enough not to delay. */
export const CHUNK = 30;
/** An indicator is sent so often, for a gap follows it in which no other packet could bring it back. */
export const INDICATOR_COPIES = 3;
/** Time between these. */
export const COPY_INTERVAL = 30;
/** An idle terminal says `no-signal` so often: NAT forgets a binding that nothing leaves by after 30 s and more (RFC 4787 §4.3 asks for two minutes). */
export const KEEP_ALIVE = 10_000;
/** `progress` is told so often. */
export const PROGRESS = 1_000;
/** A terminal that is called so late does not make up for it. */
export const SLIP = 500;
/** Internet-aware ends: a packet each so often, of at most so many octets, so that no buffer on the way is flooded. */
export const INTERNET_INTERVAL = 10;
/** Octets of such a packet's data. */
export const INTERNET_CHUNK = 320;

/** A signal ends by itself when its data stop for so long: longer than the network's worst second, shorter than T.30's T4 (3 s). */
export const SIGNAL_TIMEOUT = 2_000;
/** The same between its indicator and its first data: the longest training is 1.4 s, a preamble 1.15 s. */
export const TRAINING_TIMEOUT = 4_000;

/**
 * Training without the echo protection tone: V.17 (V.17 table 3: 1,393 and 142 ms), V.29 (V.29 §8.2: 253 ms), V.27 ter
 * (V.27 ter table 3: 943 ms at 2400 and 708 ms at 4800 bit/s). A gateway whose modem takes longer buffers what is early.
 */
export function trainingTime({ modulation, rate }: Modem, short: boolean): number {
  if (modulation === 'V.29') return 253;
  if (modulation === 'V.27ter') return rate === 2400 ? 943 : 708;
  return short ? 142 : 1_393;
}
