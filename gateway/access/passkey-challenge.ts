import { base64url, constantTimeEqual, fromBase64url, hmacSha256 } from '../../crypto/index.ts';

/** How long a challenge is good for, ms: a person has to find the key. */
export const CHALLENGE_LIFE = 5 * 60_000;
/** Octets of the time before the MAC. */
const TIME_SIZE = 8;
const SIZE = TIME_SIZE + 32;

/**
 * Challenges for passkeys within a session: fresh, of this session alone, and kept nowhere: the time, and its HMAC with
 * the transcript hash under the server's key. An answer that is sent twice within five minutes proves no more than once.
 */
export interface PasskeyChallenges {
  /** @param th transcript hash of the session; `now` ms since 1970 */
  make(th: Uint8Array, now: number): string;
  /** Whether it was made for this session, in the last five minutes, by whichever process. */
  holds(challenge: string, th: Uint8Array, now: number): boolean;
}

/** @param serverKey key of the HMAC, 32 octets */
export function createPasskeyChallenges(serverKey: Uint8Array): PasskeyChallenges {
  const macOf = (time: Uint8Array, th: Uint8Array): Uint8Array => {
    const label = new TextEncoder().encode('passkey challenge\0');
    const message = new Uint8Array(label.length + time.length + th.length);
    message.set(label);
    message.set(time, label.length);
    message.set(th, label.length + time.length);
    return hmacSha256(serverKey, message);
  };
  return {
    make(th, now) {
      const octets = new Uint8Array(SIZE);
      new DataView(octets.buffer).setBigUint64(0, BigInt(now));
      octets.set(macOf(octets.subarray(0, TIME_SIZE), th), TIME_SIZE);
      return base64url(octets);
    },
    holds(challenge, th, now) {
      const octets = decoded(challenge);
      if (octets === undefined) return false;
      const time = octets.subarray(0, TIME_SIZE);
      const at = Number(new DataView(octets.buffer, octets.byteOffset).getBigUint64(0));
      const isOurs = constantTimeEqual(octets.subarray(TIME_SIZE), macOf(time, th));
      return isOurs && at <= now + CHALLENGE_LIFE && now < at + CHALLENGE_LIFE;
    },
  };
}

function decoded(challenge: string): Uint8Array | undefined {
  try {
    return fromBase64url(challenge, SIZE);
  } catch {
    return undefined;
  }
}
