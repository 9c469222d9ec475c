// Header fields as values, read when they are asked for. Unless it says otherwise, undefined stands for a malformed
// field, an empty list for one that is not there.

import { parseRAck, type RAck } from './cseq.ts';
import type { Headers } from './headers.ts';
import { ELEMENT_LIMIT } from './limits.ts';
import { type NameAddr, parseNameAddrs } from './name-addr.ts';
import type { Params } from './params.ts';
import { decimal, Scanner, unquote } from './scanner.ts';
import { parseVias, type Via } from './via.ts';

/** Headers that hold addresses; of those with a fixed count, one element comes back. */
export type AddressHeader =
  | 'contact'
  | 'route'
  | 'record-route'
  | 'p-asserted-identity'
  | 'p-preferred-identity'
  | 'remote-party-id'
  | 'diversion'
  | 'path'
  | 'service-route';

/** Headers that list tokens. */
export type TokenHeader = 'allow' | 'supported' | 'require' | 'proxy-require' | 'unsupported' | 'privacy';

/** Headers that are one number. */
export type NumberHeader = 'expires' | 'min-expires' | 'max-forwards' | 'rseq';

/** The addresses of all lines of a header, in order. */
export function nameAddrs(headers: Headers, key: AddressHeader): NameAddr[] | undefined {
  return parseNameAddrs(headers.all(key));
}

/** All elements of Via, the topmost first. */
export function vias(headers: Headers): Via[] | undefined {
  return parseVias(headers.all('via'));
}

/** Tokens of a list header, as written; Privacy separates them by semicolons (RFC 3323 §4.2). */
export function tokens(headers: Headers, key: TokenHeader): string[] | undefined {
  const separator = key === 'privacy' ? SEMICOLON : COMMA;
  const found: string[] = [];
  for (const line of headers.all(key)) {
    const scanner = new Scanner(line).space();
    // An empty list is allowed for some and harmless for the others (RFC 3261 §20.5, §20.37).
    if (scanner.ended) continue;
    do {
      const token = scanner.token();
      if (token === '' || found.length >= ELEMENT_LIMIT) return undefined;
      found.push(token);
    } while (scanner.separator(separator));
    if (!scanner.space().ended) return undefined;
  }
  return found;
}

/** A number of at most 2^32 - 1; undefined when it is absent or malformed (RFC 3261 §20.19: treated alike). */
export function number(headers: Headers, key: NumberHeader): number | undefined {
  return decimal(headers.get(key) ?? '', 0xffffffff);
}

/** Session-Expires (RFC 4028 §4). */
export interface SessionExpires {
  readonly seconds: number;
  readonly refresher: 'uac' | 'uas' | null;
}

/** Undefined when it is absent or malformed. */
export function sessionExpires(headers: Headers): SessionExpires | undefined {
  const field = secondsWithParams(headers.get('session-expires'));
  if (field === undefined) return undefined;
  const refresher = field.params.get('refresher')?.toLowerCase();
  return { seconds: field.seconds, refresher: refresher === 'uac' || refresher === 'uas' ? refresher : null };
}

/** Min-SE, seconds (RFC 4028 §5); undefined when it is absent or malformed. */
export function minSe(headers: Headers): number | undefined {
  return secondsWithParams(headers.get('min-se'))?.seconds;
}

/** Retry-After, seconds (RFC 3261 §20.33), its comment and parameters left out; undefined when absent or malformed. */
export function retryAfter(headers: Headers): number | undefined {
  const value = headers.get('retry-after') ?? '';
  const digits = /^[0-9]{1,10}/.exec(value)?.[0] ?? '';
  const next = value.charAt(digits.length);
  return next === '' || ' \t(;'.includes(next) ? decimal(digits, 0xffffffff) : undefined;
}

/** One element of Reason (RFC 3326 §2). */
export interface Reason {
  /** Upper case: SIP, Q.850. */
  readonly protocol: string;
  readonly cause: number | null;
  /** The peer's words: not for logs. */
  readonly text: string | null;
}

/** The elements of Reason; malformed lines are left out, as nothing depends on them. */
export function reasons(headers: Headers): Reason[] {
  return headers.all('reason').flatMap((line) => parseReasons(line) ?? []);
}

/** The cause of ITU-T Q.850 that a message gives (RFC 3326 §3.1), 1 to 127. */
export function q850Cause(headers: Headers): number | undefined {
  const cause = reasons(headers).find((reason) => reason.protocol === 'Q.850')?.cause ?? 0;
  return cause >= 1 && cause <= 127 ? cause : undefined;
}

/** RAck (RFC 3262 §7.2); undefined when it is absent or malformed. */
export function rack(headers: Headers): RAck | undefined {
  return parseRAck(headers.get('rack') ?? '');
}

/** Content-Type (RFC 3261 §20.15). */
export interface ContentType {
  /** Lower case: `application/sdp`. */
  readonly type: string;
  readonly params: Params;
}

/** Undefined when it is absent or malformed. */
export function contentType(headers: Headers): ContentType | undefined {
  const scanner = new Scanner(headers.get('content-type') ?? '').space();
  const type = scanner.token().toLowerCase();
  const subtype = scanner.separator(SLASH) ? scanner.token().toLowerCase() : '';
  const params = scanner.params();
  if (type === '' || subtype === '' || params === undefined || !scanner.space().ended) return undefined;
  return { type: `${type}/${subtype}`, params };
}

const COMMA = 44;
const SLASH = 47;
const SEMICOLON = 59;

function secondsWithParams(value = ''): { readonly seconds: number; readonly params: Params } | undefined {
  const scanner = new Scanner(value).space();
  const seconds = decimal(scanner.token(), 0xffffffff);
  const params = scanner.params();
  if (seconds === undefined || params === undefined || !scanner.space().ended) return undefined;
  return { seconds, params };
}

function parseReasons(line: string): Reason[] | undefined {
  const scanner = new Scanner(line).space();
  const found: Reason[] = [];
  do {
    const protocol = scanner.token().toUpperCase();
    const params = scanner.params();
    if (protocol === '' || params === undefined || found.length >= ELEMENT_LIMIT) return undefined;
    const text = params.get('text');
    found.push({
      protocol,
      cause: decimal(params.get('cause') ?? '') ?? null,
      text: text === undefined ? null : unquote(text),
    });
  } while (scanner.separator(COMMA));
  return scanner.space().ended ? found : undefined;
}
