import { base64url, hmacSha256 } from '../../crypto/index.ts';
import type { Account } from '../fax/account.ts';
import type { UserId } from '../fax/ids.ts';
import type { Session, SessionLogin } from '../ports/session-store.ts';

/**
 * Whether someone between client and gateway opened the TLS connection: the client's view of the leaf certificate
 * beside our own. Without either there is no saying.
 *
 * @param seen SHA-256 of the certificate that the client saw, base64url
 * @param own those that this gateway, or the reverse proxy listed for it, presents
 */
export function tlsIntercepted(seen: string | null, own: readonly string[]): SessionLogin['tlsIntercepted'] {
  if (seen === null || own.length === 0) return 'unknown';
  return own.includes(seen) ? 'no' : 'yes';
}

/**
 * What stands for a device in the audit log, so that a new one can be told: an HMAC of whose and which, since its name is
 * its owner's. Undefined for one without a name.
 */
export function deviceMark(serverKey: Uint8Array, user: UserId, device: string): string | undefined {
  if (device === '') return undefined;
  const named = new TextEncoder().encode(JSON.stringify(['login device', user, device]));
  return base64url(hmacSha256(serverKey, named).subarray(0, 16));
}

/** Whether the account's policy turns such a session away. */
export function refusesInterception(account: Account | null, intercepted: SessionLogin['tlsIntercepted']): boolean {
  return intercepted === 'yes' && account?.policy.tlsIntercepted === 'refuse';
}

/** Whether a session under `suite` may be logged in to. The 128-bit suite is for accounts that allow it, never for administrators. */
export function allowsSuite(account: Account | null, suite: Session['suite']): boolean {
  return suite === 'P521-HKDF512-A256GCM' || account?.policy.allowSuite128 === true;
}
