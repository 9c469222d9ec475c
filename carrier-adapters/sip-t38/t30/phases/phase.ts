import type { HeardFrame } from '../frames/frame.ts';
import type { T30Input } from '../machine.ts';
import type { Carrier } from './ear.ts';

/** What is done in one state of a call; what a phase does not mention changes nothing in it. */
export interface Phase<C> {
  /** The state begins. */
  enter?(call: C, now: number): void;
  /** All that was under way has left. */
  sent?(call: C, now: number): void;
  /** Octets of the image or partial page under way that have left. */
  progress?(call: C, octets: number, now: number): void;
  /** A control signal: its good frames. It never holds DCN, and came while nothing was being sent. */
  signal?(call: C, frames: readonly HeardFrame[], now: number): void;
  carrier?(call: C, of: Carrier, now: number): void;
  /** The carrier has gone; null: one that was not seen to begin. */
  silence?(call: C, of: Carrier | null, now: number): void;
  /** A whole signal may have gone by unheard. */
  outage?(call: C): void;
  /** Bits of TCF or of a page without error correction; `gap`: packets lost before them. */
  data?(call: C, octets: Uint8Array, gap: number, now: number): void;
  /** A frame of ECM's message channel. */
  messageFrame?(call: C, octets: Uint8Array, good: boolean, now: number): void;
  /** No answer has come in time. */
  unanswered?(call: C, now: number): void;
  /** The phase has lasted too long. */
  expired?(call: C, now: number): void;
  /** What our own side says. */
  told?(call: C, input: OwnInput, now: number): void;
}

/** Inputs of our own side that only some phases expect. */
export type OwnInput = Extract<T30Input, { readonly type: 'page' | 'page_missing' | 'page_verdict' }>;
