import { base64url, fromBase64url } from '../base64url.ts';
import { SealError } from '../errors.ts';
import { HELLO_NONCE_SIZE } from './client-hello.ts';
import { PROTOCOL_VERSION, type Suite } from './suite.ts';

/** `typ` of HJ. */
export const SERVER_HELLO_TYP = 'sfx-hello+jws';
/** Octets of a session id. */
export const SID_SIZE = 16;

/** Payload of HJ, the server's signed half of the exchange (SPEC.md §4.2). */
export interface ServerHello {
  readonly v: number;
  readonly suite: string;
  /** base64url of the ephemeral point. */
  readonly epk: string;
  /** base64url of 32 random octets. */
  readonly n: string;
  /** 16 octets. */
  readonly sid: Uint8Array;
  /** base64url of SHA-512(CH). */
  readonly ch: string;
  readonly aud: string;
  /** Seconds since 1970. */
  readonly iat: number;
  /** Seconds since 1970: the session's absolute end. */
  readonly exp: number;
  /** Seconds without a message after which the session ends. */
  readonly idle: number;
}

/** What the server puts into HJ. */
export interface ServerHelloParts {
  readonly suite: Suite;
  readonly epk: Uint8Array;
  readonly n: Uint8Array;
  readonly sid: Uint8Array;
  readonly ch: Uint8Array;
  readonly aud: string;
  readonly iat: number;
  readonly exp: number;
  readonly idle: number;
}

/** The JSON object that is signed as HJ. */
export function serverHelloPayload(parts: ServerHelloParts): object {
  const { suite, aud, iat, exp, idle } = parts;
  const octets = {
    epk: base64url(parts.epk),
    n: base64url(parts.n),
    sid: base64url(parts.sid),
    ch: base64url(parts.ch),
  };
  return { v: PROTOCOL_VERSION, suite, ...octets, aud, iat, exp, idle };
}

/** The payload of a verified HJ. Throws `hello_payload` when a member is missing or of another type. */
export function parseServerHello(payload: Readonly<Record<string, unknown>>): ServerHello {
  const { v, suite, epk, n, ch, aud, iat, exp, idle } = payload;
  const texts = [suite, epk, n, ch, aud].every((member) => typeof member === 'string');
  const numbers = [v, iat, exp, idle].every((member) => Number.isSafeInteger(member));
  if (!texts || !numbers) throw new SealError('hello_payload');
  decode(n, HELLO_NONCE_SIZE);
  const sid = decode(payload.sid, SID_SIZE);
  return { v, suite, epk, n, sid, ch, aud, iat, exp, idle } as ServerHello;
}

function decode(text: unknown, length: number): Uint8Array {
  try {
    if (typeof text === 'string') return fromBase64url(text, length);
  } catch {
    // The same answer as for another type.
  }
  throw new SealError('hello_payload');
}
