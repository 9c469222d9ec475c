import type { EcmSender } from '../../ecm/sender.ts';
import { T30Error } from '../../errors.ts';
import type { Capabilities } from '../../frames/dis.ts';
import { type Frame, frame } from '../../frames/frame.ts';
import { type PostMessage, pps } from '../../frames/post-message.ts';
import type { Modem } from '../../line.ts';
import type { CallerOptions } from '../../machine.ts';
import { ladderOf } from '../../negotiation/ladder.ts';
import { type PagePlan, planFor, samePlan } from '../../negotiation/plan.ts';
import type { LineState } from '../../remote-station.ts';
import { TRIES } from '../../timers.ts';
import { Call, type Transitions } from '../call.ts';

/**
 * Where a caller stands: waiting for DIS; DCS and TCF; waiting for its own page; sending it; waiting for the answer to it;
 * CTC; EOR.
 */
export type CallerState =
  | 'identification'
  | 'training'
  | 'page_wanted'
  | 'page'
  | 'message'
  | 'correction'
  | 'renunciation';

/** Figures 5-2a to 5-2d and A.2 of T.30, sender's side. */
export const CALLER_TRANSITIONS: Transitions<CallerState> = {
  identification: ['training'],
  training: ['page_wanted'],
  page_wanted: ['page'],
  page: ['message'],
  message: ['page', 'page_wanted', 'training', 'identification', 'correction', 'renunciation'],
  correction: ['page'],
  renunciation: [],
};

/** A caller's call: what is known of the far station, and which page is how far. */
export class CallerCall extends Call<CallerState> {
  readonly options: CallerOptions;
  /** DIS has been heard. */
  far: Capabilities | null = null;
  /** Index of the page at hand. */
  page = 0;
  /** RTNs for it. */
  refusals = 0;
  /** The modem has been trained at its rate, so that V.17 needs resynchronisation only (V.17 §5.2). */
  trained = false;
  /** The page at hand, in error correction mode. */
  sender: EcmSender | null = null;
  /** The coded page at hand, without error correction; null when the line has it. */
  coded: Uint8Array | null = null;
  /** What is said of the page once it has left. */
  after: PostMessage = 'EOP';
  /** What waits for its answer. */
  command: Frame = frame('DCN');
  /** An answer has come that makes no sense here. */
  oddAnswer = false;
  #tries = 0;
  #ladder: readonly Modem[] = [];
  #rung = 0;
  #retrains = 0;
  #badFrames = 0;

  constructor(options: CallerOptions) {
    super('identification', CALLER_TRANSITIONS, true);
    if (options.pages.length === 0) throw new T30Error('no_pages', 'a caller has nothing to send');
    this.options = options;
  }

  /** DIS has come. False: there is no modem that both stations have. A rate that has failed before is not tried again. */
  meet(far: Capabilities): boolean {
    const failedAbove = this.#ladder[this.#rung]?.rate ?? Number.POSITIVE_INFINITY;
    this.far = far;
    this.#ladder = ladderOf(far.modems, this.options);
    const rung = this.#ladder.findIndex(({ rate }) => rate <= failedAbove);
    this.#rung = Math.max(0, rung);
    return this.#ladder.length > 0;
  }

  /** Both stations are Internet-aware fax devices. */
  get internet(): boolean {
    return this.options.internetAware === true && this.far?.internet === true;
  }

  /** The modem setting of pages and TCF. */
  get modem(): Modem {
    const modem = this.#ladder[this.#rung];
    if (modem === undefined) throw new T30Error('illegal_transition', 'training without a modem');
    return modem;
  }

  /** How the page at hand is to be sent. */
  get plan(): PagePlan {
    return this.#planOf(this.page);
  }

  /** A slower modem setting from now on; false: there is none. */
  fallBack(): boolean {
    if (this.#rung + 1 >= this.#ladder.length) return false;
    this.#rung++;
    return true;
  }

  /** The next training is not the first one. */
  retrain(): void {
    this.#retrains++;
    this.trained = false;
    this.tell({ type: 'retrain', rate: this.modem.rate });
  }

  get line(): LineState {
    const { ecm, compression, frameSize } = this.plan;
    const badFrames = this.#badFrames + (this.sender?.badFrames ?? 0);
    return {
      modem: this.modem,
      ecm,
      compression,
      frameSize: ecm ? frameSize : null,
      retrains: this.#retrains,
      badFrames,
    };
  }

  /** What has to be said after the page at hand. */
  get following(): PostMessage {
    if (this.page + 1 >= this.options.pages.length) return 'EOP';
    return samePlan(this.plan, this.#planOf(this.page + 1)) ? 'MPS' : 'EOM';
  }

  /** What is said once the page, or its partial page, has left. */
  get closing(): Frame {
    if (this.sender === null) return frame(this.after);
    return pps(this.sender.last ? this.after : 'NULL', this.sender.fif());
  }

  /** Says a command for the first time. */
  ask(command: Frame): void {
    this.command = command;
    this.firstTry();
    this.try();
    this.say(command);
  }

  /** Says it again; false: it has been said three times (T.30 §5.4.2). */
  askAgain(): boolean {
    if (!this.try()) return false;
    this.say(this.command);
    return true;
  }

  /** Counts a try; false: there have been three. */
  try(): boolean {
    if (this.#tries >= TRIES) return false;
    this.#tries++;
    return true;
  }

  /** Something new is said: its tries begin. */
  firstTry(): void {
    this.#tries = 0;
    this.oddAnswer = false;
  }

  /** The page at hand is done with, whether confirmed or to be sent anew. */
  closePage(): void {
    this.#badFrames += this.sender?.badFrames ?? 0;
    this.sender = null;
  }

  #planOf(index: number): PagePlan {
    const page = this.options.pages[index];
    if (page === undefined || this.far === null) throw new T30Error('illegal_transition', 'a page before DIS');
    return planFor(page, this.far, this.options.ecm);
  }
}
