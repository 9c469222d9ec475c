import type { Channel } from './channel.ts';
import type { OidcAnswer } from './openid.ts';
import { segment } from './query.ts';
import type { LoginSession, PasskeyAnswer, SignInFacts, TotpSecret } from './types.ts';

/** What somebody proves with who it is, within a session: one of the first four, and a code for who needs one. */
export interface StepUpProof {
  secret?: string;
  signature?: string;
  passkey?: PasskeyAnswer;
  oidc?: OidcAnswer;
  totp?: string;
  /** In place of `totp`. */
  recovery?: string;
}

/**
 * Asked when the gateway wants to know again who is there, before something dangerous. `proven`: it knows by now, by
 * `SignIn.prove`. Null: nobody wants to say, and the request is refused with `step_up_required`.
 */
export type StepUp = () => Promise<StepUpProof | 'proven' | null>;

/**
 * What the administrator who is logged in logs in with, and sessions. Changes need a proof of the last two minutes
 * (`prove`, or `stepUp` of the options); this session outlives them, the user's other ones end.
 */
export interface SignIn {
  facts(): Promise<SignInFacts>;
  /** Proves who is there; answers when, which counts for ten minutes. @throws ApiProblem access_denied */
  prove(proof: StepUpProof): Promise<string>;
  setPassword(password: string): Promise<void>;
  /** A TOTP secret that waits for its first code: log-ins go on as before until then. */
  newAuthenticator(): Promise<TotpSecret>;
  /** Its first code: log-ins need one from now on. */
  confirmAuthenticator(code: string): Promise<void>;
  /** Log-ins need no code any more; recovery codes go with it. */
  removeAuthenticator(): Promise<void>;
  /** Ten, shown once, in the place of those from before. */
  newRecoveryCodes(): Promise<string[]>;
  /** Own ones, or those of another user; the newest first. */
  sessions(user?: string): Promise<LoginSession[]>;
  endSession(session: string, user?: string): Promise<void>;
  /** All own ones but this, or all of another user. */
  endSessions(user?: string): Promise<void>;
}

/** @see SignIn */
export function createSignIn(channel: Channel): SignIn {
  const me = '/v1/admin/me';
  const read = (path: string) => channel.json({ method: 'GET', path, repeatable: true });
  const send = (method: 'POST' | 'PUT' | 'DELETE', path: string, value?: unknown) =>
    channel.json({ method, path }, value);
  const sessionsAt = (user: string | undefined) =>
    user === undefined ? `${me}/sessions` : `/v1/admin/users/${segment(user)}/sessions`;
  return {
    facts: async () => (await read(`${me}/sign-in`)) as SignInFacts,
    prove: async (proof) => ((await send('POST', `${me}/step-up`, proof)) as { provenAt: string }).provenAt,
    async setPassword(password) {
      await send('PUT', `${me}/password`, { password });
    },
    newAuthenticator: async () => (await send('POST', `${me}/totp`)) as TotpSecret,
    async confirmAuthenticator(code) {
      await send('POST', `${me}/totp/confirm`, { code });
    },
    async removeAuthenticator() {
      await send('DELETE', `${me}/totp`);
    },
    newRecoveryCodes: async () => ((await send('POST', `${me}/recovery-codes`)) as { codes: string[] }).codes,
    sessions: async (user) => ((await read(sessionsAt(user))) as { items: LoginSession[] }).items,
    async endSession(session, user) {
      await send('DELETE', `${sessionsAt(user)}/${segment(session)}`);
    },
    async endSessions(user) {
      await send('DELETE', sessionsAt(user));
    },
  };
}
