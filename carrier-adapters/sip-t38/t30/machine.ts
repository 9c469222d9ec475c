import type { LineCommand, LineEvent, Modulation } from './line.ts';
import type { Outcome } from './outcome.ts';
import type { PageGeometry, PageTerms } from './page-terms.ts';
import type { LineState, RemoteStation } from './remote-station.ts';

/** What a T.30 machine is told. Times are milliseconds of one monotonic clock and never go back. */
export type T30Input =
  | { readonly type: 'line'; readonly event: LineEvent }
  /** The deadline has come (or any later time). */
  | { readonly type: 'time' }
  /** End decently: DCN as soon as the line is ours, and no image octet from now on. */
  | { readonly type: 'cancel' }
  /** Caller: the page that `want_page` asked for, coded by its terms (with RTC or EOFB). */
  | { readonly type: 'page'; readonly coded: Uint8Array }
  /** Caller: that page cannot be had; the call ends. */
  | { readonly type: 'page_missing' }
  /**
   * Answerer: the answer to `page_end`. `good`: kept, confirm it; `fair`: kept, but the line should be trained anew
   * (RTP); `bad`: dropped, send it again (RTN); `failed`: it cannot be kept, end the call.
   */
  | { readonly type: 'page_verdict'; readonly verdict: PageVerdict }
  /** What carries the bits went away: nothing more can be sent or heard. */
  | { readonly type: 'lost' };

/** How a received page is answered; see `page_verdict`. */
export type PageVerdict = 'good' | 'fair' | 'bad' | 'failed';

/** What a T.30 machine wants done or says. */
export type T30Output =
  | { readonly type: 'line'; readonly command: LineCommand }
  /** The far station has told who and what it is (DIS and CSI to a caller; DCS and TSI to an answerer). */
  | { readonly type: 'identified'; readonly remote: RemoteStation }
  /** Training has succeeded: pages go at these settings from now on; again after each retraining. */
  | { readonly type: 'negotiated'; readonly line: LineState }
  /** Caller: page `index` (0-based of this call) is needed, coded by `terms`; nothing of it leaves before `page` comes. */
  | { readonly type: 'want_page'; readonly index: number; readonly terms: PageTerms }
  /** Caller: octets of the page that have left. */
  | { readonly type: 'page_progress'; readonly index: number; readonly octets: number }
  /** Caller: the far station has confirmed the page (MCF, RTP; PIP counts as MCF). */
  | { readonly type: 'page_confirmed'; readonly index: number; readonly line: LineState }
  /** Training failed or a page was refused: the rate of the next try. */
  | { readonly type: 'retrain'; readonly rate: number }
  /** Answerer: a page begins. */
  | { readonly type: 'page_begin'; readonly terms: PageTerms }
  /** Answerer: the next coded octets of the page, in order and once each, the receiver's own; ECM: error-free. `gap`: packets lost right before these. */
  | { readonly type: 'page_data'; readonly octets: Uint8Array; readonly gap?: number }
  /** Answerer: the page is complete; a `page_verdict` is due. */
  | { readonly type: 'page_end'; readonly line: LineState }
  /** Answerer: what came of the open page is void (the sender has begun it anew, or the call is over). */
  | { readonly type: 'page_void' }
  /** A line of the call ladder: a T.30 signal by its name, e.g. `DIS`, `PPS-EOP`; `info` never holds a number or page content. */
  | { readonly type: 'step'; readonly direction: 'sent' | 'heard'; readonly signal: string; readonly info?: string }
  /** The procedure is over, once; the carrier of the bits may be taken down when the last transmission has left. */
  | { readonly type: 'over'; readonly outcome: Outcome };

/** A T.30 terminal of one call, caller or answerer: no clock, no I/O, no promise inside. Nothing that a peer sends makes it throw. */
export interface T30Machine {
  /** The call is up, T.38 or audio alike: phase B begins. */
  start(now: number): T30Output[];
  handle(input: T30Input, now: number): T30Output[];
  /** When `time` is due; null: never. */
  readonly deadline: number | null;
}

/** What a caller is made of. */
export interface CallerOptions {
  /** This station is an Internet-aware fax device and may say so; the line is told to hasten when the far one is, too. */
  readonly internetAware?: boolean;
  /** TSI, at most 20 characters of the digits, `+` and space (T.30 §5.3.6.2.7); others are left out. */
  readonly id: string;
  readonly pages: readonly PageGeometry[];
  /** Fastest rate to be tried, bit/s. */
  readonly maxRate: number;
  readonly ecm: boolean;
  /** Modulations that may be used; T.38 gives them by its version and the peer's T38MaxBitRate. */
  readonly modulations: readonly Modulation[];
  /** SUB of T.30 §5.3.6.1.3, sent where DIS bit 49 allows it: digits, `*` and `#`. */
  readonly subaddress?: string;
  /** Sent as SID where DIS bit 50 allows it; PWD and SEP belong to polling, which is not offered. */
  readonly password?: string;
}

/** What an answerer is made of. */
export interface AnswererOptions {
  /** As a caller's. */
  readonly internetAware?: boolean;
  /** CSI. */
  readonly id: string;
  readonly maxRate: number;
  readonly ecm: boolean;
  readonly modulations: readonly Modulation[];
  /** Widest page taken, in scan line elements at 204 dpi: 1728, 2048 or 2432. */
  readonly width: 1728 | 2048 | 2432;
  /** Whether the line has to send CED first; false where the call has sent it before the line came up. */
  readonly ced: boolean;
  /** Finds no TCF good, as on a line that no modem can use: FTT after each. */
  readonly refusesTraining?: true;
}
