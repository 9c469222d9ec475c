import type { Clock } from '../../../gateway/ports/clock.ts';

/** What a network does to packets. Shares are of packets, 0 to 1. */
export interface Weather {
  /** The same seed loses the same packets of the same call. */
  readonly seed: number;
  readonly loss: number;
  /** Packets that are held back until later ones have passed. */
  readonly reorder: number;
  /** Up to so many ms are added to the way of each. */
  readonly jitter: number;
}

/** Packets on their way in one direction. What is sent may be written over afterwards; what arrives is zeroed after it. */
export type Cable = (arrive: (packet: Uint8Array) => void) => (packet: Uint8Array) => void;

/** ms from end to end without jitter: a wide-area network within a country. */
export const WAY = 20;
/** How long a packet is held back at most, ms: the time of three packets of an image. */
const HELD_BACK = 120;

/** Cables of an in-memory network; each has a chance of its own, by the order in which they are laid. */
export function cablesIn(weather: Weather, clock: Clock): Cable {
  let laid = 0;
  return (arrive) => {
    const chance = chanceOf(weather.seed + laid++);
    const way = () => WAY + weather.jitter * chance() + (chance() < weather.reorder ? HELD_BACK * chance() : 0);
    return (packet) => {
      if (chance() < weather.loss) return;
      // Outside of V8's heap, where the collector would leave copies of it behind.
      const copy = new Uint8Array(new ArrayBuffer(packet.length));
      copy.set(packet);
      clock.after(way(), () => {
        arrive(copy);
        copy.fill(0);
      });
    };
  };
}

/** Numbers from 0 to below 1, the same ones for a seed: a Weyl sequence whose terms are mixed as MurmurHash3 ends. */
export function chanceOf(seed: number): () => number {
  let state = mixed(seed);
  return () => {
    state = (state + 0x9e37_79b9) >>> 0;
    return mixed(state) / 2 ** 32;
  };
}

function mixed(value: number): number {
  let bits = value >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
