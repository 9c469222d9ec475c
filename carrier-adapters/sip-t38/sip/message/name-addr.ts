import { ELEMENT_LIMIT, URI_LIMIT } from './limits.ts';
import { formatParams, type Params } from './params.ts';
import { charactersOf, isTokenCharacter, NONE, quote, Scanner, unquote } from './scanner.ts';

/** An element of From, To, Contact, Route, Record-Route, P-Asserted-Identity (RFC 3261 §20.10, §25.1). Personal data. */
export interface NameAddr {
  /** Without quotes and escapes; null when there is none. */
  readonly display: string | null;
  /** The URI as text, without angle brackets; `parseUri` reads it. `*` in a Contact that means all. */
  readonly uri: string;
  /** Parameters of the header, such as `tag` or `expires`; those of the URI are within it. */
  readonly params: Params;
}

const COMMA = 44;
const LESS = 60;
const QUOTE = 34;

/** One element, and nothing after it; undefined when it is malformed. */
export function parseNameAddr(text: string): NameAddr | undefined {
  const scanner = new Scanner(text);
  const element = readNameAddr(scanner);
  return scanner.space().ended ? element : undefined;
}

/** The elements of the lines of one header in order; undefined when one is malformed or there are too many. */
export function parseNameAddrs(lines: readonly string[]): NameAddr[] | undefined {
  const elements: NameAddr[] = [];
  for (const line of lines) {
    const scanner = new Scanner(line);
    do {
      const element = readNameAddr(scanner);
      if (element === undefined || elements.length >= ELEMENT_LIMIT) return undefined;
      elements.push(element);
    } while (scanner.separator(COMMA));
    if (!scanner.space().ended) return undefined;
  }
  return elements;
}

/** An element as a header has it. Display names are always quoted: nothing in them can be taken for anything else. */
export function formatNameAddr(element: Pick<NameAddr, 'uri'> & Partial<NameAddr>): string {
  const display = element.display == null || element.display === '' ? '' : `${quote(element.display)} `;
  return `${display}<${element.uri}>${formatParams(element.params ?? NONE)}`;
}

function readNameAddr(scanner: Scanner): NameAddr | undefined {
  scanner.space();
  const quoted = scanner.text.charCodeAt(scanner.at) === QUOTE;
  const display = quoted ? scanner.quoted() : plainDisplay(scanner);
  if (quoted && display === '') return undefined;
  if (scanner.space().take(LESS)) return bracketed(scanner, quoted ? unquote(display) : display.trim());
  return quoted || display !== '' ? undefined : bare(scanner);
}

/** The words before `<`, or '' when the element is a URI alone: then nothing is stepped over. */
function plainDisplay(scanner: Scanner): string {
  const { text } = scanner;
  const from = scanner.at;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === LESS) {
      scanner.at = at;
      return text.slice(from, at);
    }
    if (!isDisplayCharacter(code)) break;
  }
  return '';
}

/** Tokens and white space; beyond the grammar, anything that is not ASCII, which real telephones leave unquoted. */
function isDisplayCharacter(code: number): boolean {
  return code === 9 || code === 32 || code >= 128 || isTokenCharacter(code);
}

function bracketed(scanner: Scanner, display: string): NameAddr | undefined {
  const end = scanner.text.indexOf('>', scanner.at);
  const uri = end < 0 ? '' : scanner.text.slice(scanner.at, end);
  if (!isUriText(uri)) return undefined;
  scanner.at = end + 1;
  const params = scanner.params();
  return params === undefined ? undefined : { display: display === '' ? null : display, uri, params };
}

/** Without brackets, `;` begins the header's parameters, and neither `?` nor `,` may be in the URI (RFC 3261 §20.10). */
function bare(scanner: Scanner): NameAddr | undefined {
  const uri = scanner.until(BARE_END);
  if (!isUriText(uri)) return undefined;
  const params = scanner.params();
  return params === undefined ? undefined : { display: null, uri, params };
}

const BARE_END = charactersOf(' \t;,?"<>');

/** Whether text can be a URI of whatever scheme: bounded, and without white space, quotes and brackets. */
export function isUriText(text: string): boolean {
  if (text.length === 0 || text.length > URI_LIMIT) return false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code <= 32 || code === QUOTE || code === LESS || code === 62 || code === 127) return false;
  }
  return true;
}
