import type { LedgerEvent } from '../fax/event.ts';

/** Ids, states, counts and times; a `+` (and so a telephone number), a space or an `@` does not fit. */
const PLAIN = /^[A-Za-z0-9_.:/-]{1,128}$/;
/** A run of digits that could be a number without its `+`. */
const DIGITS = /^\d{7,}$/;

/**
 * The body of a delivery: `{type, timestamp, data}` as Standard Webhooks recommends; `data` names the ledger entry and
 * the fax and carries the counts of the event. Values that could be a number, a name or content are left out, whatever
 * the event holds: a receiver asks the API for them with its own credentials.
 */
export function deliveryBody(event: LedgerEvent): Uint8Array {
  const counts = Object.entries(event.data).filter(([, value]) => isHarmless(value));
  const data = {
    ...Object.fromEntries(counts),
    event: event.id,
    account: event.account,
    seq: event.seq,
    fax: event.fax,
  };
  const body = { type: event.type, timestamp: new Date(event.at).toISOString(), data };
  return new TextEncoder().encode(JSON.stringify(body));
}

function isHarmless(value: unknown): boolean {
  if (Array.isArray(value)) return value.length <= 100 && value.every(isHarmlessScalar);
  return isHarmlessScalar(value);
}

function isHarmlessScalar(value: unknown): boolean {
  if (typeof value === 'string') return PLAIN.test(value) && !DIGITS.test(value);
  return value === null || typeof value === 'boolean' || Number.isFinite(value);
}
