/** Keys that can be replaced; `next-root` makes and announces the root that `root` lets take over. */
export type RotatedKey = 'handshake' | 'receipt' | 'webhook' | 'next-root' | 'root';

/** A key of the gateway; never its private part. */
export interface GatewayKey {
  use: RotatedKey | 'api-secrets' | 'record-seal';
  /** Pin of a P-521 key, the beginning of a public Ed25519 key; null for a symmetric one. */
  kid: string | null;
  algorithm: 'ES512' | 'Ed25519' | 'HMAC-SHA-256' | 'A256GCM';
  state: 'current' | 'announced' | 'overlapping' | 'retired';
  since: string | null;
  until: string | null;
  /** What it signs or seals. */
  about: string;
  /** Whether another can take its place while the gateway runs. */
  rotates: boolean;
}

/** What a client is configured with, beside its secret. */
export interface ConnectionText {
  connection: string;
  /** Of the root, and of the next one when it was announced; the string holds them. */
  pins: string[];
}

/** The public keys of a gateway, signed by its root; `sealfax verify statement` reads it as a file. */
export interface KeyStatementFile {
  sealfax: 'keys';
  v: 1;
  statement: string;
  roots: string[];
}
