// A reader of capture files of one machine's loopback (libpcap file format, draft-ietf-opsawg-pcap): UDP over IPv4 and
// IPv6, Ethernet, BSD loopback, Linux cooked and raw IP frames. Whatever else a file holds is left out.

/** A UDP datagram of a capture. */
export interface Packet {
  /** Seconds since the epoch. */
  readonly time: number;
  readonly from: Socket;
  readonly to: Socket;
  readonly payload: Uint8Array;
}

/** One end of a datagram. */
export interface Socket {
  readonly address: string;
  readonly port: number;
}

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
/** Octets before the IP header, by the link type of the file. */
const LINK_HEADERS: Readonly<Record<number, number>> = { 0: 4, 1: 14, 12: 0, 101: 0, 108: 4, 113: 16, 276: 20 };
const UDP = 17;

/** The UDP datagrams of a capture, in order. @throws Error when the file is no capture of a kind we read. */
export function readPcap(file: Uint8Array): Packet[] {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const magic = view.getUint32(0, true);
  const little = magic === 0xa1b2_c3d4 || magic === 0xa1b2_3c4d;
  const order = little ? magic : view.getUint32(0);
  const fraction = order === 0xa1b2_3c4d ? 1e9 : 1e6;
  const link = LINK_HEADERS[view.getUint32(20, little)];
  if ((order !== 0xa1b2_c3d4 && order !== 0xa1b2_3c4d) || link === undefined) throw new Error('not a capture we read');
  const packets: Packet[] = [];
  for (let at = FILE_HEADER; at + RECORD_HEADER <= file.length; ) {
    const time = view.getUint32(at, little) + view.getUint32(at + 4, little) / fraction;
    const length = view.getUint32(at + 8, little);
    at += RECORD_HEADER;
    const packet = datagram(file.subarray(at + link, at + length), time);
    if (packet !== null) packets.push(packet);
    at += length;
  }
  return packets;
}

function datagram(ip: Uint8Array, time: number): Packet | null {
  const version = (ip[0] ?? 0) >> 4;
  const header = version === 4 ? ((ip[0] ?? 0) & 15) * 4 : 40;
  if ((version !== 4 && version !== 6) || ip[version === 4 ? 9 : 6] !== UDP || ip.length < header + 8) return null;
  const [source, destination] =
    version === 4 ? [ip.subarray(12, 16), ip.subarray(16, 20)] : [ip.subarray(8, 24), ip.subarray(24, 40)];
  const word = (at: number) => ((ip[header + at] ?? 0) << 8) | (ip[header + at + 1] ?? 0);
  return {
    time,
    from: { address: text(source), port: word(0) },
    to: { address: text(destination), port: word(2) },
    payload: ip.slice(header + 8, header + word(4)),
  };
}

function text(address: Uint8Array): string {
  if (address.length === 4) return address.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((address[2 * i] ?? 0) << 8) | (address[2 * i + 1] ?? 0));
  return groups.map((group) => group.toString(16)).join(':');
}
