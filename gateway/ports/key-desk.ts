import type { Actor } from './account-records.ts';

/** Keys that can be replaced while the gateway runs. `next-root` makes and announces the root that `root` takes over to. */
export const ROTATED_KEYS = ['handshake', 'receipt', 'webhook', 'next-root', 'root'] as const;

export type RotatedKey = (typeof ROTATED_KEYS)[number];

/** A key of the gateway, as an operator sees it; never its private part. */
export interface GatewayKey {
  readonly use: RotatedKey | 'api-secrets' | 'record-seal';
  /** Pin of a P-521 key, the beginning of a public Ed25519 key; null for a symmetric one. */
  readonly kid: string | null;
  readonly algorithm: 'ES512' | 'Ed25519' | 'HMAC-SHA-256' | 'A256GCM';
  /** `announced`: signs nothing yet. `overlapping`: signs beside the current one. `retired`: signs nothing any more. */
  readonly state: 'current' | 'announced' | 'overlapping' | 'retired';
  /** Since when it is known, ms since 1970; null where nobody wrote it down. */
  readonly since: number | null;
  /** When it was, or will be, replaced; null: when somebody says so. */
  readonly until: number | null;
  /** What it signs or seals, in words. */
  readonly about: string;
}

/** The public keys as a file that anybody can verify off-line. */
export interface KeyStatementFile {
  readonly sealfax: 'keys';
  readonly v: 1;
  /** Signed by the root of the moment. */
  readonly statement: string;
  /** How earlier roots handed over, oldest first. */
  readonly roots: string[];
}

/** The keys of this gateway: which there are, and others in their place. */
export interface KeyDesk {
  /** Current keys first; of several the newest first. */
  list(): Promise<readonly GatewayKey[]>;
  /**
   * Another key in the place of this one, in every process. Open sessions go on; what the old key signed stays valid.
   *
   * @throws KeyError no_next_root, too_many_keys
   */
  rotate(key: RotatedKey, actor: Actor): Promise<void>;
  /** The public keys, signed by the root. */
  statement(): Promise<KeyStatementFile>;
  /** Pins for connection strings: that of the root, and that of the next one when it was announced. */
  pins(): readonly string[];
}

/** A refused rotation. */
export type KeyErrorCode = 'no_next_root' | 'too_many_keys';
