import type { LineState, RemoteStation } from '../t30/remote-station.ts';

/** Post-message commands: the page before them is through (T.30 §5.3.6.1.6, §A.4.3). PPS-NULL ends only a part of it. */
const THROUGH = /^(PPS-|EOR-)?(PRI-)?(MPS|EOM|EOP)$/;

/** What one end of a call knows of its pages and its line. */
export class Tally {
  #confirmed = 0;
  #page: 'none' | 'in_flight' | 'whole' = 'none';
  remote: RemoteStation | null = null;
  line: LineState | null = null;

  /** Pages that have been confirmed. */
  get confirmed(): number {
    return this.#confirmed;
  }

  get pageInFlight(): boolean {
    return this.#page !== 'none';
  }

  get pageWhole(): boolean {
    return this.#page === 'whole';
  }

  /** The first octet of a page is about to leave, or has come. */
  begun(): void {
    this.#page = 'in_flight';
  }

  /** A page has been confirmed, whichever side says so. */
  pageDone(line: LineState): void {
    this.#confirmed++;
    this.#page = 'none';
    this.line = line;
  }

  /** What was open is void: it is not on paper. */
  pageVoid(): void {
    this.#page = 'none';
  }

  /** A step of T.30 between sender and receiver of pages. */
  step(signal: string): void {
    if (this.#page === 'none') return;
    if (THROUGH.test(signal)) this.#page = 'whole';
    // Parts of the page are asked for again.
    else if (signal === 'PPR') this.#page = 'in_flight';
    // The page is refused: it is not on paper.
    else if (signal === 'RTN') this.#page = 'none';
  }
}
