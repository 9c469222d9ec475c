import { z } from 'zod';
import { Time } from './shape.ts';

const Method = z.enum(['secret', 'password', 'key', 'passkey', 'oidc', 'token']);

/** What the administrator who asks logs in with. */
export const SignInView = z.object({
  /** Of this session. */
  method: Method,
  /** The OpenID provider that vouches for this session; null: none. */
  provider: z.string().nullable(),
  /** When who it is was last proven: at the log-in, or by a step-up since. */
  provenAt: Time,
  password: z.boolean(),
  /** Whether a log-in needs a time-based code too. */
  totp: z.boolean(),
  /** Whether an authenticator waits for its first code. */
  totpPending: z.boolean(),
  /** Recovery codes that have not been used. */
  recoveryCodes: z.number().int(),
  passkeys: z.number().int(),
});
export type SignInView = z.infer<typeof SignInView>;

/** When a user last proved who it is. */
export const ProvenView = z.object({ provenAt: Time });

/** Ten recovery codes, shown once. */
export const RecoveryCodesView = z.object({ codes: z.array(z.string()) });

/** Six digits that an authenticator shows now. */
export const CodeBody = z.object({ code: z.string().regex(/^\d{6}$/) });

/** A session that somebody is logged in to. */
export const LoginSessionView = z.object({
  id: z.string(),
  /** The one that asks. */
  current: z.boolean(),
  method: Method,
  /** Where the log-in came from. */
  address: z.string(),
  device: z.string(),
  at: Time,
  provenAt: Time,
  tlsIntercepted: z.enum(['yes', 'no', 'unknown']),
});
export type LoginSessionView = z.infer<typeof LoginSessionView>;
export const LoginSessionList = z.object({ items: z.array(LoginSessionView) });
