/**
 * How long a one-page call has to take by the Recommendations alone: the tones, pauses, preambles and trainings of T.30 and the
 * modems, and bits by rate. Nothing here is asked of the engine but the octets of its frames.
 */

/** One signal of the call. */
export interface NominalSignal {
  readonly name: string;
  /** Milliseconds, the pause before it included. */
  readonly time: number;
}

/** What of a call its nominal time depends on. */
export interface CallOctets {
  /** Octets of the frames of each control signal, without flags and FCS: those of CSI and DIS, for example. */
  readonly control: Readonly<Record<'DIS' | 'DCS' | 'CFR' | 'PPS-EOP' | 'MCF' | 'DCN', readonly number[]>>;
  /** Octets of the coded page, EOFB included. */
  readonly page: number;
  /** Octets of an ECM frame's data field. */
  readonly frameSize: 64 | 256;
}

/** Pause before each signal (T.30 §5.3.1). */
const PAUSE = 75;
/** CED, 2.6 to 4.0 s (T.30 §4.3.3.2): as most machines have it. */
const CED = 3_000;
/** Flags before a control signal (T.30 §5.3.1). */
const PREAMBLE = 1_000;
/** bit/s of V.21. */
const CONTROL_RATE = 300;
/** Training of V.17, long and short (V.17 tables 3 and 4), and TCF (T.30 §5.3.6.1.4). */
const LONG_TRAINING = 1_393;
const SHORT_TRAINING = 142;
const TCF = 1_500;
/** Flags before the frames of a partial page (T.4 §A.3.1). */
const ECM_FLAGS = 200;
/** FCS and a flag. */
const FRAME_END = 3;
/** Address, control, FCF and frame number of FCD; the first three of RCP, which comes three times. */
const FCD_HEAD = 4;
const RCP = 3;
const RCP_COUNT = 3;
/** bit/s of V.17. */
const RATE = 14_400;

/** The signals of a call of one page in error correction mode at 14,400 bit/s, in order. Stuffed zeros are left out. */
export function nominalSignals({ control, page, frameSize }: CallOctets): NominalSignal[] {
  const spoken = (name: keyof CallOctets['control']): NominalSignal => ({
    name,
    time: PAUSE + PREAMBLE + bitTime(control[name], CONTROL_RATE),
  });
  const frames = Math.ceil(page / frameSize);
  const fields = [...Array<number>(frames).fill(FCD_HEAD + frameSize), ...Array<number>(RCP_COUNT).fill(RCP)];
  return [
    { name: 'CED', time: CED },
    spoken('DIS'),
    spoken('DCS'),
    { name: 'TCF', time: PAUSE + LONG_TRAINING + TCF },
    spoken('CFR'),
    { name: 'page', time: PAUSE + SHORT_TRAINING + ECM_FLAGS + bitTime(fields, RATE) },
    spoken('PPS-EOP'),
    spoken('MCF'),
    spoken('DCN'),
  ];
}

function bitTime(frames: readonly number[], rate: number): number {
  const octets = frames.reduce((sum, length) => sum + length + FRAME_END, 0);
  return (8_000 * octets) / rate;
}
