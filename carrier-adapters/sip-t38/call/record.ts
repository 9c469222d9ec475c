import { createLadder, type LadderRecorder } from '../../../gateway/fax/ladder.ts';
import type { CallEnd, CallEvent, Ending } from './call-io.ts';
import type { FaxStreamOutput } from './fax-stream.ts';
import { Tally } from './tally.ts';

/** What the procedure says, but for its end. */
type Said = Exclude<Extract<FaxStreamOutput, { readonly type: 'procedure' }>['output'], { readonly type: 'over' }>;

/** What is known and kept of a call: its ladder, its pages, its line. */
export class CallRecord {
  readonly #ladder: LadderRecorder = createLadder();
  readonly #tally = new Tally();

  /** A SIP message that passed. */
  sip(
    now: number,
    step: { readonly direction: 'sent' | 'heard'; readonly signal: string; readonly info?: string },
  ): void {
    this.#ladder.add(now, { ...step, layer: 'sip' });
  }

  /** An indicator of T.38 that passed. */
  indicated(now: number, step: { readonly direction: 'sent' | 'heard'; readonly signal: string }): void {
    this.#ladder.add(now, { ...step, layer: 't38' });
    if (step.direction === 'sent') this.#tally.left(step.signal);
  }

  /** A page, or a part of it, is about to leave. */
  imageBegins(): void {
    this.#tally.begun();
  }

  /** Notes what the procedure says; answers what a fax hears of it. */
  procedure(now: number, output: Said): CallEvent | null {
    switch (output.type) {
      case 'step':
        this.#tally.step(output.signal);
        this.#ladder.add(now, { ...output, layer: 't30' });
        return null;
      case 'identified':
        this.#tally.remote = output.remote;
        return output;
      case 'negotiated':
      case 'page_end':
        this.#tally.line = output.line;
        return output;
      case 'page_confirmed':
        this.#tally.pageDone(output.line);
        return output;
      case 'page_begin':
        this.#tally.begun();
        return output;
      case 'page_data':
        return { type: 'page_data', octets: output.octets, gap: output.gap ?? 0 };
      case 'retrain':
        return { type: 'retrain' };
      default:
        return output;
    }
  }

  /** Taken call: what has been decided of the page that has come; its confirmation leaves now. */
  judged(verdict: 'good' | 'fair' | 'bad' | 'failed'): void {
    const { line } = this.#tally;
    if ((verdict === 'good' || verdict === 'fair') && line !== null) this.#tally.pageDone(line);
    else this.#tally.pageRefused();
  }

  end(ending: Ending): CallEnd {
    const { confirmed, pageInFlight, pageWhole, remote, line } = this.#tally;
    return { ending, pagesConfirmed: confirmed, pageInFlight, pageWhole, remote, line, ladder: this.#ladder.ladder() };
  }
}
