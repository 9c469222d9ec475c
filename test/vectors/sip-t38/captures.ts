import { existsSync, readFileSync } from 'node:fs';
import { type Packet, readPcap } from '../pcap.ts';

const FOLDER = '../shared/lab/captures/';

/** Why a test of the captures is skipped; false when they are there. */
export const NO_CAPTURES: string | false = existsSync(FOLDER) ? false : `${FOLDER} is not there`;

/** Captures of whole fax calls between two Asterisk with SpanDSP, by the error correction of their UDPTL. */
export const CALLS = {
  redundancy: 'ecm-on-redundancy.pcap',
  fec: 'ecm-on-fec.pcap',
  none: 'ecm-off-noec.pcap',
} as const;

/** The datagrams of a capture. */
export function capture(name: string): Packet[] {
  return readPcap(readFileSync(FOLDER + name));
}

/** The UDPTL datagrams of a call: first those of the sender of the fax, then those of its receiver. */
export function udptlOf(name: string): [sender: Packet[], receiver: Packet[]] {
  const byPort = new Map<number, Packet[]>();
  for (const packet of capture(name)) {
    const { port } = packet.from;
    if (port < 22_000 || port >= 28_000 || isRtp(packet)) continue;
    const flow = byPort.get(port) ?? [];
    flow.push(packet);
    byPort.set(port, flow);
  }
  const flows = [...byPort.values()].filter(({ length }) => length > 1).sort((a, b) => b.length - a.length);
  const [sender, receiver] = flows;
  if (sender === undefined || receiver === undefined || flows.length !== 2)
    throw new Error(`${name} holds no two flows`);
  return [sender, receiver];
}

/** RTP has version 2 in its first octet; a UDPTL sequence number of these short calls begins with a small one. */
function isRtp({ payload }: Packet): boolean {
  return (payload[0] ?? 0) >> 6 === 2;
}

/** SDP bodies of the SIP messages of a capture, in order. */
export function sdpOf(name: string): string[] {
  return capture(name)
    .map(({ payload }) => Buffer.from(payload).toString('latin1'))
    .filter((message) => message.includes('application/sdp'))
    .map((message) => message.slice(message.indexOf('\r\n\r\n') + 4));
}
