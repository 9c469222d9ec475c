import { z } from 'zod';
import { ROTATED_KEYS } from '../../gateway/ports/key-desk.ts';
import { Time } from './shape.ts';

/** A key of the gateway; never its private part. */
export const KeyView = z.object({
  use: z.enum([...ROTATED_KEYS, 'api-secrets', 'record-seal']),
  /** Pin of a P-521 key, the beginning of a public Ed25519 key; null for a symmetric one. */
  kid: z.string().nullable(),
  algorithm: z.enum(['ES512', 'Ed25519', 'HMAC-SHA-256', 'A256GCM']),
  state: z.enum(['current', 'announced', 'overlapping', 'retired']),
  since: Time.nullable(),
  until: Time.nullable(),
  /** What it signs or seals. */
  about: z.string(),
  /** Whether another can take its place while the gateway runs. */
  rotates: z.boolean(),
});

export const KeyList = z.object({ items: z.array(KeyView) });

/** What a client is configured with, beside its secret. */
export const ConnectionView = z.object({
  connection: z.string(),
  /** Of the root, and of the next one when it was announced; the string holds them. */
  pins: z.array(z.string()),
});

/** Which key is to be replaced: `next-root` makes and announces the root that `root` lets take over. */
export const KeyRotation = z.object({ key: z.enum(ROTATED_KEYS) }).strict();

/** The public keys as a file that anybody can verify, SPEC §3.1. */
export const KeyStatementView = z.object({
  sealfax: z.literal('keys'),
  v: z.literal(1),
  statement: z.string(),
  roots: z.array(z.string()),
});
