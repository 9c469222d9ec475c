import { mirrored } from '../bit-order.ts';
import { MAX_FRAMES } from './frames.ts';

/** Which partial page a PPS speaks of; its FIF behind the second FCF (T.30 §A.4.3). */
export interface PartialPage {
  /** Pages of this call before this one, modulo 256. */
  readonly page: number;
  /** Partial pages (blocks) of this page before this one, modulo 256. */
  readonly block: number;
  /** Frames of the partial page, 1 to 256. */
  readonly frames: number;
}

/** The FIF of PPS: three octets, to stand behind both FCFs. */
export function partialPageFif({ page, block, frames }: PartialPage): Uint8Array {
  return Uint8Array.of(mirrored(page & 255), mirrored(block & 255), mirrored((frames - 1) & 255));
}

/** What such a FIF says; null when it is cut short. Octets behind it are ignored. */
export function parsePartialPage(fif: Uint8Array): PartialPage | null {
  const [page, block, last] = fif;
  if (page === undefined || block === undefined || last === undefined) return null;
  return { page: mirrored(page), block: mirrored(block), frames: mirrored(last) + 1 };
}

/** Octets of PPR's FIF: one bit a frame. */
const PPR_LENGTH = MAX_FRAMES / 8;

/**
 * The FIF of PPR: 256 bits, the first for frame 0; 1 = not received rightly. Bits of frames that the partial page does
 * not have are 1 (T.30 §A.4.4).
 */
export function pprFif(isBad: (frame: number) => boolean): Uint8Array {
  const fif = new Uint8Array(PPR_LENGTH);
  for (let frame = 0; frame < MAX_FRAMES; frame++) {
    if (isBad(frame)) fif[frame >> 3] = (fif[frame >> 3] ?? 0) | (0x80 >> (frame & 7));
  }
  return fif;
}

/** Frames below `frames` that a PPR asks for again; null when it is cut short. */
export function parsePpr(fif: Uint8Array, frames: number): number[] | null {
  if (fif.length < Math.ceil(frames / 8)) return null;
  const bad: number[] = [];
  for (let frame = 0; frame < frames; frame++) {
    if (((fif[frame >> 3] ?? 0) & (0x80 >> (frame & 7))) !== 0) bad.push(frame);
  }
  return bad;
}
