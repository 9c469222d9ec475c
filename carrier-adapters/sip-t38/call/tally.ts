import type { LineState, RemoteStation } from '../t30/remote-station.ts';

/** Post-message commands, and whether the page before them is through (T.30 §5.3.6.1.6, §A.4.3). */
const POST_MESSAGE = /^(?:PPS-|EOR-)?(?:PRI-)?(NULL|MPS|EOM|EOP)$/;
/** T.38 indicators of a modem that begins the message channel. */
const TRAINING = /-training$/;

/** What one end of a call knows of its pages and its line. */
export class Tally {
  #confirmed = 0;
  #page: 'none' | 'in_flight' | 'whole' = 'none';
  /** Whether the command that follows what was last asked to leave ends the page, and whether that has begun to leave. */
  #last = false;
  #leaving = false;
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

  /** A page, or a part of it, is about to leave or to come. */
  begun(): void {
    this.#page = 'in_flight';
    this.#leaving = false;
  }

  /** A page has been confirmed, whichever side says so. */
  pageDone(line: LineState): void {
    this.#confirmed++;
    this.#page = 'none';
    this.line = line;
  }

  /** The page is refused: it is not on paper. */
  pageRefused(): void {
    this.#page = 'none';
  }

  /** A signal of T.30 that passed, or that was given to the line to be sent. */
  step(signal: string): void {
    const [, command] = POST_MESSAGE.exec(signal) ?? [];
    if (command !== undefined) this.#last = command !== 'NULL';
    else if (signal === 'RTN') this.pageRefused();
  }

  /** An indicator of T.38 has left: only now is it known what of the line's orders the far side can have heard. */
  left(indicator: string): void {
    if (TRAINING.test(indicator)) this.#leaving = true;
    else if (this.#leaving && this.#last && this.#page === 'in_flight') this.#page = 'whole';
  }
}
