import { BlockList, isIP } from 'node:net';

/**
 * IPv4 ranges that no webhook may reach: the special-purpose registry of RFC 6890 §2.2.2 as IANA keeps it, plus
 * multicast and the reserved class E.
 */
const REFUSED_IPV4 = [
  '0.0.0.0/8', // "this network", RFC 791 §3.2
  '10.0.0.0/8', // private, RFC 1918
  '100.64.0.0/10', // shared address space, RFC 6598
  '127.0.0.0/8', // loopback, RFC 1122 §3.2.1.3
  '169.254.0.0/16', // link-local (and the metadata services of clouds), RFC 3927
  '172.16.0.0/12', // private, RFC 1918
  '192.0.0.0/24', // IETF protocol assignments, RFC 6890
  '192.0.2.0/24', // documentation, RFC 5737
  '192.31.196.0/24', // AS112, RFC 7535
  '192.52.193.0/24', // AMT, RFC 7450
  '192.88.99.0/24', // 6to4 relay anycast, RFC 7526
  '192.168.0.0/16', // private, RFC 1918
  '192.175.48.0/24', // AS112, RFC 7534
  '198.18.0.0/15', // benchmarking, RFC 2544
  '198.51.100.0/24', // documentation, RFC 5737
  '203.0.113.0/24', // documentation, RFC 5737
  '224.0.0.0/4', // multicast, RFC 1112
  '240.0.0.0/4', // reserved and limited broadcast, RFC 1112, RFC 919
];

/**
 * IPv6 ranges inside global unicast that lead elsewhere. Everything outside of 2000::/3 is refused without a list
 * (loopback, unspecified, IPv4-mapped, NAT64 64:ff9b::/96 and 64:ff9b:1::/48, unique local, link-local, multicast).
 */
const REFUSED_IPV6 = [
  '2001::/23', // IETF protocol assignments with Teredo, ORCHID and benchmarking, RFC 2928
  '2001:db8::/32', // documentation, RFC 3849
  '2002::/16', // 6to4: an IPv4 address inside, RFC 3056
  '2620:4f:8000::/48', // AS112, RFC 7534
  '3fff::/20', // documentation, RFC 9637
];

const refused4 = blockList(REFUSED_IPV4, 'ipv4');
const refused6 = blockList(REFUSED_IPV6, 'ipv6');
const unicast6 = blockList(['2000::/3'], 'ipv6');

function blockList(ranges: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [net = '', bits = ''] = range.split('/');
    list.addSubnet(net, Number(bits), family);
  }
  return list;
}

/**
 * Whether `address` (an IP literal without brackets) is a host of the public Internet. Anything else, such as a
 * scoped `fe80::1%eth0` or text that is no address, is not.
 */
export function isPublicAddress(address: string): boolean {
  if (address.includes('%')) return false;
  const family = isIP(address);
  if (family === 4) return !refused4.check(address, 'ipv4');
  if (family === 6) return unicast6.check(address, 'ipv6') && !refused6.check(address, 'ipv6');
  return false;
}
