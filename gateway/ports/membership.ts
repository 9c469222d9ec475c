/** The place of this process among those that share the records. */
export interface Membership {
  /** Resolves when the place is lost to others while this process runs: it must end. Never rejects. */
  readonly lost: Promise<void>;
  leave(): Promise<void>;
}
