// Parity of T.38 annex C: entry m of the datagram with sequence number n is the exclusive or, octet by octet, of the
// packets n + m − k × entries, k = 1 … span; shorter packets count as if filled with zeros.

import { newOctets } from '../octets.ts';

/** The packet's place that entry `m` covers for `k` = 1 … span, relative to the sequence number of its datagram. */
export function covered(m: number, k: number, entries: number): number {
  return m - k * entries;
}

/** Exclusive or of `packets`, as long as the longest. */
export function parityOf(packets: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const packet of packets) length = Math.max(length, packet.length);
  const parity = newOctets(length);
  for (const packet of packets) mix(parity, packet);
  return parity;
}

/** Takes `packet` into `parity`; octets behind the end of `parity` are left out. */
export function mix(parity: Uint8Array, packet: Uint8Array): void {
  const length = Math.min(parity.length, packet.length);
  for (let i = 0; i < length; i++) parity[i] = (parity[i] ?? 0) ^ (packet[i] ?? 0);
}
