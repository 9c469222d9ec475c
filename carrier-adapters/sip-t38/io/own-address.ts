import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

const WILDCARDS = ['0.0.0.0', '::'];

/** Whether the address stands for all addresses of the host. */
export function isWildcard(address: string): boolean {
  return WILDCARDS.includes(address);
}

/** Our address on the way to `peer`, as the routing table has it; null: there is no way. Nothing is sent. */
export function addressTowards(peer: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(peer) ? 'udp6' : 'udp4');
    const done = (address: string | null) => {
      socket.close();
      resolve(address);
    };
    socket.once('error', () => done(null));
    // Any port does: connecting a UDP socket only asks the kernel for the route.
    socket.connect(9, peer, () => done(socket.address().address));
  });
}

/** The first address of the family that is not the host's own loop; the loop's when there is no other. */
export function anyAddress(v6: boolean): string {
  const family = v6 ? 'IPv6' : 'IPv4';
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const found = all.find((one) => one.family === family && !one.internal && !one.address.startsWith('fe80:'));
  return found?.address ?? (v6 ? '::1' : '127.0.0.1');
}
