import { PARAM_LIMIT } from './limits.ts';
import { charactersOf, Scanner, unquote } from './scanner.ts';

/** A challenge or credentials (RFC 3261 §20.44, §20.7): `Digest realm="…", nonce="…"`. */
export interface AuthParams {
  /** Lower case: `digest`. */
  readonly scheme: string;
  /** Names in lower case; values without quotes. */
  readonly params: ReadonlyMap<string, string>;
}

const COMMA = 44;
const EQUALS = 61;
const QUOTE = 34;

/** One line of WWW-Authenticate, Authorization and their Proxy- twins; undefined when it is malformed. */
export function parseAuthParams(line: string): AuthParams | undefined {
  const scanner = new Scanner(line);
  const scheme = scanner.space().lowerToken();
  if (scheme === '') return undefined;
  const params = new Map<string, string>();
  scanner.space();
  while (!scanner.ended) {
    const name = scanner.lowerToken();
    const value = name !== '' && scanner.separator(EQUALS) ? readValue(scanner) : undefined;
    if (value === undefined || params.has(name) || params.size >= PARAM_LIMIT) return undefined;
    params.set(name, value);
    if (!scanner.separator(COMMA) && !scanner.space().ended) return undefined;
  }
  return { scheme, params };
}

/** A token or quoted string; a token also with the characters of base64 and of a URI, which some peers leave unquoted. */
function readValue(scanner: Scanner): string | undefined {
  const quoted = scanner.text.charCodeAt(scanner.at) === QUOTE;
  const value = quoted ? scanner.quoted() : scanner.until(VALUE_END);
  return value === '' ? undefined : unquote(value);
}

const VALUE_END = charactersOf(' \t,"');
