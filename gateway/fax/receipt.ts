import type { FaxId } from './ids.ts';

/** Claims of the first wipe receipt: what was erased, when and how it was verified. Signed as a JWS by crypto's `signReceipt`. */
export interface WipeReceipt {
  readonly v: 1;
  readonly fax: FaxId;
  /** Object names with the length and SHA-256 of their ciphertext (never of plaintext: a hash of a form is a fingerprint). */
  readonly objects: readonly { readonly object: string; readonly bytes: number; readonly sha256: string }[];
  readonly bytes: number;
  /** Random name of the DEK, or `none` for a fax that never had one. */
  readonly dek: string;
  /** Epoch whose key wrapped the DEK last. */
  readonly epoch: number;
  /** ISO 8601, UTC. */
  readonly wipedAt: string;
  readonly method: 'cryptographic-erase+unlink';
  readonly reason: string;
  readonly checks: { readonly blobAbsent: boolean; readonly rowAbsent: boolean; readonly unwrapFails: boolean };
}

/** Claims of the second receipt, over all faxes of a destroyed key epoch; told from the first by its `method`. */
export interface EpochReceipt {
  readonly v: 1;
  readonly epoch: number;
  /** Number of wipe receipts (leaves) below `root`. */
  readonly faxes: number;
  /** Merkle root (RFC 6962 §2.1) over SHA-256 of each first receipt's JWS, in order of fax id; base64url. */
  readonly root: string;
  readonly openedAt: string;
  readonly destroyedAt: string;
  readonly method: 'kek-destroyed';
}
