/** Octets of an IP address, 4 or 16; an IPv4-mapped one (RFC 4291 §2.5.5.2) is given as IPv4. Null: it is none. */
export function parseAddress(text: string): Uint8Array | null {
  if (text.length > 45) return null;
  return text.includes(':') ? unmapped(parseV6(text)) : parseV4(text);
}

/** One spelling of an address, for comparison; null: it is none. */
export function canonicalAddress(text: string): string | null {
  const octets = parseAddress(text);
  return octets === null ? null : octets.join('.');
}

/** Addresses that share a prefix (RFC 4632, RFC 4291 §2.3). */
export class Network {
  readonly #octets: Uint8Array;
  readonly #bits: number;

  private constructor(octets: Uint8Array, bits: number) {
    this.#octets = octets;
    this.#bits = bits;
  }

  /** Reads `192.0.2.0/24`, `2001:db8::/32` or one bare address; null: it is none of these. */
  static parse(text: string): Network | null {
    const slash = text.indexOf('/');
    const written = slash < 0 ? text : text.slice(0, slash);
    const octets = parseAddress(written);
    if (octets === null) return null;
    if (slash < 0) return new Network(octets, octets.length * 8);
    const mapped = written.includes(':') && octets.length === 4;
    const bits = decimal(text.slice(slash + 1), 128);
    const prefix = bits === null ? -1 : bits - (mapped ? 96 : 0);
    return prefix < 0 || prefix > octets.length * 8 ? null : new Network(octets, prefix);
  }

  contains(octets: Uint8Array): boolean {
    if (octets.length !== this.#octets.length) return false;
    for (let bit = 0; bit < this.#bits; bit += 8) {
      const mask = 0xff & (0xff << Math.max(0, 8 - (this.#bits - bit)));
      if ((((octets[bit >> 3] ?? 0) ^ (this.#octets[bit >> 3] ?? 0)) & mask) !== 0) return false;
    }
    return true;
  }
}

function parseV4(text: string): Uint8Array | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  const octets = new Uint8Array(4);
  for (const [index, part] of parts.entries()) {
    const value = decimal(part, 255);
    if (value === null) return null;
    octets[index] = value;
  }
  return octets;
}

/** RFC 4291 §2.2: eight groups, one run of zeros as `::`, the last two perhaps as IPv4. */
function parseV6(text: string): Uint8Array | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = groups(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? groups(halves[1] ?? '', true) : [];
  if (head === null || tail === null) return null;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 2 ? missing < 2 : missing !== 0) return null;
  return Uint8Array.from([...head, ...new Array<number>(missing).fill(0), ...tail]);
}

function groups(text: string, last: boolean): number[] | null {
  if (text === '') return [];
  const octets: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    const v4 = last && index === parts.length - 1 && part.includes('.') ? parseV4(part) : null;
    if (v4 !== null) octets.push(...v4);
    else if (/^[0-9a-fA-F]{1,4}$/.test(part))
      octets.push(Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 255);
    else return null;
  }
  return octets.length > 16 ? null : octets;
}

function unmapped(octets: Uint8Array | null): Uint8Array | null {
  if (octets === null) return null;
  const mapped = octets.subarray(0, 10).every((octet) => octet === 0) && octets[10] === 255 && octets[11] === 255;
  return mapped ? octets.slice(12) : octets;
}

/** A decimal number without leading zeros, at most `limit`. */
function decimal(text: string, limit: number): number | null {
  if (!/^(0|[1-9][0-9]{0,2})$/.test(text)) return null;
  const value = Number(text);
  return value <= limit ? value : null;
}
