/** A network: the bits that its addresses share. IPv4 stands where IPv6 maps it to (RFC 4291 §2.5.5.2). */
interface Network {
  readonly value: bigint;
  /** Of 128 bits. */
  readonly prefix: number;
}

const MAPPED = 0xffffn << 32n;

/**
 * Whether an address may come in under CIDR rules (RFC 4632, RFC 4291 §2.3), as the gateway decides it: no rules let
 * everybody in. Undefined when a rule or the address cannot be read, so that the gateway's own word is needed.
 */
export function letsIn(rules: readonly string[], address: string): boolean | undefined {
  if (rules.length === 0) return true;
  const at = networkOf(address);
  const networks = rules.map(networkOf);
  if (at === undefined || networks.includes(undefined)) return undefined;
  return networks.some((network) => network !== undefined && contains(network, at));
}

function contains({ value, prefix }: Network, address: Network): boolean {
  const free = BigInt(128 - prefix);
  return value >> free === address.value >> free;
}

/** `192.0.2.0/24`, `2001:db8::/32`, or a bare address. */
export function networkOf(text: string): Network | undefined {
  const [, written = '', suffix] = /^([0-9a-fA-F.:]{2,45})(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const v4 = ipv4Of(written);
  const value = v4 === undefined ? ipv6Of(written) : MAPPED | v4;
  if (value === undefined) return undefined;
  const prefix = suffix === undefined ? 128 : Number(suffix) + (v4 === undefined ? 0 : 96);
  // A network of mapped addresses is one of IPv4, which is never wider than all of them.
  const least = value >> 32n === MAPPED >> 32n ? 96 : 0;
  return prefix < least || prefix > 128 ? undefined : { value, prefix };
}

function ipv4Of(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function ipv6Of(text: string): bigint | undefined {
  const halves = spelledOut(text)?.split('::') ?? [];
  if (halves.length === 0 || halves.length > 2) return undefined;
  const [front = [], back = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - front.length - back.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...front, ...Array.from({ length: missing }, () => '0'), ...back];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

/** The dotted end that an IPv6 address may have (RFC 4291 §2.2), as two groups. */
function spelledOut(text: string): string | undefined {
  if (!text.includes('.')) return text;
  const at = text.lastIndexOf(':');
  const v4 = ipv4Of(text.slice(at + 1));
  if (at < 0 || v4 === undefined) return undefined;
  return `${text.slice(0, at + 1)}${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}`;
}
