import { decimal, isToken } from './scanner.ts';

/** CSeq (RFC 3261 §20.16): `number` below 2^31, and the method of the request. */
export interface CSeq {
  readonly number: number;
  readonly method: string;
}

/** RAck (RFC 3262 §7.2): the RSeq of the provisional response, and the CSeq of the request it answered. */
export interface RAck {
  readonly response: number;
  readonly cseq: CSeq;
}

/** Largest sequence number (RFC 3261 §8.1.1.5). */
const LARGEST = 0x7fffffff;

/** Undefined when it is malformed, or beyond its range (RFC 4475 §3.1.2.4). */
export function parseCSeq(value: string): CSeq | undefined {
  const gap = indexOfSpace(value);
  const number = gap < 0 ? undefined : decimal(value.slice(0, gap), LARGEST);
  const method = gap < 0 ? '' : value.slice(gap).trim();
  return number === undefined || !isToken(method) ? undefined : { number, method };
}

/** Undefined when it is malformed. */
export function parseRAck(value: string): RAck | undefined {
  const gap = indexOfSpace(value);
  const response = gap < 0 ? undefined : decimal(value.slice(0, gap), 0xffffffff);
  const cseq = gap < 0 ? undefined : parseCSeq(value.slice(gap).trim());
  return response === undefined || cseq === undefined ? undefined : { response, cseq };
}

function indexOfSpace(value: string): number {
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code === 32 || code === 9) return at;
  }
  return -1;
}
