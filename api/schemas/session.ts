import { z } from 'zod';
import { AccountIdText, Time, UserIdText } from './shape.ts';

/** First message of a sealed session. Exactly one of `secret` and `signature`. */
export const LoginBody = z
  .object({
    realm: z.enum(['api', 'admin']).default('api'),
    /** Account name; null for administrators. */
    account: z.string().min(1).max(40).nullable().default(null),
    user: z.string().min(1).max(64),
    /** API secret (`sfk_…`) or password. */
    secret: z.string().min(1).max(1_024).nullable().default(null),
    /** Signature of the transcript hash by the registered client key, base64url. */
    signature: z.string().min(1).max(256).nullable().default(null),
    /** The six digits of the moment (RFC 6238), for a user who has a TOTP secret. Each code is right once. */
    totp: z
      .string()
      .regex(/^\d{6}$/)
      .nullable()
      .default(null),
    device: z.string().max(100).default(''),
    /** SHA-256 of the TLS leaf certificate that the client saw, base64url. */
    tlsLeaf: z
      .string()
      .regex(/^[A-Za-z0-9_-]{43}$/)
      .nullable()
      .default(null),
  })
  .refine((body) => (body.secret === null) !== (body.signature === null), { error: 'either secret or signature' });
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
