import { escapeUri, unescapeUri } from './escape.ts';
import { PARAM_LIMIT } from './limits.ts';
import { isUriText } from './name-addr.ts';
import { formatParams, type Params } from './params.ts';
import { isToken, NONE, Scanner } from './scanner.ts';

/** A SIP or SIPS URI (RFC 3261 §19.1). */
export interface SipUri {
  readonly scheme: 'sip' | 'sips';
  /** Escapes undone; null when there is none. A number or a name: personal data. */
  readonly user: string | null;
  readonly password: string | null;
  /** Lower case; an IPv6 address in brackets. */
  readonly host: string;
  /** Null: found by RFC 3263, or the default of the transport. */
  readonly port: number | null;
  /** Names in lower case, escapes of the values undone. */
  readonly params: Params;
  /** What follows `?`, as written; '' when nothing does. */
  readonly headers: string;
}

/** A TEL URI (RFC 3966 §3). */
export interface TelUri {
  readonly scheme: 'tel';
  /** Without visual separators: `+` and digits, or the digits of a local number. */
  readonly number: string;
  readonly params: Params;
}

export type Uri = SipUri | TelUri;

/** Parameters that must be equal, or be absent from both (RFC 3261 §19.1.4). */
const DECISIVE = ['user', 'ttl', 'method', 'maddr', 'transport'] as const;

/** Undefined when the URI is malformed or of another scheme. */
export function parseUri(text: string): Uri | undefined {
  if (!isUriText(text)) return undefined;
  const colon = text.indexOf(':');
  const scheme = colon < 0 || colon > 4 ? '' : text.slice(0, colon).toLowerCase();
  if (scheme === 'sip' || scheme === 'sips') return parseSipUri(scheme, text, colon + 1);
  return scheme === 'tel' ? parseTelUri(text.slice(colon + 1)) : undefined;
}

/** A URI as text; `user` and `password` are escaped as they need be. */
export function formatUri(uri: Uri): string {
  if (uri.scheme === 'tel') return `tel:${uri.number}${formatParams(uri.params)}`;
  const password = uri.password === null ? '' : `:${escapeUri(uri.password, '&=+$,')}`;
  const user = uri.user === null ? '' : `${escapeUri(uri.user, '&=+$,;?/')}${password}@`;
  const port = uri.port === null ? '' : `:${uri.port}`;
  const headers = uri.headers === '' ? '' : `?${uri.headers}`;
  return `${uri.scheme}:${user}${uri.host}${port}${formatParams(escaped(uri.params))}${headers}`;
}

/**
 * Whether two URIs mean the same (RFC 3261 §19.1.4, RFC 3966 §4). One departure: an escaped reserved character of the
 * user part equals the bare one, so that `%2B49…` is the number `+49…`.
 */
export function sameUri(a: Uri, b: Uri): boolean {
  if (a.scheme === 'tel' || b.scheme === 'tel') return a.scheme === 'tel' && b.scheme === 'tel' && sameTel(a, b);
  if (a.scheme !== b.scheme || a.user !== b.user || a.password !== b.password) return false;
  if (a.host !== b.host || a.port !== b.port) return false;
  if (DECISIVE.some((name) => folded(a.params, name) !== folded(b.params, name))) return false;
  for (const name of a.params.keys()) {
    if (b.params.has(name) && folded(a.params, name) !== folded(b.params, name)) return false;
  }
  return sortedHeaders(a.headers) === sortedHeaders(b.headers);
}

/** Characters that `paramchar` has beyond the unreserved ones (RFC 3261 §25.1). */
function escaped(params: Params): Params {
  if (params.size === 0) return params;
  return new Map([...params].map(([name, value]) => [name, escapeUri(value, '[]/:&+$')]));
}

function sameTel(a: TelUri, b: TelUri): boolean {
  if (a.number.toLowerCase() !== b.number.toLowerCase() || a.params.size !== b.params.size) return false;
  return [...a.params.keys()].every((name) => b.params.has(name) && folded(a.params, name) === folded(b.params, name));
}

function folded(params: Params, name: string): string | undefined {
  return params.get(name)?.toLowerCase();
}

/** Headers compare in any order; their names without case (§19.1.4). Bounded by the length of a URI. */
function sortedHeaders(headers: string): string {
  if (headers === '') return '';
  const fields = headers.split('&').map((field) => {
    const equals = field.indexOf('=');
    const name = equals < 0 ? field : field.slice(0, equals);
    const value = equals < 0 ? '' : field.slice(equals + 1);
    return `${(unescapeUri(name) ?? name).toLowerCase()}=${unescapeUri(value) ?? value}`;
  });
  return fields.sort().join('&');
}

function parseSipUri(scheme: 'sip' | 'sips', text: string, from: number): SipUri | undefined {
  const at = text.indexOf('@', from);
  if (at >= 0 && (at === from || text.includes('@', at + 1))) return undefined;
  const userinfo = at < 0 ? '' : text.slice(from, at);
  const colon = userinfo.indexOf(':');
  const user = at < 0 ? null : unescapeUri(colon < 0 ? userinfo : userinfo.slice(0, colon));
  const password = colon < 0 ? null : unescapeUri(userinfo.slice(colon + 1));
  if (user === '' || user === undefined || password === undefined) return undefined;

  const scanner = new Scanner(text, at < 0 ? from : at + 1);
  const host = scanner.host();
  const port = host === '' ? undefined : scanner.port();
  const question = text.indexOf('?', scanner.at);
  const end = question < 0 ? text.length : question;
  const params = port === undefined ? undefined : uriParams(text.slice(scanner.at, end));
  if (port === undefined || params === undefined) return undefined;
  return { scheme, user, password, host, port, params, headers: question < 0 ? '' : text.slice(question + 1) };
}

/** Digits of a global number, or of a local one (RFC 3966 §3), without visual separators. */
function parseTelUri(text: string): TelUri | undefined {
  const end = text.indexOf(';');
  const number = (end < 0 ? text : text.slice(0, end)).replace(/[-.()]/g, '');
  if (!/^(?:\+[0-9]+|[0-9A-Fa-f*#]+)$/.test(number)) return undefined;
  const params = end < 0 ? NONE : uriParams(text.slice(end));
  return params === undefined ? undefined : { scheme: 'tel', number, params };
}

/** `;name=value…`, `text` being nothing else; undefined when one is malformed, stands twice, or there are too many. */
function uriParams(text: string): Params | undefined {
  if (text === '') return NONE;
  const params = new Map<string, string>();
  const fields = text.split(';', PARAM_LIMIT + 2);
  if (fields[0] !== '' || fields.length === PARAM_LIMIT + 2) return undefined;
  for (const field of fields.slice(1)) {
    const equals = field.indexOf('=');
    const name = unescapeUri(equals < 0 ? field : field.slice(0, equals))?.toLowerCase();
    const value = equals < 0 ? '' : unescapeUri(field.slice(equals + 1));
    if (name === undefined || !isToken(name) || value === undefined || params.has(name)) return undefined;
    params.set(name, value);
  }
  return params;
}
