/** What an address in a c= line may stand for. */
export type AddressKind = 'unicast' | 'hold' | 'group' | 'name';

const OCTET = /^(?:0|[1-9]\d{0,2})$/;
const GROUP = /^[0-9a-f]{1,4}$/i;

/**
 * `hold`: the unspecified address, nothing is to be sent (RFC 3264 §8.4); `group`: multicast or broadcast; `name`: no IP
 * address in its text form.
 */
export function addressKind(address: string): AddressKind {
  const v4 = ipv4Octets(address);
  if (v4 !== null) return v4Kind(v4);
  const v6 = ipv6Groups(address);
  if (v6 === null) return 'name';
  if (v6.every((group) => group === 0)) return 'hold';
  return ((v6[0] ?? 0) & 0xff00) === 0xff00 ? 'group' : 'unicast';
}

/** The address type of an o= or c= line. */
export function addressType(address: string): 'IP4' | 'IP6' {
  return address.includes(':') ? 'IP6' : 'IP4';
}

function v4Kind(octets: readonly number[]): AddressKind {
  const first = octets[0] ?? 0;
  if (octets.every((octet) => octet === 0)) return 'hold';
  if (first === 0) return 'name';
  return first >= 224 ? 'group' : 'unicast';
}

function ipv4Octets(text: string): readonly number[] | null {
  if (text.length > 15) return null;
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => OCTET.test(part) && Number(part) < 256)) return null;
  return parts.map(Number);
}

/** The eight groups of RFC 4291 §2.2; null: not an address. A zone is none of a network's business. */
function ipv6Groups(text: string): readonly number[] | null {
  if (text.length > 45 || !text.includes(':')) return null;
  const [head = '', tail, more] = text.split('::');
  if (more !== undefined) return null;
  const before = groups(head, tail === undefined);
  const after = tail === undefined ? [] : groups(tail, true);
  if (before === null || after === null) return null;
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  return [...before, ...new Array<number>(missing).fill(0), ...after];
}

function groups(text: string, last: boolean): number[] | null {
  if (text === '') return [];
  const parts = text.split(':');
  const v4 = last ? ipv4Octets(parts.at(-1) ?? '') : null;
  const hex = v4 === null ? parts : parts.slice(0, -1);
  if (!hex.every((part) => GROUP.test(part))) return null;
  const values = hex.map((part) => Number.parseInt(part, 16));
  const [a = 0, b = 0, c = 0, d = 0] = v4 ?? [];
  return v4 === null ? values : [...values, (a << 8) | b, (c << 8) | d];
}
