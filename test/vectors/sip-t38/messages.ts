import type { Packet } from '../pcap.ts';
import { CALLS, capture, NO_CAPTURES } from './captures.ts';

const FILES = [...Object.values(CALLS), 'errors.pcap', 'register.pcap'];

/** The SIP messages of all captures, in order; none where the captures are missing. */
export function sipMessages(): readonly Packet[] {
  const packets = NO_CAPTURES === false ? FILES.flatMap(capture) : [];
  return packets.filter(({ payload }) => /^[A-Z]+(?:\/2\.0)? /.test(latin1(payload.subarray(0, 16))));
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
