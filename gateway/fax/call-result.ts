import type { Cause } from './cause.ts';

/** What a carrier knows of a call that has ended. Numbers are counts; times are milliseconds. */
export interface CallResult {
  readonly cause: Cause;
  /** The engine's or carrier's own words (T.30 phase, SIP status, Q.850 cause); never a number or page content. */
  readonly detail: string;
  /** Pages of this call that the far machine confirmed. */
  readonly pagesConfirmed: number;
  /** A page whose first byte may have reached the far machine and which it has not confirmed. */
  readonly pageInFlight: boolean;
  readonly remoteId: string | null;
  readonly line: LineReport | null;
}

/** The last state of the line, for CDRs and live progress. */
export interface LineReport {
  /** bit/s. */
  readonly rate: number;
  readonly modulation: string;
  readonly compression: 'MH' | 'MR' | 'MMR' | 'JBIG' | 'unknown';
  readonly ecm: boolean;
  readonly t38: boolean;
  readonly retrains: number;
  readonly badRows: number;
}
