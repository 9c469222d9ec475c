import type { Codec } from '../sdp/media.ts';
import { decodeSample, encodeSample, SAMPLE_RATE, SILENCE } from './g711.ts';

/** Length of one packet of audio, ms: the default of RFC 3551 §4.5.14. */
export const PACKET_TIME = 20;
/** Samples of one packet. */
export const PACKET_SAMPLES = (SAMPLE_RATE * PACKET_TIME) / 1_000;

/** CNG, T.30 §4.2: 1100 Hz ± 38 Hz, 0.5 s on and 3 s off, each ± 15 %. */
const CNG = { frequency: 1_100, on: 500, off: 3_000 } as const;
/** CED, T.30 §4.3.3: 2100 Hz ± 15 Hz for 2.6 to 4.0 s; 3 s as terminals of the field send it. */
export const CED = { frequency: 2_100, time: 3_000, least: 2_600 } as const;
/** −13 dBm0 in the linear scale of `g711.ts`, where 0 dBm0 is 3.17 dB below the full scale of ±32,124. */
const AMPLITUDE = 32_124 * 10 ** ((-13 - 3.17) / 20);

/** The payloads of one coding. Both frequencies make whole periods in a packet, so that each packet is like the one before. */
export interface TonePackets {
  readonly silence: Uint8Array;
  readonly cng: Uint8Array;
  readonly ced: Uint8Array;
}

const PACKETS: Readonly<Record<Codec, TonePackets>> = { PCMU: packets('PCMU'), PCMA: packets('PCMA') };

/** The payloads of a coding; shared, not to be changed. */
export function tonePackets(coding: Codec): TonePackets {
  return PACKETS[coding];
}

function packets(coding: Codec): TonePackets {
  return {
    silence: new Uint8Array(PACKET_SAMPLES).fill(SILENCE[coding]),
    cng: tone(coding, CNG.frequency),
    ced: tone(coding, CED.frequency),
  };
}

function tone(coding: Codec, frequency: number): Uint8Array {
  return Uint8Array.from({ length: PACKET_SAMPLES }, (_, at) =>
    encodeSample(coding, Math.round(AMPLITUDE * Math.sin((2 * Math.PI * frequency * at) / SAMPLE_RATE))),
  );
}

/** What a station plays: a caller CNG without end, an answerer CED once and then silence. */
export type Playing = 'cng' | 'ced' | 'silence';

/** The payload of packet `index` (from 0) of what is played. */
export function toneAt(playing: Playing, index: number, { silence, cng, ced }: TonePackets): Uint8Array {
  const at = index * PACKET_TIME;
  if (playing === 'cng') return at % (CNG.on + CNG.off) < CNG.on ? cng : silence;
  return playing === 'ced' && at < CED.time ? ced : silence;
}

/** A signal of a fax machine in audio. `v21`: the flags of a V.21 preamble, 1650 and 1850 Hz (T.30 §5.3.1). */
export type FaxTone = 'cng' | 'ced' | 'v21';

/** Share of a block's energy that must lie at the frequencies; speech and music stay far below for so long. */
const SHARE = 0.6;
/** Least mean square of a block: −43 dBm0, the least level that T.30 has a receiver hear. */
const LEAST_LEVEL = (32_124 * 10 ** ((-43 - 3.17) / 20)) ** 2 / 2;
/** Consecutive blocks of 20 ms: 0.3 s, which CNG (0.425 s at least) and a preamble (0.85 s at least) outlast. */
const BLOCKS = 15;

/** Tells fax signals from anything else in received G.711. One call's worth of state; work is constant for each sample. */
export class ToneEar {
  readonly #samples = new Float64Array(PACKET_SAMPLES);
  #filled = 0;
  #run: { tone: FaxTone | null; blocks: number } = { tone: null, blocks: 0 };

  /** Takes the payload of a packet; answers the signal when it has just been recognised. */
  hear(coding: Codec, payload: Uint8Array): FaxTone | null {
    let heard: FaxTone | null = null;
    for (const octet of payload) {
      this.#samples[this.#filled++] = decodeSample(coding, octet);
      if (this.#filled < PACKET_SAMPLES) continue;
      this.#filled = 0;
      heard = this.#block() ?? heard;
    }
    return heard;
  }

  #block(): FaxTone | null {
    const tone = judge(this.#samples);
    this.#run = tone !== null && tone === this.#run.tone ? { tone, blocks: this.#run.blocks + 1 } : { tone, blocks: 1 };
    return tone !== null && this.#run.blocks === BLOCKS ? tone : null;
  }
}

function judge(samples: Float64Array): FaxTone | null {
  const total = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  if (total < LEAST_LEVEL) return null;
  const share = (frequencies: readonly number[]) =>
    frequencies.reduce((sum, frequency) => sum + power(samples, frequency), 0) / total;
  if (share(around(CNG.frequency)) > SHARE) return 'cng';
  if (share(around(CED.frequency)) > SHARE) return 'ced';
  return share([...around(1_650), ...around(1_850)]) > SHARE ? 'v21' : null;
}

/** Frequencies that are independent of each other in 20 ms: together they hold a tone that is off by up to 50 Hz. */
function around(frequency: number): number[] {
  return [frequency - 50, frequency, frequency + 50];
}

/** Mean square of the part of the samples at `frequency` (Goertzel's recursion). */
function power(samples: Float64Array, frequency: number): number {
  const turn = (2 * Math.PI * frequency) / SAMPLE_RATE;
  const factor = 2 * Math.cos(turn);
  let one = 0;
  let two = 0;
  for (const sample of samples) [one, two] = [sample + factor * one - two, one];
  return (2 * (one * one + two * two - factor * one * two)) / samples.length ** 2;
}
