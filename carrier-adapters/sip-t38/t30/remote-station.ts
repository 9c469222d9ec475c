import type { Modem } from './line.ts';
import type { Compression } from './page-terms.ts';

/** Who the far station says it is. Everything in it is the peer's claim. */
export interface RemoteStation {
  /** CSI or TSI, trimmed, printable characters only, at most 20; null when none came. It is personal data. */
  readonly id: string | null;
  /** SUB of a caller, digits only. */
  readonly subaddress: string | null;
}

/** How the line stands. */
export interface LineState {
  readonly modem: Modem;
  readonly compression: Compression;
  readonly ecm: boolean;
  /** Octets of an ECM frame; null without ECM. */
  readonly frameSize: 64 | 256 | null;
  /** Trainings after the first one. */
  readonly retrains: number;
  /** ECM frames that had to be repeated so far. */
  readonly badFrames: number;
}
