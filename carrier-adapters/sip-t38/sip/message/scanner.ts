import { PARAM_LIMIT } from './limits.ts';
import type { Params } from './params.ts';

/** What a character is, in the tables below: one of the set, and if so whether it is a capital letter. */
const MEMBER = 1;
const CAPITAL = 2;

/** Characters of `token` (RFC 3261 §25.1). */
const TOKEN = alphanumericAnd("-.!%*_+`'~");
/** Characters of a host: names, IPv4 and, within brackets, IPv6. `_` is no host by the grammar and real all the same. */
const HOST = alphanumericAnd('-._');
/** Characters that end an unquoted parameter value; more is let through than the grammar's token or host. */
const VALUE_END = charactersOf(' \t;,"<>?');

/** A table of ASCII in which these characters are members. */
export function charactersOf(characters: string): Uint8Array {
  const table = new Uint8Array(128);
  for (const character of characters) table[character.charCodeAt(0)] = MEMBER;
  return table;
}

function alphanumericAnd(characters: string): Uint8Array {
  const table = charactersOf(`${characters}abcdefghijklmnopqrstuvwxyz0123456789`);
  for (let letter = 65; letter <= 90; letter++) table[letter] = MEMBER | CAPITAL;
  return table;
}

const TAB = 9;
const SPACE = 32;
const QUOTE = 34;
const COLON = 58;
const SEMICOLON = 59;
const EQUALS = 61;
const BRACKET = 91;
const BACKSLASH = 92;

/** Whether a character may be in a `token`. */
export function isTokenCharacter(code: number): boolean {
  return (TOKEN[code] ?? 0) !== 0;
}

/** Whether all of `text` is one `token` of RFC 3261 §25.1. */
export function isToken(text: string): boolean {
  const scanner = new Scanner(text);
  return scanner.token().length > 0 && scanner.ended;
}

/** Decimal digits and nothing else as a number of at most `largest`; undefined for all other text. */
export function decimal(text: string, largest = 0x7fffffff): number | undefined {
  if (text.length === 0 || text.length > 20) return undefined;
  let value = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value <= largest ? value : undefined;
}

/** A quoted string without its quotes and escapes; other text as it is. */
export function unquote(text: string): string {
  if (!text.startsWith('"') || !text.endsWith('"') || text.length < 2) return text;
  const inner = text.slice(1, -1);
  return inner.includes('\\') ? inner.replace(/\\(.)/gs, '$1') : inner;
}

/** Text as a quoted string (RFC 3261 §25.1); line ends and other controls become spaces. */
export function quote(text: string): string {
  let quoted = '"';
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < SPACE || code === 127) quoted += ' ';
    else quoted += code === QUOTE || code === BACKSLASH ? `\\${text[at]}` : text[at];
  }
  return `${quoted}"`;
}

/**
 * A reader of one header value, from left to right. Each character is looked at a bounded number of times. Nothing
 * throws: what is not there comes back as '' or undefined, and the caller says whether it had to be.
 */
export class Scanner {
  readonly text: string;
  at: number;
  /** Whether what was read last has a capital letter. */
  #capital = false;

  constructor(text: string, at = 0) {
    this.text = text;
    this.at = at;
  }

  get ended(): boolean {
    return this.at >= this.text.length;
  }

  /** Steps over white space; folding has been undone before. */
  space(): this {
    const { text } = this;
    let code = text.charCodeAt(this.at);
    while (code === SPACE || code === TAB) code = text.charCodeAt(++this.at);
    return this;
  }

  /** Steps over `code` if it is next. */
  take(code: number): boolean {
    if (this.text.charCodeAt(this.at) !== code) return false;
    this.at++;
    return true;
  }

  /** Steps over `code` with white space around it if it is next (SEMI, COMMA, SLASH, EQUAL of RFC 3261 §25.1). */
  separator(code: number): boolean {
    const before = this.at;
    if (this.space().take(code)) {
      this.space();
      return true;
    }
    this.at = before;
    return false;
  }

  token(): string {
    return this.#while(TOKEN);
  }

  /** A token in lower case, as the names of parameters are compared. */
  lowerToken(): string {
    const token = this.token();
    return this.#capital ? token.toLowerCase() : token;
  }

  /** A host in lower case, an IPv6 reference with its brackets (RFC 3261 §25.1, RFC 5118); '' when there is none. */
  host(): string {
    if (this.text.charCodeAt(this.at) !== BRACKET) {
      const host = this.#while(HOST);
      return this.#capital ? host.toLowerCase() : host;
    }
    const end = this.text.indexOf(']', this.at);
    const inner = end < 0 ? '' : this.text.slice(this.at + 1, end);
    if (inner.length === 0 || inner.length > 45 || !/^[0-9A-Fa-f:.]+$/.test(inner)) return '';
    this.at = end + 1;
    return `[${inner.toLowerCase()}]`;
  }

  /** `:port` if it is next: null when it is not, undefined when it is no port. */
  port(): number | null | undefined {
    if (!this.separator(COLON)) return null;
    const from = this.at;
    let code = this.text.charCodeAt(from);
    while (code >= 48 && code <= 57) code = this.text.charCodeAt(++this.at);
    return decimal(this.text.slice(from, this.at), 65_535);
  }

  /** A quoted string with its quotes; '' when it has no end. To be called where `"` is next. */
  quoted(): string {
    const { text } = this;
    const from = this.at;
    for (let at = from + 1; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) {
        this.at = at + 1;
        return text.slice(from, this.at);
      }
    }
    return '';
  }

  /** `;name=value …` up to whatever is no parameter; undefined when one is malformed, stands twice, or there are too many. */
  params(): Params | undefined {
    if (this.ended) return NONE;
    let params: Map<string, string> | undefined;
    while (this.separator(SEMICOLON)) {
      const name = this.lowerToken();
      params ??= new Map();
      const value = this.separator(EQUALS) ? this.#value() : '';
      if (name === '' || value === undefined || params.has(name) || params.size >= PARAM_LIMIT) return undefined;
      params.set(name, value);
    }
    return params ?? NONE;
  }

  /** What follows `=`; never empty. */
  #value(): string | undefined {
    const value = this.text.charCodeAt(this.at) === QUOTE ? this.quoted() : this.until(VALUE_END);
    return value === '' ? undefined : value;
  }

  /** The characters up to the first of a table. */
  until(end: Uint8Array): string {
    const { text } = this;
    const from = this.at;
    let at = from;
    while (at < text.length && end[text.charCodeAt(at)] !== 1) at++;
    this.at = at;
    return text.slice(from, at);
  }

  #while(table: Uint8Array): string {
    const { text } = this;
    const from = this.at;
    let at = from;
    let seen = 0;
    for (let kind = table[text.charCodeAt(at)] ?? 0; kind !== 0; kind = table[text.charCodeAt(++at)] ?? 0) seen |= kind;
    this.#capital = (seen & CAPITAL) !== 0;
    this.at = at;
    return text.slice(from, at);
  }
}

/** The parameters of an element that has none. */
export const NONE: Params = new Map();
