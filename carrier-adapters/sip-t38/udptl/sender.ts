import { buildDatagram, datagramSize, MAX_COVERED, MAX_ENTRIES, MAX_SPAN, type Redundancy } from './datagram.ts';
import type { Recovery, SenderOptions } from './options.ts';
import { covered, parityOf } from './parity.ts';

/** Octets of a datagram besides its packets: sequence number, length of the primary, choice, span and count. */
const FRAME = 8;
/** The least that stands around one packet: no recovery data. */
const BARE_FRAME = 5;
/** Octets of a packet with 30 ms of a page at 14,400 bit/s, and some more. */
const PAGE_PACKET = 64;
/** Octets of the length of a part. */
const PART_LENGTH = 2;

/** Numbers IFP packets and puts them into datagrams with what recovery asks for (T.38 §9.1). One for each media session. */
export class UdptlSender {
  readonly #recovery: Recovery;
  readonly #maxDatagram: number;
  /**
   * Octets that a packet should have at most: equally long ones go with all their recovery data, unless datagrams are so
   * small that 30 ms of a page (64 octets) would not fit beside it.
   */
  readonly maxIfp: number;
  /** Packets before, the last one first. */
  readonly #before: Uint8Array[] = [];
  readonly #keep: number;
  #sequence = 0;

  /** @throws RangeError when recovery asks for more than a datagram may hold. */
  constructor({ recovery, maxDatagram }: SenderOptions) {
    const { keep, parts } = extent(recovery);
    this.#recovery = recovery;
    this.#maxDatagram = maxDatagram;
    this.#keep = keep;
    this.maxIfp = largest(maxDatagram, parts);
  }

  /**
   * The datagram that carries `ifp`, which is the sender's from now on: it is zeroed when recovery needs it no longer. A
   * packet longer than `maxIfp` goes with less recovery data. @throws RangeError when it does not fit at all.
   */
  datagram(ifp: Uint8Array): Uint8Array {
    if (ifp.length + BARE_FRAME > this.#maxDatagram) throw new RangeError('an IFP packet is longer than a datagram');
    const redundancy = this.#redundancy(ifp.length);
    const bytes = buildDatagram({ sequence: this.#sequence, primary: ifp, redundancy });
    if (redundancy.kind === 'parity') for (const parity of redundancy.parts) parity.fill(0);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#before.unshift(ifp);
    if (this.#before.length > this.#keep) this.#before.pop()?.fill(0);
    return bytes;
  }

  /** Zeroes what is remembered; nothing is sent afterwards. */
  close(): void {
    for (const ifp of this.#before) ifp.fill(0);
    this.#before.length = 0;
  }

  #redundancy(primary: number): Redundancy {
    const recovery = this.#recovery;
    if (recovery.kind === 'none') return { kind: 'secondary', parts: [] };
    return recovery.kind === 'fec' ? this.#parity(primary, recovery.entries, recovery.span) : this.#secondary(primary);
  }

  /** The nearest packets stand first; the farthest are left out where the datagram is full. */
  #secondary(primary: number): Redundancy {
    const parts = this.#before.slice();
    while (parts.length > 0 && datagramSize(primary, { kind: 'secondary', parts }) > this.#maxDatagram) parts.pop();
    return { kind: 'secondary', parts };
  }

  /** All entries or none; in the first packets as many as there is something to cover, with span 0 for none. */
  #parity(primary: number, entries: number, span: number): Redundancy {
    const within = Math.min(entries, Math.floor(this.#before.length / span));
    const parts: Uint8Array[] = [];
    for (let m = 0; m < within; m++) parts.push(parityOf(this.#covered(m, within, span)));
    const parity: Redundancy = { kind: 'parity', span: within === 0 ? 0 : span, parts };
    return datagramSize(primary, parity) > this.#maxDatagram ? { kind: 'secondary', parts: [] } : parity;
  }

  #covered(m: number, entries: number, span: number): Uint8Array[] {
    const packets: Uint8Array[] = [];
    for (let k = 1; k <= span; k++) {
      const packet = this.#before[-covered(m, k, entries) - 1];
      if (packet !== undefined) packets.push(packet);
    }
    return packets;
  }
}

function largest(maxDatagram: number, parts: number): number {
  const size = Math.floor((maxDatagram - FRAME - parts * PART_LENGTH) / (parts + 1));
  return size >= PAGE_PACKET || parts === 0 ? Math.max(1, size) : largest(maxDatagram, parts - 1);
}

/** Packets that recovery has to remember, and parts that it puts into each datagram. */
function extent(recovery: Recovery): { keep: number; parts: number } {
  if (recovery.kind === 'none') return { keep: 0, parts: 0 };
  if (recovery.kind === 'redundancy') return { keep: within(recovery.depth, MAX_ENTRIES), parts: recovery.depth };
  const entries = within(recovery.entries, MAX_ENTRIES);
  return { keep: within(entries * within(recovery.span, MAX_SPAN), MAX_COVERED), parts: entries };
}

function within(count: number, limit: number): number {
  if (!Number.isInteger(count) || count < 1 || count > limit) throw new RangeError(`recovery counts are 1 to ${limit}`);
  return count;
}
