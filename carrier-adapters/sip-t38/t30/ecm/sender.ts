import { type FrameSize, fcd, MAX_FRAMES, RCP_COUNT, rcp } from './frames.ts';
import { type PartialPage, parsePpr, partialPageFif } from './partial-page.ts';

/** PPRs for one partial page after which it is continued with CTC or given up with EOR (T.30 §A.1). */
const PPR_LIMIT = 4;

/** What PPR has led to. `resend`: send `frames()`, then PPS again. `limit`: CTC or EOR first, as the phases decide. */
export type PprOutcome = 'resend' | 'limit' | 'malformed';

/** What follows a partial page: another one of the same page (`frames()`), or nothing: the page is through. */
export type AfterBlock = 'block' | 'page';

/** What a page is sent with. */
export interface EcmSenderOptions {
  readonly frameSize: FrameSize;
  /** Page counter of PPS: pages of the call before this one, also those of earlier DCS. */
  readonly page: number;
}

/**
 * One page in error correction mode, sender's side (T.30 Annex A): partial page by partial page, and of each again what
 * the far station asks for. It has no timers and no control frames: the phases send what it gives, and PPS behind it, and
 * tell it the answers.
 */
export class EcmSender {
  readonly #coded: Uint8Array;
  readonly #options: EcmSenderOptions;
  readonly #blockSize: number;
  #block = 0;
  /** Numbers of the frames that are due. */
  #due: readonly number[];
  #pprs = 0;
  #badFrames = 0;

  /** `coded`: the coded page with EOFB or RTC, kept by reference until the page is through. */
  constructor(coded: Uint8Array, options: EcmSenderOptions) {
    this.#coded = coded;
    this.#options = options;
    this.#blockSize = MAX_FRAMES * options.frameSize;
    this.#due = this.#allFrames();
  }

  /** Whether the partial page at hand is the page's last: PPS-MPS, -EOM or -EOP instead of PPS-NULL. */
  get last(): boolean {
    return this.#begin + this.#blockSize >= this.#coded.length;
  }

  /** Frames that had to be repeated so far. */
  get badFrames(): number {
    return this.#badFrames;
  }

  /** Page counter, block counter and frames of the partial page at hand. All of its frames count, also when few are repeated. */
  get place(): PartialPage {
    return { page: this.#options.page & 255, block: this.#block & 255, frames: this.#frameCount };
  }

  /** FIF of PPS, to stand behind its two FCFs; also of EOR's place when it is asked for. */
  fif(): Uint8Array {
    return partialPageFif(this.place);
  }

  /** What goes out now: the frames that are due, in order, and three RCPs. */
  frames(): Uint8Array[] {
    const { frameSize } = this.#options;
    const frames = this.#due.map((number) => fcd(number, this.#data(number), frameSize));
    for (let i = 0; i < RCP_COUNT; i++) frames.push(rcp());
    return frames;
  }

  /** Coded octets of the page that have left when `octets` of the transmission of `frames()` have. */
  sent(octets: number): number {
    const { frameSize } = this.#options;
    const frames = Math.floor(octets / (frameSize + 4));
    const last = this.#due[Math.min(frames, this.#due.length) - 1];
    return last === undefined ? this.#begin : Math.min(this.#coded.length, this.#begin + (last + 1) * frameSize);
  }

  /** PPR has come, with this FIF. A malformed one changes nothing. */
  ppr(fif: Uint8Array): PprOutcome {
    const bad = parsePpr(fif, this.#frameCount);
    if (bad === null) return 'malformed';
    this.#due = bad;
    this.#badFrames += bad.length;
    this.#pprs++;
    return this.#pprs % PPR_LIMIT === 0 ? 'limit' : 'resend';
  }

  /** PPRs for the partial page at hand so far. */
  get pprs(): number {
    return this.#pprs;
  }

  /** MCF to PPS (or ERR to EOR) has come: on to the next partial page. */
  next(): AfterBlock {
    if (this.last) return 'page';
    this.#block++;
    this.#pprs = 0;
    this.#due = this.#allFrames();
    return 'block';
  }

  get #begin(): number {
    return this.#block * this.#blockSize;
  }

  /** A page without octets is one frame of padding: a partial page has at least one. */
  get #frameCount(): number {
    const octets = Math.min(this.#blockSize, this.#coded.length - this.#begin);
    return Math.max(1, Math.ceil(octets / this.#options.frameSize));
  }

  #allFrames(): number[] {
    return Array.from({ length: this.#frameCount }, (_, number) => number);
  }

  /** The last one is shorter and is padded with zeros (T.4 §A.3.6.2). */
  #data(number: number): Uint8Array {
    const begin = this.#begin + number * this.#options.frameSize;
    return this.#coded.subarray(begin, begin + this.#options.frameSize);
  }
}
