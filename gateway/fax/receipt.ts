import type { CallId, FaxId } from './ids.ts';

/**
 * What is known of a carrier's copy. `pending`: the carrier has not answered yet. `purged`: deleted, and looked for again
 * and not found. `none`: the carrier had nothing. `kept`: it is still there, as far as anybody knows.
 */
export type CarrierCopyState = 'pending' | 'purged' | 'none' | 'kept';

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
  /** Copies that carriers were given or had received, as they stood at the wipe; absent: there was none. */
  readonly carriers?: readonly {
    readonly carrier: string;
    readonly call: CallId;
    readonly outcome: CarrierCopyState;
    /** The carrier's own words; null while it has not answered. */
    readonly detail: string | null;
    /** When it answered, ISO 8601, UTC; null while it has not. */
    readonly at: string | null;
  }[];
  readonly checks: { readonly blobAbsent: boolean; readonly rowAbsent: boolean; readonly unwrapFails: boolean };
}

/**
 * Claims of a further receipt: what became of one carrier's copy that was not decided when the image was wiped, or was
 * tried again. Of several of one call the one with the latest `at` counts.
 */
export interface CarrierPurgeReceipt {
  readonly v: 1;
  readonly fax: FaxId;
  readonly call: CallId;
  readonly carrier: string;
  readonly outcome: Exclude<CarrierCopyState, 'pending'>;
  readonly detail: string;
  /** When the carrier answered, ISO 8601, UTC. */
  readonly at: string;
  /** How often it was asked in the last round of tries. */
  readonly tries: number;
  readonly method: 'carrier-purge';
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
