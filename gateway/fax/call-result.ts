import type { Cause } from './cause.ts';
import type { CallLadder } from './ladder.ts';

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
  /** How long the carrier itself counted the line as open, seconds; left out where it does not tell. */
  readonly lineSeconds?: number;
  /** Step by step, where the carrier drives the call itself. */
  readonly ladder?: CallLadder;
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

/**
 * Causes that are a verdict on the page in flight: the far machine left before the page was whole (a carrier says
 * `uncertain` when it left after that) or refused it, or nobody will send it again. With every other cause such a page
 * may be on paper.
 */
const DECIDED: readonly Cause[] = ['hung_up', 'page_rejected', 'image_lost', 'canceled'];

/** Whether a page of the call may be on paper although nobody has confirmed it. */
export function inDoubt({ cause, pageInFlight }: CallResult): boolean {
  return cause === 'uncertain' || (pageInFlight && !DECIDED.includes(cause));
}
