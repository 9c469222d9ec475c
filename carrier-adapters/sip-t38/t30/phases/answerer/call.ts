import { EcmReceiver } from '../../ecm/receiver.ts';
import { T30Error } from '../../errors.ts';
import type { Dcs } from '../../frames/dcs.ts';
import type { Frame } from '../../frames/frame.ts';
import type { PostMessage } from '../../frames/post-message.ts';
import type { Modem } from '../../line.ts';
import type { AnswererOptions, PageVerdict } from '../../machine.ts';
import { termsOf } from '../../negotiation/plan.ts';
import { TrainingCheck } from '../../negotiation/training-check.ts';
import type { Outcome } from '../../outcome.ts';
import type { LineState, RemoteStation } from '../../remote-station.ts';
import { Call, type Transitions } from '../call.ts';

/**
 * Where an answerer stands: DIS until DCS comes; hearing TCF; waiting for a page; hearing it; waiting for the command
 * behind it; waiting for our own verdict; waiting for DCS after FTT, RTP or RTN; waiting for DCN.
 */
export type AnswererState =
  | 'identification'
  | 'training'
  | 'page_due'
  | 'page'
  | 'message'
  | 'verdict'
  | 'training_due'
  | 'farewell';

/** States that a command of the far station can lead to from wherever it is heard: DCS, post-message commands, EOR. */
const BY_COMMAND = ['training', 'verdict', 'page_due', 'training_due', 'identification', 'farewell'] as const;

/** Figures 5-2a to 5-2d and A.3 of T.30, receiver's side. */
export const ANSWERER_TRANSITIONS: Transitions<AnswererState> = {
  identification: [...BY_COMMAND],
  training: [...BY_COMMAND],
  page_due: [...BY_COMMAND, 'page'],
  page: [...BY_COMMAND, 'message'],
  message: [...BY_COMMAND, 'page'],
  verdict: [...BY_COMMAND],
  training_due: [...BY_COMMAND],
  farewell: [...BY_COMMAND],
};

/** Trainings and repetitions without a kept page in between after which a call makes no headway: more than any ladder of rates has. */
const MAX_FRUITLESS = 64;
/** A far station says a command three times, and an answer is given as often; this leaves room for what was misheard. */
const MAX_REPEATS = 8;
/** Octets of the largest page taken; dense pages at 400 dpi are below two million. */
const MAX_PAGE = 32 * 1024 * 1024;

/** An answerer's call: what has been agreed upon, and which page is how far. */
export class AnswererCall extends Call<AnswererState> {
  readonly options: AnswererOptions;
  /** When T1 ends. */
  t1 = 0;
  /** The DCS at hand. */
  dcs: Dcs | null = null;
  /** The modem setting of pages: DCS's, or CTC's after it. */
  modem: Modem | null = null;
  /** TCF as far as it has been heard. */
  check = new TrainingCheck();
  /** Pages in error correction mode. */
  receiver: EcmReceiver | null = null;
  /** `page_begin` has been told and `page_end` has not. */
  open = false;
  /** The modem has been trained at its rate. */
  trained = false;
  /** What the far station has said follows the page. */
  after: PostMessage | null = null;
  /** The verdict on the page, when the far station cannot hear it yet. */
  verdict: PageVerdict | null = null;
  /** The far station waits for our answer, and nothing holds it back but the verdict. */
  owing = false;
  /** CED has been sent, here or before. */
  introduced = false;
  /** DIS is due once the line is free, after a pause. */
  pause = false;
  /** A page has been kept. */
  kept = false;
  /** A page may have gone by unheard since the last answer. */
  unsure = false;
  /** The far station has given up a page with EOR. */
  incomplete = false;
  #remote: RemoteStation | null = null;
  #command = '';
  #answer: readonly Frame[] = [];
  #repeats = 0;
  #fruitless = 0;
  #retrains = 0;
  #badFrames = 0;
  #octets = 0;

  constructor(options: AnswererOptions) {
    super('identification', ANSWERER_TRANSITIONS, false);
    this.options = options;
  }

  /** DCS has come: what was agreed upon before is void, and so is a page that has not been ended. */
  agree(dcs: Dcs, remote: RemoteStation): void {
    this.voidPage();
    this.#closeReceiver();
    this.dcs = dcs;
    this.modem = dcs.modem;
    this.receiver = dcs.ecm ? new EcmReceiver(dcs.frameSize) : null;
    this.check = new TrainingCheck();
    this.trained = false;
    this.after = null;
    this.#answer = [];
    this.#identify(remote);
  }

  /** CTC has come: the partial page goes on by another modem setting. */
  retrain(modem: Modem | null): void {
    if (modem !== null) this.modem = modem;
    this.trained = false;
    this.#retrains++;
    this.tell({ type: 'retrain', rate: this.modem?.rate ?? 0 });
  }

  get line(): LineState {
    const { dcs, modem } = this;
    if (dcs === null || modem === null) throw new T30Error('illegal_transition', 'a page before DCS');
    return {
      modem,
      compression: dcs.compression,
      ecm: dcs.ecm,
      frameSize: dcs.ecm ? dcs.frameSize : null,
      retrains: this.#retrains,
      badFrames: this.#badFrames + (this.receiver?.badFrames ?? 0),
    };
  }

  /**
   * The next octets of the page, for the receiver of `page_data` to own; the page begins with them if it has not. False: it
   * is too long, the octets are zeroed, and the call has been ended.
   */
  take(octets: Uint8Array, gap = 0): boolean {
    if (octets.length === 0 && gap === 0) return true;
    this.openPage();
    this.#octets += octets.length;
    if (this.#octets > MAX_PAGE) {
      octets.fill(0);
      this.disconnect('page_not_kept');
      return false;
    }
    this.tell({ type: 'page_data', octets, ...(gap > 0 ? { gap } : {}) });
    return true;
  }

  /** A page begins. */
  openPage(): void {
    if (this.open || this.dcs === null || this.modem === null) return;
    this.open = true;
    this.#octets = 0;
    this.tell({ type: 'page_begin', terms: termsOf(this.dcs, this.modem) });
  }

  /** The page is complete; our own side has to say what becomes of it. */
  endPage(after: PostMessage): void {
    this.open = false;
    this.after = after;
    this.verdict = null;
    this.note('heard', 'page', `${this.#octets} octets`);
    this.tell({ type: 'page_end', line: this.line });
    this.goto('verdict');
  }

  /** What came of the open page is void. */
  voidPage(): void {
    if (!this.open) return;
    this.open = false;
    this.tell({ type: 'page_void' });
  }

  /** Answers a command, and keeps the answer in case it is not heard. */
  answer(command: string, ...frames: readonly Frame[]): void {
    this.#command = command;
    this.#answer = frames;
    this.#repeats = 0;
    this.unsure = false;
    this.say(...frames);
  }

  /** Whether this command has been answered, and nothing else since. */
  hasAnswered(command: string): boolean {
    return this.#answer.length > 0 && command === this.#command;
  }

  /** Gives the last answer again, unless there is none or it has been given too often. */
  answerAgain(): void {
    if (this.#answer.length === 0 || this.#repeats >= MAX_REPEATS) return;
    this.#repeats++;
    this.say(...this.#answer);
  }

  /** Another page is on its way, so that the last answer has been heard. PPS tells by itself which page it speaks of. */
  forgetAnswer(): void {
    if (this.receiver === null) this.#answer = [];
  }

  /** Something had to be done over; true: too often for this to lead anywhere, and the call has been ended. */
  fruitless(outcome: Outcome): boolean {
    this.#fruitless++;
    if (this.#fruitless <= MAX_FRUITLESS) return false;
    this.disconnect(outcome);
    return true;
  }

  /** A page has been kept. */
  keep(): void {
    this.kept = true;
    this.#fruitless = 0;
  }

  override disconnect(outcome: Outcome): void {
    this.voidPage();
    super.disconnect(outcome);
  }

  override end(outcome: Outcome): void {
    this.voidPage();
    this.#closeReceiver();
    super.end(outcome);
  }

  /** Tells who calls, when that is news. */
  #identify(remote: RemoteStation): void {
    const known = this.#remote;
    if (known !== null && known.id === remote.id && known.subaddress === remote.subaddress) return;
    this.#remote = remote;
    this.tell({ type: 'identified', remote });
  }

  #closeReceiver(): void {
    this.#badFrames += this.receiver?.badFrames ?? 0;
    this.receiver?.giveUp();
    this.receiver = null;
  }
}
