/**
 * The line as a T.30 machine sees it: half duplex, signals one after the other. What carries the bits (T.38 packets
 * today) is behind it and may not be known here.
 *
 * Octets are in order of transmission and the first bit sent is the most significant one: as the tables of T.30 are
 * written, and as T.38 carries them. HDLC frames begin with the address and are without flags, stuffing and FCS.
 */

/** Modulations of the message channel (T.30 table 2, bits 11 to 14). */
export type Modulation = 'V.27ter' | 'V.29' | 'V.17';

/** A modem setting of the message channel. */
export interface Modem {
  readonly modulation: Modulation;
  /** bit/s: 2400 and 4800 of V.27 ter; 7200 and 9600 of V.29; 7200, 9600, 12000 and 14400 of V.17. */
  readonly rate: number;
}

/**
 * What the machine has the line do. Transmissions (`tone` ced, `control`, `training`, `image`, `ecm`) are carried out in
 * the order in which they were asked for, with the pauses of T.30 §5.3.1 and §5.3.6 between them (75 ± 20 ms); each is answered by
 * one `sent` when its last bit has left. The line owns all octets until then, and may zero those of frames.
 */
export type LineCommand =
  /** `cng`: repeats until anything else is asked for, without `sent`. `ced`: once, 2.6 to 4.0 s. */
  | { readonly do: 'tone'; readonly tone: 'cng' | 'ced' }
  /** Frames in V.21 channel 2 behind a preamble of 1 s ± 15 %; never empty. */
  | { readonly do: 'control'; readonly frames: readonly Uint8Array[] }
  /** TCF: training (long), then zeros for 1.5 s ± 10 %. */
  | { readonly do: 'training'; readonly modem: Modem }
  /** A page without error correction: training, coded data with its RTC. `short`: resynchronisation of V.17. */
  | { readonly do: 'image'; readonly modem: Modem; readonly short: boolean; readonly data: Uint8Array }
  /** A partial page or its repetition: training, flags for 200 ms, frames (FCD) and three RCP, which are among `frames`. */
  | { readonly do: 'ecm'; readonly modem: Modem; readonly short: boolean; readonly frames: readonly Uint8Array[] }
  /** What is expected next; a line that can tell signals apart by itself need not care. */
  | { readonly do: 'listen'; readonly expect: Expectation }
  /** Both stations are Internet-aware fax devices (T.30 table 2, bit 3): from the next transmission on, no modem's times need to be kept. Said once. */
  | { readonly do: 'hasten' }
  /** Whatever has not left yet never does, and is not answered by `sent`. */
  | { readonly do: 'stop' };

/** The signal that a listener waits for. After an image or TCF, a control frame may come in its place. */
export type Expectation =
  | { readonly signal: 'control' }
  | { readonly signal: 'training' | 'image' | 'ecm'; readonly modem: Modem; readonly short: boolean };

/** What the line tells the machine. */
export type LineEvent =
  | { readonly type: 'sent' }
  /** Octets of the image or partial page under way that have left, from 0 on; now and then. */
  | { readonly type: 'progress'; readonly octets: number }
  | { readonly type: 'tone'; readonly tone: 'cng' | 'ced' }
  /** A signal has begun: V.21 flags, or the training of a modem. */
  | { readonly type: 'carrier'; readonly modem: Modem | 'V.21' }
  /** One HDLC frame, of the control channel or of ECM; `good`: its FCS was right. Octets of a bad one may be missing or wrong; they are valid for the moment. */
  | { readonly type: 'frame'; readonly octets: Uint8Array; readonly good: boolean }
  /**
   * Bits of TCF or of a page without error correction. `gap`: so many packets (1 or more) right before them were lost;
   * without octets, those at the end of the signal. The octets are valid for the moment.
   */
  | { readonly type: 'data'; readonly octets: Uint8Array; readonly gap?: number }
  /** Outside of any signal, so much was lost on the way that a whole signal may have gone by unheard. */
  | { readonly type: 'outage' }
  /** The signal has ended. */
  | { readonly type: 'no_carrier' };
