/** For how many days rows stay that only tell of the past; 0: for good. */
export interface RowRetentionDays {
  /** Faxes that have ended, with their pages and calls. */
  readonly faxes: number;
  /** Entries of the ledgers, and what became of their deliveries to webhooks. */
  readonly events: number;
  /** Wipe receipts. */
  readonly receipts: number;
}

/** What a row tells of. */
export type RetiredRows = keyof RowRetentionDays;

/** Taking away rows that are past their time. For one process at a time; each call is one short transaction. */
export interface RowRetention {
  /**
   * Faxes, events or receipts that ended before `before` (milliseconds), `limit` of each account at most; answers how
   * many. What an image, a wipe, a copy at a carrier, a delivery or an epoch is still outstanding of stays. CDRs and
   * the audit log are never touched.
   */
  retire(rows: RetiredRows, before: number, limit: number): Promise<number>;
}
