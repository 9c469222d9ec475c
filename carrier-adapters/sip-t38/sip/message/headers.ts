import { SipError } from '../errors.ts';

/** A header line: the name as it was written, and the value without folding and outer white space. */
export interface HeaderLine {
  readonly name: string;
  /** Long form in lower case: what `name` is compared by (RFC 3261 §7.3.1, §7.3.3). */
  readonly key: Lowercase<string>;
  readonly value: string;
}

/** Long and compact forms that have both (RFC 3261 §7.3.3, RFC 4028 §4, RFC 3515, RFC 4916 and the IANA registry). */
const COMPACT: Readonly<Record<string, Lowercase<string>>> = {
  a: 'accept-contact',
  b: 'referred-by',
  c: 'content-type',
  d: 'request-disposition',
  e: 'content-encoding',
  f: 'from',
  i: 'call-id',
  j: 'reject-contact',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  n: 'identity-info',
  o: 'event',
  r: 'refer-to',
  s: 'subject',
  t: 'to',
  u: 'allow-events',
  v: 'via',
  x: 'session-expires',
  y: 'identity',
};

/** Names in the spellings that nearly every message uses; the others are put in lower case each time. */
const USUAL = [
  'Accept',
  'Allow',
  'Authorization',
  'CSeq',
  'Call-ID',
  'Call-Id',
  'Contact',
  'Content-Length',
  'Content-Type',
  'Date',
  'Expires',
  'From',
  'Max-Forwards',
  'Min-Expires',
  'Min-SE',
  'P-Asserted-Identity',
  'Privacy',
  'Proxy-Authenticate',
  'Proxy-Authorization',
  'Reason',
  'Record-Route',
  'Remote-Party-ID',
  'Require',
  'Retry-After',
  'Route',
  'Server',
  'Session-Expires',
  'Supported',
  'To',
  'Unsupported',
  'User-Agent',
  'Via',
  'WWW-Authenticate',
  'Warning',
] as const;

const KEYS = new Map<string, Lowercase<string>>([
  ...USUAL.map((name) => [name, lower(name)] as const),
  ...Object.entries(COMPACT),
  ...Object.entries(COMPACT).map(([short, long]) => [short.toUpperCase(), long] as const),
]);

function lower(name: string): Lowercase<string> {
  return name.toLowerCase() as Lowercase<string>;
}

/** A name in a spelling of which nearly all headers are, with its key. */
interface UsualName {
  readonly name: string;
  readonly key: Lowercase<string>;
}

/** The usual names by length and first letter: at most a few share a place. */
const PLACES: readonly (readonly UsualName[] | undefined)[] = places([...KEYS].map(([name, key]) => ({ name, key })));

function places(names: readonly UsualName[]): UsualName[][] {
  const table: UsualName[][] = Array.from({ length: 1_024 });
  for (const usual of names) {
    const place = placeOf(usual.name.length, usual.name.charCodeAt(0));
    table[place] = [...(table[place] ?? []), usual];
  }
  return table;
}

function placeOf(length: number, first: number): number {
  return (Math.min(length, 31) << 5) | (first & 31);
}

/**
 * The name that stands in `text` from `from` to `end`, if it is a usual one. Names come by the million, and this is faster than
 * to cut each out and look it up.
 */
export function usualHeader(text: string, from: number, end: number): UsualName | undefined {
  const length = end - from;
  for (const usual of PLACES[placeOf(length, text.charCodeAt(from))] ?? []) {
    if (usual.name.length === length && text.startsWith(usual.name, from)) return usual;
  }
  return undefined;
}

/** What a header of this name is compared by: the long form in lower case. */
export function headerKey(name: string): Lowercase<string> {
  return KEYS.get(name) ?? lower(name);
}

/**
 * The header lines of one message in their order. Names are matched by their long form whatever their spelling; a value
 * that lists several elements with commas stays one line here (the views take it apart). Changing a list changes the
 * message that holds it: `copy` first.
 */
export class Headers {
  #lines: HeaderLine[] = [];

  /** @throws SipError `unsafe_value` */
  constructor(lines: Iterable<readonly [name: string, value: string]> = []) {
    for (const [name, value] of lines) this.append(name, value);
  }

  /** A list over lines that were checked when they were read: nothing is looked at again, and the array is taken over. */
  static ofLines(lines: HeaderLine[]): Headers {
    const headers = new Headers();
    headers.#lines = lines;
    return headers;
  }

  copy(): Headers {
    return Headers.ofLines([...this.#lines]);
  }

  /** The value of the first line of this name. */
  get(key: Lowercase<string>): string | undefined {
    for (const line of this.#lines) if (line.key === key) return line.value;
    return undefined;
  }

  /** The values of all lines of this name, in order. */
  all(key: Lowercase<string>): string[] {
    const values: string[] = [];
    for (const line of this.#lines) if (line.key === key) values.push(line.value);
    return values;
  }

  has(key: Lowercase<string>): boolean {
    return this.get(key) !== undefined;
  }

  /** All lines, in order. */
  lines(): readonly HeaderLine[] {
    return this.#lines;
  }

  /** Adds a line at the end. @throws SipError `unsafe_value` */
  append(name: string, value: string): this {
    this.#lines.push(checkedLine(name, value));
    return this;
  }

  /** Adds a line before all others, as a Via is. @throws SipError `unsafe_value` */
  prepend(name: string, value: string): this {
    this.#lines.unshift(checkedLine(name, value));
    return this;
  }

  /** Puts one line in the place of the first of this name, or at the end, and drops the others. @throws SipError `unsafe_value` */
  set(name: string, value: string): this {
    const line = checkedLine(name, value);
    const at = this.#lines.findIndex((other) => other.key === line.key);
    if (at < 0) return this.append(name, value);
    this.#lines = this.#lines.filter((other, index) => other.key !== line.key || index === at);
    this.#lines[at] = line;
    return this;
  }

  /** Puts a value in the place of that of the first line of this name; nothing happens where there is none. */
  replaceFirst(key: Lowercase<string>, value: string): this {
    const at = this.#lines.findIndex((line) => line.key === key);
    const line = this.#lines[at];
    if (line !== undefined) this.#lines[at] = checkedLine(line.name, value);
    return this;
  }

  remove(key: Lowercase<string>): this {
    this.#lines = this.#lines.filter((line) => line.key !== key);
    return this;
  }
}

function checkedLine(name: string, value: string): HeaderLine {
  if (endsLine(name) || endsLine(value)) throw new SipError('unsafe_value', 'a header would end its line early');
  return { name, key: headerKey(name), value };
}

/** Whether text would break out of the line that it is written to. */
export function endsLine(text: string): boolean {
  return text.includes('\r') || text.includes('\n');
}
