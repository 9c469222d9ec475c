import { copied } from '../octets.ts';
import { MAX_DATAGRAM, parseDatagram, type Redundancy } from './datagram.ts';
import type { Received, ReceiverCounts } from './options.ts';
import { covered, mix } from './parity.ts';

/** Packets that wait for an earlier one, at most. */
const WINDOW = 32;
/** Slots for packets: those that wait, and as many delivered ones for parity. A power of two. */
const SLOTS = 2 * WINDOW;
/** ms that a packet waits for an earlier one before that is given up: the jitter of a bad line. */
const HOLD = 250;
/** A session begins at 0 (T.38 §9.1); a first packet with a number up to this one says that its elders were lost. */
const FIRST = WINDOW;
/** Farther behind or ahead than these, a number belongs to no session of ours, unless the next ones go on from it. */
const BEHIND = 64;
const AHEAD = 1_024;
const NEW_SESSION = 3;
/** Parity of so many datagrams is remembered while a packet is missing. */
const PARITIES = 8;

const NOTHING: readonly Received[] = [];

interface Slot {
  readonly sequence: number;
  readonly ifp: Uint8Array;
  readonly arrived: number;
}

interface Parity {
  readonly sequence: number;
  readonly span: number;
  readonly parts: readonly Uint8Array[];
}

/**
 * Puts the packets of one far end back in order, each once, and fetches lost ones out of recovery data (T.38 §9.1, annex C). Work
 * for one datagram is linear in its length, and what is kept is bounded, whatever comes.
 */
export class UdptlReceiver {
  /** By sequence number without wrap. */
  readonly #slots: (Slot | undefined)[] = new Array(SLOTS).fill(undefined);
  readonly #parities: Parity[] = [];
  /** Packets that nothing needs any more once the caller has seen to those it was given. */
  readonly #spent: Uint8Array[] = [];
  /** The next packet to be delivered; null before the first datagram. */
  #next: number | null = null;
  /** The latest packet that came. */
  #newest = -1;
  #strays = { next: -1, run: 0 };
  #lost = 0;
  readonly #counts = { datagrams: 0, malformed: 0, delivered: 0, recovered: 0, lost: 0, late: 0 };

  /** Counts since the beginning. */
  get counts(): ReceiverCounts {
    return this.#counts;
  }

  /** When a packet that waits is delivered without those before it; null: none waits. */
  get deadline(): number | null {
    const waiting = this.#firstWaiting();
    return waiting === null ? null : waiting.arrived + HOLD;
  }

  /** The packets that a datagram (null: the time alone) makes ready, in order. The datagram may be used again afterwards. */
  handle(datagram: Uint8Array | null, now: number): readonly Received[] {
    this.#wipeSpent();
    const ready: Received[] = [];
    if (datagram !== null) this.#take(datagram, now, ready);
    this.#deliver(ready);
    for (let waiting = this.#firstWaiting(); waiting !== null && now >= waiting.arrived + HOLD; ) {
      this.#skip(waiting.sequence, ready);
      this.#deliver(ready);
      waiting = this.#firstWaiting();
    }
    return ready.length === 0 ? NOTHING : ready;
  }

  /** Zeroes all packets; nothing is received afterwards. */
  close(): void {
    this.#forget();
    this.#wipeSpent();
  }

  #forget(): void {
    for (const slot of this.#slots) if (slot !== undefined) this.#spent.push(slot.ifp);
    this.#slots.fill(undefined);
    this.#dropParities();
  }

  #dropParities(): void {
    for (const parity of this.#parities) wipeParity(parity);
    this.#parities.length = 0;
  }

  #wipeSpent(): void {
    for (const ifp of this.#spent) ifp.fill(0);
    this.#spent.length = 0;
  }

  #take(bytes: Uint8Array, now: number, ready: Received[]): void {
    const datagram = bytes.length > MAX_DATAGRAM ? null : parseDatagram(bytes);
    if (datagram === null) {
      this.#counts.malformed++;
      return;
    }
    this.#counts.datagrams++;
    const sequence = this.#place(datagram.sequence);
    if (sequence === null || sequence < this.#expected() || this.#has(sequence)) this.#counts.late++;
    if (sequence === null || sequence < this.#expected()) return;
    if (sequence - this.#expected() >= WINDOW) this.#skip(sequence - WINDOW + 1, ready);
    if (!this.#has(sequence)) this.#put(sequence, copied(datagram.primary), now);
    this.#newest = Math.max(this.#newest, sequence);
    this.#recover(sequence, datagram.redundancy, now);
  }

  /** The number without wrap; null for a stray. */
  #place(sequence: number): number | null {
    if (this.#next === null) this.#next = sequence <= FIRST ? 0 : sequence;
    const distance = ((sequence - this.#next) << 16) >> 16;
    if (distance >= -BEHIND && distance <= AHEAD) {
      this.#strays.run = 0;
      return this.#next + distance;
    }
    return this.#stray(sequence);
  }

  /** Numbers that go on from each other elsewhere: the far end has begun anew. */
  #stray(sequence: number): number | null {
    const strays = this.#strays;
    strays.run = sequence === strays.next ? strays.run + 1 : 1;
    strays.next = (sequence + 1) & 0xffff;
    if (strays.run < NEW_SESSION) return null;
    strays.run = 0;
    this.#forget();
    // How many are gone cannot be known; as many as can be waited for tells that it may be a whole signal.
    this.#lose(WINDOW);
    this.#next = sequence;
    this.#newest = sequence;
    return sequence;
  }

  #recover(sequence: number, redundancy: Redundancy, now: number): void {
    if (redundancy.kind === 'secondary') {
      redundancy.parts.forEach((part, i) => {
        this.#found(sequence - 1 - i, part, now);
      });
    } else if (redundancy.parts.length > 0) {
      this.#keepParity({ sequence, span: redundancy.span, parts: redundancy.parts });
    }
    if (this.#complete()) this.#dropParities();
    while (this.#parities.some((parity) => this.#solve(parity, now)));
  }

  /** A datagram's parity is copied only when something is missing that it or a later packet may bring back. */
  #keepParity(parity: Parity): void {
    if (this.#complete()) return;
    this.#parities.push({ ...parity, parts: parity.parts.map(copied) });
    if (this.#parities.length <= PARITIES) return;
    const oldest = this.#parities.shift();
    if (oldest !== undefined) wipeParity(oldest);
  }

  /** Brings back a packet that is the only one missing of those an entry covers; says whether there was one. */
  #solve({ sequence, span, parts }: Parity, now: number): boolean {
    for (let m = 0; m < parts.length; m++) {
      const missing = this.#onlyMissing(sequence, m, span, parts.length);
      const parity = parts[m];
      if (missing === null || parity === undefined || parity.length === 0) continue;
      const packet = copied(parity);
      for (let k = 1; k <= span; k++) {
        const slot = this.#slot(sequence + covered(m, k, parts.length));
        if (slot !== undefined) mix(packet, slot.ifp);
      }
      const found = this.#found(missing, packet, now);
      packet.fill(0);
      return found;
    }
    return false;
  }

  #onlyMissing(sequence: number, m: number, span: number, entries: number): number | null {
    let missing: number | null = null;
    for (let k = 1; k <= span; k++) {
      const place = sequence + covered(m, k, entries);
      if (this.#has(place)) continue;
      if (missing !== null || place < this.#expected()) return null;
      missing = place;
    }
    return missing;
  }

  #found(sequence: number, ifp: Uint8Array, now: number): boolean {
    if (ifp.length === 0 || sequence < this.#expected() || this.#has(sequence)) return false;
    this.#put(sequence, copied(ifp), now);
    this.#counts.recovered++;
    return true;
  }

  #deliver(ready: Received[]): void {
    for (let slot = this.#slot(this.#expected()); slot !== undefined; slot = this.#slot(this.#expected())) {
      ready.push({ ifp: slot.ifp, lost: this.#lost });
      this.#lost = 0;
      this.#counts.delivered++;
      this.#next = slot.sequence + 1;
    }
  }

  /** Goes on to packet `to`: what is missing before it is lost. */
  #skip(to: number, ready: Received[]): void {
    while (this.#expected() < to) {
      this.#deliver(ready);
      const next = Math.min(to, this.#firstWaiting()?.sequence ?? to);
      if (next <= this.#expected()) break;
      this.#lose(next - this.#expected());
      this.#next = next;
    }
  }

  #lose(packets: number): void {
    this.#lost += packets;
    this.#counts.lost += packets;
  }

  #firstWaiting(): Slot | null {
    for (let sequence = this.#expected(); sequence <= this.#newest; sequence++) {
      const slot = this.#slot(sequence);
      if (slot !== undefined) return slot;
    }
    return null;
  }

  /** Nothing is missing before the latest packet. */
  #complete(): boolean {
    for (let sequence = this.#expected(); sequence < this.#newest; sequence++) if (!this.#has(sequence)) return false;
    return true;
  }

  #expected(): number {
    return this.#next ?? 0;
  }

  #put(sequence: number, ifp: Uint8Array, arrived: number): void {
    const place = sequence & (SLOTS - 1);
    const old = this.#slots[place];
    if (old !== undefined) this.#spent.push(old.ifp);
    this.#slots[place] = { sequence, ifp, arrived };
  }

  #slot(sequence: number): Slot | undefined {
    const slot = this.#slots[sequence & (SLOTS - 1)];
    return slot?.sequence === sequence ? slot : undefined;
  }

  #has(sequence: number): boolean {
    return this.#slot(sequence) !== undefined;
  }
}

function wipeParity({ parts }: Parity): void {
  for (const part of parts) part.fill(0);
}
