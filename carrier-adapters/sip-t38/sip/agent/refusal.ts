import { type ResponseParts, type SipRequest, tokens } from '../message/index.ts';
import { ALLOW, METHODS, SUPPORTED } from './self.ts';

/** A response that refuses, by its status and headers. */
export interface Refusal {
  readonly status: number;
  readonly parts: ResponseParts;
}

/** Methods of RFC 3262, 3265, 3428, 3515, 3903 and of registrars: known, but nothing for us. */
const KNOWN = new Set<string>([...METHODS, 'PRACK', 'SUBSCRIBE', 'NOTIFY', 'MESSAGE', 'REFER', 'PUBLISH', 'REGISTER']);

/**
 * How a request that we have no use for is answered (RFC 3261 §8.2.1, §12.2.2). `inDialog`: its dialog lives.
 * Null: it is one that we take.
 */
export function refusalOf(method: string, inDialog: boolean): Refusal | null {
  if (!KNOWN.has(method)) return { status: 501, parts: {} };
  // We never sent a reliable 1xx that PRACK could be for (RFC 3262 §3).
  if (method === 'PRACK') return { status: 481, parts: {} };
  // We have no subscriptions; 489 ends none but that one (RFC 6665 §7.3.2, RFC 5057 §5.2).
  if (method === 'NOTIFY') return { status: 489, parts: { reason: 'Bad Event' } };
  if (!(METHODS as readonly string[]).includes(method)) return { status: 405, parts: { headers: [['Allow', ALLOW]] } };
  const needsDialog = method === 'BYE' || method === 'UPDATE' || method === 'INFO';
  return needsDialog && !inDialog ? { status: 481, parts: {} } : null;
}

/** How a request of the far side is called in the ladder; an invented method could be anything, also a number. */
export function signalOf(method: string): string {
  return KNOWN.has(method) ? method : 'unknown method';
}

/** 420 for extensions that we do not know (RFC 3261 §8.2.2.3); null: none is required. */
export function requirementOf(request: SipRequest): Refusal | null {
  const required = tokens(request.headers, 'require') ?? [];
  const unknown = required.filter((option) => option.toLowerCase() !== SUPPORTED);
  return unknown.length === 0 ? null : { status: 420, parts: { headers: [['Unsupported', unknown.join(', ')]] } };
}
