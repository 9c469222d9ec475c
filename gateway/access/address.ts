import { isIP } from 'node:net';

/**
 * One spelling for each address: no zone, IPv6 compressed as RFC 5952 writes it, IPv4-mapped IPv6 as plain IPv4, so
 * that a rule for 192.0.2.0/24 also holds on a dual-stack socket. Undefined when `text` is no address.
 */
export function canonicalAddress(text: string): string | undefined {
  const bare = text.split('%', 1)[0] ?? '';
  const family = isIP(bare);
  if (family === 0) return undefined;
  if (family === 4) return bare;
  const compressed = new URL(`http://[${bare}]/`).hostname.slice(1, -1);
  return mappedIPv4(compressed) ?? compressed;
}

/** RFC 4291 §2.5.5.2 in the hexadecimal form that the URL parser leaves. */
function mappedIPv4(address: string): string | undefined {
  const match = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address);
  if (match === null) return undefined;
  const [high, low] = [Number.parseInt(match[1] ?? '', 16), Number.parseInt(match[2] ?? '', 16)];
  return `${high >>> 8}.${high & 255}.${low >>> 8}.${low & 255}`;
}

/** What a rate limit counts: an IPv4 address, or the /64 network of an IPv6 address (one customer line has 2^64 of them). */
export function rateNetwork(address: string): string {
  const canonical = canonicalAddress(address);
  if (canonical === undefined) return 'unknown';
  if (!canonical.includes(':')) return canonical;
  const [left = '', right = ''] = canonical.split('::');
  const head = left === '' ? [] : left.split(':');
  const tail = right === '' ? [] : right.split(':');
  const zeros = canonical.includes('::') ? Array.from({ length: 8 - head.length - tail.length }, () => '0') : [];
  return `${[...head, ...zeros, ...tail].slice(0, 4).join(':')}::/64`;
}
