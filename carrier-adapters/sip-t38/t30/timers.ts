// Times of T.30 in milliseconds, each with its source, its tolerance and the end of it that is used. Packets add delay to
// every answer, so waits for an answer stand at their upper end.

/** T1: identification of each other; 35 ± 5 s (T.30 §5.4.3.1). */
export const T1 = 35_000;

/** T2: loss of command synchronisation, a receiver's wait for the next command or page; 6 ± 1 s (T.30 §5.4.3.1). */
export const T2 = 7_000;

/** T4: wait for the answer to a command, automatic units; 3 s ± 15 % (T.30 §5.4.3.1; 4.5 s is for manual ones). */
export const T4 = 3_450;

/** Pause of an answerer between two DIS: T4 at its lower end, so that T1 sees as many as it can hold. */
export const T4_IDENTIFICATION = 2_550;

/** T5: how long a station may be not ready in error correction mode; 60 ± 5 s (T.30 §A.5.4). */
export const T5 = 60_000;

/** A command is sent three times at most (T.30 §5.4.2, figure 5-2). */
export const TRIES = 3;

/** Zeros of TCF: 1.5 s ± 10 % (T.30 §5.3.6.1.4). */
export const TCF = 1_500;

/**
 * Zeros without a gap that make TCF a success. T.30 leaves the measure to the receiver; two thirds of it allow for the
 * shortest TCF, the end of the training and one lost packet, and still show 14,400 bits in order at 14,400 bit/s.
 */
export const TCF_GOOD = 1_000;

// Waits that are ours: T.30 gives no figure for them.

/** From DCS to the end of TCF: 75 ms, the longest training of T.30 (1.4 s), TCF at its longest, and delay of packets. */
export const TCF_WAIT = 5_000;

/** From the end of a final frame to the end of its carrier; then the line is ours whatever is heard. */
export const TURN = 300;

/** The longest control signal: a preamble of 1.15 s and identification frames of 3 s (T.30 §5.3.1), and delay. */
export const SIGNAL_MAX = 10_000;

/** However often a carrier comes up, a wait for an answer ends this long after it began. */
export const WAIT_MAX = 30_000;

/** Between our answer to EOM and the next DIS: room for the far station to repeat EOM when it has not heard the answer. */
export const EOM_PAUSE = 1_000;

/** How long a caller waits for its own page; the far station waits for T2 only. */
export const PAGE_READY = 30_000;

/** Between PPS and RNR while the verdict on a page is awaited: well before the far station's T4. */
export const VERDICT_ECM = 1_000;

/** A verdict later than this is none. */
export const VERDICT_MAX = 120_000;

/** A page of which nothing comes for so long has ended, whatever its carrier does. */
export const PAGE_IDLE = 20_000;

/** Longest page: an hour at 2400 bit/s is 1 MB of coded data. */
export const PAGE_MAX = 3_600_000;

/** Wait for the far station's silence before DCN breaks in, and for DCN to leave. */
export const FAREWELL = 4_000;

/** Longest call. */
export const CALL_MAX = 6 * 3_600_000;
