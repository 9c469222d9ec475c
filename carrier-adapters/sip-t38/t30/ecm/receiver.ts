import { copied, joined } from '../../octets.ts';
import { type FrameSize, MAX_FRAMES, parseMessageFrame } from './frames.ts';
import { type PartialPage, parsePartialPage, pprFif } from './partial-page.ts';

/** What a frame of the message channel was; `rcp`: the partial page has been sent and PPS is next. */
export type HeardFrame = 'fcd' | 'rcp' | 'ignored';

/**
 * What PPS asks for. `whole`: all frames are there, `octets` are the coded data of this partial page, the caller's own;
 * answer MCF (or RNR first). `repeated`: it speaks of the partial page that was whole last, so that its answer was lost:
 * give the answer that is due now; nothing is delivered again. `bad`: `frames` are missing, answer PPR with this FIF.
 * `skipped`: a partial page before this one never came whole, so that the page cannot be had. `malformed`: no PPS; do not answer.
 */
export type PpsOutcome =
  | { readonly type: 'whole'; readonly octets: Uint8Array }
  | { readonly type: 'repeated' }
  | { readonly type: 'bad'; readonly ppr: Uint8Array; readonly frames: number }
  | { readonly type: 'skipped' }
  | { readonly type: 'malformed' };

/** The partial page that was whole last. */
interface WholeBlock {
  readonly page: number;
  readonly block: number;
  /** Whether it was the last of its page. */
  readonly last: boolean;
  /** Sums of its frames: a page's content is not kept to tell a repetition by. */
  readonly sums: readonly number[];
}

/**
 * Pages in error correction mode, receiver's side (T.30 Annex A): gathers the frames of one partial page at a time, at
 * most 64 KiB. One receiver serves the pages that follow one DCS. It has no timers: the phases answer as it says.
 */
export class EcmReceiver {
  readonly #frameSize: FrameSize;
  readonly #frames: (Uint8Array | undefined)[] = Array.from({ length: MAX_FRAMES }, () => undefined);
  /** The partial page that PPR was sent for. */
  #open: PartialPage | null = null;
  #whole: WholeBlock | null = null;
  #badFrames = 0;

  constructor(frameSize: FrameSize) {
    this.#frameSize = frameSize;
  }

  /** Frames asked for again so far. */
  get badFrames(): number {
    return this.#badFrames;
  }

  /** A frame of the message channel; `good`: its FCS was right. Its octets are copied. */
  frame(octets: Uint8Array, good: boolean): HeardFrame {
    const frame = good ? parseMessageFrame(octets, this.#frameSize) : null;
    if (frame === null) return 'ignored';
    if (frame.kind === 'rcp') return 'rcp';
    this.#frames[frame.number] ??= copied(frame.data);
    return 'fcd';
  }

  /** PPS has come, with the FIF behind its second FCF; `last`: that FCF was not NULL. */
  pps(fif: Uint8Array, last: boolean): PpsOutcome {
    const told = parsePartialPage(fif);
    if (told === null) return { type: 'malformed' };
    if (this.#isRepetition(told)) {
      this.#wipe();
      return { type: 'repeated' };
    }
    if (!this.#follows(told)) return { type: 'skipped' };
    // Some stations count the frames of the repetition here and not those of the partial page.
    const frames = Math.max(told.frames, this.#open?.frames ?? 0);
    const missing = this.#missing(frames);
    if (missing > 0) return this.#askAgain({ ...told, frames }, missing);
    return this.#deliver({ ...told, frames }, last);
  }

  /** EOR has come: the partial page will not be completed (T.30 §A.4.3). Call it, too, when the call is over. */
  giveUp(): void {
    this.#wipe();
    this.#open = null;
  }

  /**
   * Whether PPS speaks of the partial page that was whole last. Its counters alone do not say so: there are stations
   * that send the same ones with every page.
   */
  #isRepetition({ page, block }: PartialPage): boolean {
    const whole = this.#whole;
    if (whole === null || whole.page !== page || whole.block !== block) return false;
    return this.#frames.every((data, number) => data === undefined || sumOf(data) === whole.sums[number]);
  }

  /** Whether this is the partial page that has to be next. */
  #follows({ page, block }: PartialPage): boolean {
    if (this.#open !== null) return this.#open.page === page && this.#open.block === block;
    const whole = this.#whole;
    if (whole === null || whole.last) return block === 0;
    return page === whole.page && block === ((whole.block + 1) & 255);
  }

  #missing(frames: number): number {
    let missing = 0;
    for (let number = 0; number < frames; number++) if (this.#frames[number] === undefined) missing++;
    return missing;
  }

  #askAgain(open: PartialPage, missing: number): PpsOutcome {
    this.#open = open;
    this.#badFrames += missing;
    const ppr = pprFif((number) => number >= open.frames || this.#frames[number] === undefined);
    return { type: 'bad', ppr, frames: missing };
  }

  #deliver({ page, block, frames }: PartialPage, last: boolean): PpsOutcome {
    const heard = this.#frames.slice(0, frames).filter((data) => data !== undefined);
    this.#whole = { page, block, last, sums: heard.map(sumOf) };
    const octets = joined(heard);
    this.giveUp();
    return { type: 'whole', octets };
  }

  /** Zeroes and forgets what was gathered. */
  #wipe(): void {
    for (const data of this.#frames) data?.fill(0);
    this.#frames.fill(undefined);
  }
}

/** FNV-1a of 32 bits. */
function sumOf(data: Uint8Array): number {
  let sum = 0x811c_9dc5;
  for (const octet of data) sum = Math.imul(sum ^ octet, 0x0100_0193);
  return sum;
}
