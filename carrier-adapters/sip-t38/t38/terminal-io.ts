import type { LineCommand, LineEvent } from '../t30/line.ts';
import type { IfpSyntax } from './ifp.ts';

/**
 * `gateway`: the times of a modem, for a gateway at the far end that has a real telephone line behind it. `internet`: no
 * training times and no pacing by the modem's rate, where both ends are Internet-aware devices (T.38 §3).
 */
export type Pace = 'gateway' | 'internet';

/** How a terminal speaks to its far end. */
export interface TerminalOptions {
  /** Field types of T38FaxVersion: 0 and 1 are `1998`, 2 and later `2002`. */
  readonly syntax: IfpSyntax;
  /** To begin with; `hasten` makes it `internet`. */
  readonly pace: Pace;
  /** Octets of the largest IFP packet that may be sent. */
  readonly maxIfp: number;
}

/** What a terminal is told. Times are milliseconds of one monotonic clock. */
export type TerminalInput =
  | { readonly type: 'command'; readonly command: LineCommand }
  /** The next IFP packet in order; `lost` packets right before it are gone for good. */
  | { readonly type: 'packet'; readonly ifp: Uint8Array; readonly lost: number }
  /** The deadline has come (or any later time). */
  | { readonly type: 'time' };

/** What a terminal wants done or says. */
export type TerminalOutput =
  /** An IFP packet for the far end, to be put into one UDPTL datagram. The receiver owns and zeroes it. */
  | { readonly type: 'packet'; readonly ifp: Uint8Array }
  | { readonly type: 'line'; readonly event: LineEvent }
  /** A line of the call ladder: a T.38 indicator by its name, once for each signal. */
  | { readonly type: 'step'; readonly direction: 'sent' | 'heard'; readonly signal: string };
