import type { Codec } from '../sdp/media.ts';

/** Samples a second. */
export const SAMPLE_RATE = 8_000;

/** Octet of a sample of 0: what a silent line sends. */
export const SILENCE: Readonly<Record<Codec, number>> = { PCMU: 0xff, PCMA: 0xd5 };

/** Linear sample (16 bits, signed) to an octet of G.711. */
export function encodeSample(coding: Codec, sample: number): number {
  return coding === 'PCMU' ? encodeMu(sample) : encodeA(sample);
}

/** Octet of G.711 to a linear sample (16 bits, signed). */
export function decodeSample(coding: Codec, octet: number): number {
  return coding === 'PCMU' ? decodeMu(octet) : decodeA(octet);
}

// G.711 §3, µ-law: the magnitude plus a bias of 33 (in 14 bits; 132 in 16) lies in one of eight segments, each twice as
// wide as the one before; all bits are inverted on the line.
const MU_BIAS = 132;
const MU_CLIP = 32_635;

function encodeMu(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), MU_CLIP) + MU_BIAS;
  const segment = 24 - Math.clz32(magnitude);
  return ~(sign | (segment << 4) | ((magnitude >> (segment + 3)) & 0x0f)) & 0xff;
}

function decodeMu(octet: number): number {
  const code = ~octet & 0xff;
  const magnitude = ((((code & 0x0f) << 3) + MU_BIAS) << ((code >> 4) & 7)) - MU_BIAS;
  return (code & 0x80) !== 0 ? -magnitude : magnitude;
}

// G.711 §2, A-law: 13 bits, the two lowest segments equally wide; even bits are inverted on the line.
const A_INVERSION = 0x55;

function encodeA(sample: number): number {
  const positive = sample >= 0 ? 0x80 : 0;
  const magnitude = Math.min(positive ? sample : -sample - 1, 32_767) >> 3;
  const segment = Math.max(0, 27 - Math.clz32(magnitude));
  const low = (magnitude >> Math.max(1, segment)) & 0x0f;
  return (positive | (segment << 4) | low) ^ A_INVERSION;
}

function decodeA(octet: number): number {
  const code = octet ^ A_INVERSION;
  const segment = (code >> 4) & 7;
  const low = ((code & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? low : (low + 0x100) << (segment - 1);
  return (code & 0x80) !== 0 ? magnitude : -magnitude;
}
