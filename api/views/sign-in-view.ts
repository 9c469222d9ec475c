import { base64url, constantTimeEqual, sha256 } from '../../crypto/index.ts';
import type { SecondSteps } from '../../gateway/ports/account-records.ts';
import type { Session, SessionLogin } from '../../gateway/ports/session-store.ts';
import type { LoginSessionView, SignInView } from '../schemas/index.ts';
import { isoTime } from '../schemas/shape.ts';

/** What a user logs in with, as the user sees it. */
export function signInView(
  login: SessionLogin,
  user: { readonly totp: boolean; readonly passkeys: number },
  steps: SecondSteps | undefined,
): SignInView {
  return {
    method: login.method,
    provider: login.identity?.provider ?? null,
    provenAt: isoTime(login.provenAt),
    password: steps?.password ?? false,
    totp: user.totp,
    totpPending: (steps?.pending ?? null) !== null,
    recoveryCodes: steps?.recoveryCodes ?? 0,
    passkeys: user.passkeys,
  };
}

/** What a session is called in paths: nothing that is sent in clear with its messages. */
export function sessionName(sid: Uint8Array): string {
  return base64url(sha256(sid).subarray(0, 16));
}

/** A session of the list. @param current the session that asks */
export function loginSessionView(
  { sid }: Pick<Session, 'sid'>,
  login: SessionLogin,
  current: Uint8Array | null,
): LoginSessionView {
  return {
    id: sessionName(sid),
    current: current !== null && constantTimeEqual(sid, current),
    method: login.method,
    address: login.address,
    device: login.device,
    at: isoTime(login.at),
    provenAt: isoTime(login.provenAt),
    tlsIntercepted: login.tlsIntercepted,
  };
}
