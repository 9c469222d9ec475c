import { z } from 'zod';
import { AccountIdText, Time, UserIdText } from './shape.ts';

const Base64url = z.string().regex(/^[A-Za-z0-9_-]+$/);

/** What a user presents to say who it is. */
const proof = {
  /** API secret (`sfk_…`) or password. */
  secret: z.string().min(1).max(1_024).nullable().default(null),
  /** Signature of the transcript hash by the registered client key, base64url. */
  signature: z.string().min(1).max(256).nullable().default(null),
  /** WebAuthn assertion, of administrators. */
  passkey: z
    .object({
      id: Base64url.max(1_400),
      clientDataJSON: Base64url.max(4_096),
      authenticatorData: Base64url.max(4_096),
      signature: Base64url.max(1_024),
      userHandle: Base64url.max(88).nullable().default(null),
    })
    .nullable()
    .default(null),
  /** What an OpenID provider gave at its redirect, of administrators. */
  oidc: z
    .object({
      provider: z.string().min(1).max(40),
      code: z.string().min(1).max(4_096),
      verifier: z.string().regex(/^[A-Za-z0-9._~-]{43,128}$/),
      nonce: z.string().min(16).max(128),
      redirectUri: z.string().min(1).max(2_048),
      iss: z.string().max(2_048).nullable().default(null),
    })
    .nullable()
    .default(null),
  /** An identity provider's token, of API users. */
  token: z.string().min(1).max(16_384).nullable().default(null),
  /** The six digits of the moment (RFC 6238), for a user who has a TOTP secret. Each code is right once. */
  totp: z
    .string()
    .regex(/^\d{6}$/)
    .nullable()
    .default(null),
  /** One of the ten recovery codes, in place of `totp`. */
  recovery: z.string().min(1).max(40).nullable().default(null),
};

interface Proof {
  readonly secret: string | null;
  readonly signature: string | null;
  readonly passkey: object | null;
  readonly oidc: object | null;
  readonly token: string | null;
  readonly totp: string | null;
  readonly recovery: string | null;
}

/** One first factor, and no more than one second. */
const isOneProof = ({ secret, signature, passkey, oidc, token, totp, recovery }: Proof): boolean =>
  [secret, signature, passkey, oidc, token].filter((field) => field !== null).length === 1 &&
  (totp === null || recovery === null);
const ONE_PROOF = { error: 'one of secret, signature, passkey, oidc and token; either totp or recovery' };

/** First message of a sealed session. Exactly one of `secret`, `signature`, `passkey`, `oidc` and `token`. */
export const LoginBody = z
  .object({
    realm: z.enum(['api', 'admin']).default('api'),
    /** Account name; null for administrators. */
    account: z.string().min(1).max(40).nullable().default(null),
    /** May be left out where the proof says who it is: with `passkey`, `oidc` and `token`. */
    user: z.string().max(64).default(''),
    ...proof,
    device: z.string().max(100).default(''),
    /** SHA-256 of the TLS leaf certificate that the client saw, base64url. */
    tlsLeaf: z
      .string()
      .regex(/^[A-Za-z0-9_-]{43}$/)
      .nullable()
      .default(null),
  })
  .refine(isOneProof, ONE_PROOF)
  .refine((body) => body.user !== '' || (body.secret === null && body.signature === null), {
    error: 'user is missing',
  });
/** Within a session: its user proves anew who it is, by what a log-in takes. */
export const StepUpBody = z.object(proof).refine(isOneProof, ONE_PROOF);
export type LoginBody = z.input<typeof LoginBody>;

/** Who is logged in. */
export const SessionView = z.object({
  realm: z.enum(['api', 'admin']),
  account: z.object({ id: AccountIdText, name: z.string() }).nullable(),
  user: z.object({ id: UserIdText, name: z.string() }),
  /** False over plain HTTPS with an API key. */
  sealed: z.boolean(),
  tlsIntercepted: z.enum(['yes', 'no', 'unknown']),
  expiresAt: Time.nullable(),
  /** Seconds without a message after which a sealed session ends. */
  idle: z.number().int(),
});
export type SessionView = z.infer<typeof SessionView>;
