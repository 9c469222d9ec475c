import { concat, expectLength, u64 } from '../bytes.ts';
import { SID_SIZE } from '../handshake/server-hello.ts';
import { DEFAULT_SUITE, SUITE_KEY_SIZES } from '../handshake/suite.ts';
import { lab } from '../label.ts';
import { deriveStreamSecrets, type StreamSecrets } from '../stream/secrets.ts';
import { type MessageType, SALT_SIZE, TYPE_OCTETS } from './header.ts';
import type { MessageSession } from './session.ts';

/** `rsalt` of a request. */
export const NO_REQUEST_SALT = new Uint8Array(SALT_SIZE);

/** What names one message within its session. */
export interface MessagePlace {
  readonly type: MessageType;
  readonly seq: number;
  readonly salt: Uint8Array;
  /** 32 zero octets for a request; the request's salt for its response, which so answers that request only. */
  readonly rsalt: Uint8Array;
}

/** okm = HKDF-Expand(c2s or s2c, lab("msg") ‖ type ‖ sid ‖ seq ‖ salt ‖ rsalt, 76), SPEC.md §6. */
export async function messageSecrets(session: MessageSession, place: MessagePlace): Promise<StreamSecrets> {
  // Every field of `info` but the label has a fixed length: that is what makes it readable in one way only.
  expectLength('a session id', session.sid, SID_SIZE);
  expectLength('a salt', place.salt, SALT_SIZE);
  expectLength('the salt of a request', place.rsalt, SALT_SIZE);
  const type = Uint8Array.of(TYPE_OCTETS[place.type]);
  const info = concat(lab('msg'), type, session.sid, u64(place.seq), place.salt, place.rsalt);
  const prk = place.type === 'request' ? session.c2s : session.s2c;
  return deriveStreamSecrets(prk, info, SUITE_KEY_SIZES[session.suite ?? DEFAULT_SUITE]);
}
