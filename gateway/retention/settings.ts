/** When the retention looks, and how long things may last. Milliseconds. */
export interface RetentionSettings {
  /** Life of a key epoch: a wiped image is beyond recovery one epoch and one minute after its end at the latest. */
  readonly epochLife: number;
  /** Pause between two sweeps. */
  readonly sweepEvery: number;
  /** Pause between two looks through the vault's directory, which is work in proportion to the queue. */
  readonly strayEvery: number;
  /** A wipe intent older than this was missed by whoever should have wiped at once. */
  readonly intentAge: number;
  /** No image lives longer, whatever its fax waits for. */
  readonly absoluteLife: number;
  /** Rows that one sweeper takes up in one sweep. */
  readonly limit: number;
}

/** The promise of the design: 10 minutes an epoch, 24 hours an image. */
export const DEFAULT_RETENTION: RetentionSettings = {
  epochLife: 600_000,
  sweepEvery: 5_000,
  strayEvery: 600_000,
  intentAge: 5_000,
  absoluteLife: 86_400_000,
  limit: 500,
};

/** How late a roll may be before the sweeper takes it for stuck: the minute of the promise. */
export const ROLL_GRACE = 60_000;
