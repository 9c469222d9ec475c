import { createRandom, type Random } from '../crash/random.ts';

/** What a network does to datagrams. Shares are of datagrams, 0 to 1; times are milliseconds. */
export interface Weather {
  readonly loss: number;
  /** Mean length of a run of lost ones; 1: each is lost by itself. */
  readonly burst: number;
  readonly duplicate: number;
  /** Held back until later ones have passed. */
  readonly reorder: number;
  readonly delay: number;
  /** Up to this much is added to the delay of each. */
  readonly jitter: number;
  /** Share of datagrams of which octets are changed or cut off, as only an enemy does: UDP has a checksum. */
  readonly mangled?: number;
  /** Times between which all is lost, ms. */
  readonly outages?: readonly { readonly from: number; readonly to: number }[];
}

/** A network that does nothing but take 20 ms. */
export const FAIR: Weather = { loss: 0, burst: 1, duplicate: 0, reorder: 0, delay: 20, jitter: 0 };

/** The randomness of a seed. Seeds in a row have nothing in common: their bits are mixed first (MurmurHash3's last step). */
export function randomOf(seed: number): Random {
  let mixed = seed >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return createRandom(mixed ^ (mixed >>> 16));
}

/** How long a reordered datagram is held back, at most, ms. */
const HELD_BACK = 120;

interface Flight {
  readonly at: number;
  readonly datagram: Uint8Array;
}

/** One direction of a network on a virtual clock: the same seed loses the same datagrams (Gilbert's model of two states). */
export class LossyLink {
  readonly #weather: Weather;
  readonly #random: Random;
  /** In order of arrival. */
  readonly #flights: Flight[] = [];
  #losing = false;
  sent = 0;
  lost = 0;

  constructor(weather: Weather, random: Random) {
    this.#weather = weather;
    this.#random = random;
  }

  /** When the next datagram arrives; null: none is under way. */
  get deadline(): number | null {
    return this.#flights[0]?.at ?? null;
  }

  send(datagram: Uint8Array, now: number): void {
    this.sent++;
    if (this.#loses() || this.#isOut(now)) {
      this.lost++;
      return;
    }
    this.#launch(datagram, now);
    if (this.#random.next() < this.#weather.duplicate) this.#launch(datagram, now);
  }

  /** The datagrams that have arrived by `now`. */
  arrived(now: number): Uint8Array[] {
    const count = this.#flights.findIndex((flight) => flight.at > now);
    return this.#flights.splice(0, count < 0 ? this.#flights.length : count).map((flight) => flight.datagram);
  }

  #loses(): boolean {
    const { loss, burst } = this.#weather;
    const leave = 1 / burst;
    const enter = (loss * leave) / (1 - loss);
    this.#losing = this.#random.next() < (this.#losing ? 1 - leave : enter);
    return this.#losing;
  }

  #isOut(now: number): boolean {
    return this.#weather.outages?.some(({ from, to }) => from <= now && now < to) ?? false;
  }

  #launch(datagram: Uint8Array, now: number): void {
    const { delay, jitter, reorder } = this.#weather;
    const held = this.#random.next() < reorder ? HELD_BACK * this.#random.next() : 0;
    const at = now + Math.round(delay + jitter * this.#random.next() + held);
    let place = this.#flights.length;
    while (place > 0 && (this.#flights[place - 1]?.at ?? 0) > at) place--;
    // What is sent may be written over afterwards, as a socket's buffer is.
    this.#flights.splice(place, 0, { at, datagram: this.#mangle(datagram.slice()) });
  }

  #mangle(datagram: Uint8Array): Uint8Array {
    const random = this.#random;
    const { mangled = 0 } = this.#weather;
    if (mangled === 0 || random.next() >= mangled) return datagram;
    for (let changes = random.below(4); changes > 0; changes--)
      datagram[random.below(datagram.length)] = random.below(256);
    return random.next() < 0.3 ? datagram.subarray(0, random.below(datagram.length + 1)) : datagram;
  }
}
