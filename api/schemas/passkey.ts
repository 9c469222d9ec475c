import { z } from 'zod';
import { idOf, Time, UserIdText } from './shape.ts';

/** Octets as base64url text of at most so many characters. */
const Octets = (most: number) =>
  z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/)
    .max(most);
const Name = z
  .string()
  .trim()
  .min(1)
  .max(60)
  .regex(/^[^\p{Cc}]*$/u, 'no control characters');

/** What a browser needs for `navigator.credentials.create`, or for `get` within a session. */
export const PasskeyOptions = z.object({
  /** Base64url; good for this session and five minutes. */
  challenge: z.string(),
  /** `handle` stands for the user in its passkeys, base64url. */
  user: z.object({ handle: z.string(), name: z.string() }),
  /** COSE algorithms, the one that is liked best first. */
  algorithms: z.array(z.number().int()),
  /** Passkeys that the user has. `host`: of the console that they are good for. */
  known: z.array(z.object({ credential: z.string(), transports: z.array(z.string()), host: z.string() })),
});
export type PasskeyOptions = z.infer<typeof PasskeyOptions>;

/** The answer of `navigator.credentials.create`, its octets as base64url. */
export const PasskeyBody = z
  .object({
    name: Name,
    id: Octets(1_400),
    clientDataJSON: Octets(4_096),
    attestationObject: Octets(8_192),
    transports: z
      .array(z.string().regex(/^[a-z-]{1,20}$/))
      .max(10)
      .default([]),
  })
  .strict();
export const PasskeyChange = z.object({ name: Name }).strict();

/** A passkey, without anything that it could be known by elsewhere. */
export const PasskeyView = z.object({
  id: idOf('pky'),
  user: UserIdText,
  name: z.string(),
  /** Host name of the console that it is good for. */
  host: z.string(),
  /** Whether its keeper may copy it to other devices of the holder. */
  synced: z.boolean(),
  createdAt: Time,
  /** Last log-in or confirmation with it. */
  usedAt: Time.nullable(),
});
export type PasskeyView = z.infer<typeof PasskeyView>;
export const PasskeyList = z.object({ items: z.array(PasskeyView) });
