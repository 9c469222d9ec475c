/** The place of this process among those that share the records. */
export interface Membership {
  /** Resolves when the place is lost to others while this process runs: it must end. Never rejects. */
  readonly lost: Promise<void>;
  /** Runs `work` only when no other process shares the records; none joins before it has settled. Answers whether it ran. */
  whileLast(work: () => Promise<void>): Promise<boolean>;
  leave(): Promise<void>;
}
