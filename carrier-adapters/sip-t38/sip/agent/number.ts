import { nameAddrs, parseUri, type ReceivedRequest, tokens } from '../message/index.ts';
import { USER_LENGTH } from './limits.ts';
import type { NumberFormat } from './trunk.ts';

/** An E.164 number as the trunk wants it in the user part of a URI. */
export function writtenNumber(e164: string, format: NumberFormat): string {
  const digits = e164.startsWith('+') ? e164.slice(1) : e164;
  if (format === 'plus') return `+${digits}`;
  return format === 'double_zero' ? `00${digits}` : digits;
}

/** The number or name in a URI; null: none, withheld (RFC 3323 §4.1), or too long to be either. */
export function userOf(uri: string): string | null {
  const parsed = parseUri(uri);
  if (parsed === undefined) return null;
  // What follows a semicolon are parameters of a telephone number (RFC 3261 §19.1.6).
  const user = parsed.scheme === 'tel' ? parsed.number : (parsed.user?.split(';', 1)[0] ?? null);
  if (user === null || user === '' || user.length > USER_LENGTH) return null;
  return user.toLowerCase() === 'anonymous' ? null : user;
}

/** Who calls: what the trunk asserts, else what From says; null where the caller wants privacy (RFC 3325 §9.3, RFC 3323). */
export function callerOf(request: ReceivedRequest): string | null {
  const privacy = tokens(request.headers, 'privacy') ?? [];
  if (privacy.some((word) => ['id', 'user', 'critical'].includes(word.toLowerCase()))) return null;
  for (const { uri } of nameAddrs(request.headers, 'p-asserted-identity') ?? []) {
    const user = userOf(uri);
    if (user !== null) return user;
  }
  return userOf(request.from.uri);
}
