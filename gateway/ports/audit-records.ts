import type { AuditEntry } from './account-records.ts';

/** An entry of the audit log with its salt, 16 octets. */
export interface SaltedEntry {
  readonly salt: Uint8Array;
  readonly entry: AuditEntry;
}

/** The same in the chain. */
export interface ChainedEntry extends SaltedEntry {
  /** From 1, without gaps, in the order of sealing. */
  readonly place: number;
  /** 32 octets. */
  readonly link: Uint8Array;
}

/** Where the chain ends; place 0 and 32 zeros while it is empty. */
export type ChainTip = Pick<ChainedEntry, 'place' | 'link'>;

/** A signed head as it is kept. */
export interface StoredHead {
  readonly place: number;
  /** When it was signed, ms since 1970. */
  readonly at: number;
  readonly jws: string;
}

/** Which part of the log is wanted, ms since 1970; left out: from the first entry, to the last head. */
export interface AuditSpan {
  readonly since?: number;
  readonly until?: number;
}

/** The chain over the audit log. */
export interface AuditRecords {
  /**
   * Chains at most `limit` entries that are not yet, in one transaction; `linkOf` makes the links. Looks behind entry
   * number `after`, and where null, from where nothing can be missing on. Answers how many, and the number to go on behind.
   */
  extendChain(
    linkOf: (before: Uint8Array, entry: SaltedEntry) => Uint8Array,
    after: number | null,
    limit: number,
    now: number,
  ): Promise<{ readonly chained: number; readonly after: number }>;
  chainTip(): Promise<ChainTip>;
  /** The newest head; undefined before the first. */
  newestHead(): Promise<StoredHead | undefined>;
  /** Stores a head over the chain as it stands. */
  storeHead(head: StoredHead): Promise<void>;
  /** Entries of these places, in order. */
  chainedEntries(first: number, limit: number): Promise<ChainedEntry[]>;
  /** The link at a place; that of place 0 is 32 zeros. Undefined: there is no such place. */
  linkAt(place: number): Promise<Uint8Array | undefined>;
  /** Heads whose place is in these bounds, in order. */
  heads(first: number, last: number): Promise<StoredHead[]>;
  /** The newest head of this moment or before, and the oldest of this moment or after. */
  headsAround(at: number): Promise<{ readonly before: StoredHead | undefined; readonly after: StoredHead | undefined }>;
}
