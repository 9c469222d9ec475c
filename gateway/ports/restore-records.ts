import type { Actor } from './account-records.ts';

/** What became of the faxes that were under way when the backup was taken. Counts. */
export interface RestoredFaxes {
  /** May have been called since; nobody here knows. */
  readonly uncertain: number;
  /** Cannot have been called since: their images are lost, and nothing else. */
  readonly failed: number;
  /** Outbound, every page confirmed by the journal in the backup. */
  readonly delivered: number;
  /** Inbound calls in progress. */
  readonly receiving: number;
}

/** A gateway that runs on restored records which nobody has confirmed yet. Times in ms since 1970. */
export interface RestoreHold {
  /** Id of the backup. */
  readonly backup: string;
  /** When the backup was taken: what happened after it is not known here. */
  readonly takenAt: number;
  readonly restoredAt: number;
  readonly ended: RestoredFaxes;
}

/** The hold that a restore leaves: it ends when an operator has seen that the lost gateway calls nobody any more. */
export interface RestoreRecords {
  /** Null when there is none. */
  hold(): Promise<RestoreHold | null>;
  /** Ends the hold in every process. False when there was none. */
  confirm(actor: Actor, now: number): Promise<boolean>;
}
