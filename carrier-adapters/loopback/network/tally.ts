import type { CallResult, LineReport } from '../../../gateway/fax/call-result.ts';
import type { Cause } from '../../../gateway/fax/cause.ts';
import type { Command, LineSignal } from './signals.ts';

/** What one end of a call knows of its pages, from the commands and signals that passed. */
export class Tally {
  #confirmed = 0;
  #page: 'none' | 'begun' | 'in_flight' | 'whole' = 'none';
  #remoteId: string | null = null;
  #line: LineReport | null = null;

  /** Pages that the far machine confirmed. */
  get confirmed(): number {
    return this.#confirmed;
  }

  /** The last state of the line. */
  get line(): LineReport | null {
    return this.#line;
  }

  /** Notes a command *before* it is carried out: from the first block on, the page may be on paper. */
  told(command: Command): void {
    if (command.do === 'page') this.#page = 'begun';
    if (command.do === 'block') this.#page = 'in_flight';
    if (command.do === 'end_of_page') this.#page = 'whole';
  }

  /** Notes the answer. */
  heard(signal: LineSignal): void {
    if (signal.hear === 'trained') this.#remoteId = signal.remoteId;
    if (signal.hear === 'mcf') this.#confirmed++;
    if (signal.hear === 'mcf' || signal.hear === 'rtn') this.#page = 'none';
    if ('line' in signal) this.#line = signal.line;
  }

  /**
   * The call's result. `hung_up` says that the far side left before the page was whole; when it left between the
   * page's last byte and its confirmation, nobody knows, and the cause is `uncertain`.
   */
  result(cause: Cause, detail: string): CallResult {
    const lost = this.#page === 'whole' && (cause === 'hung_up' || cause === 'line_lost');
    return {
      cause: lost ? 'uncertain' : cause,
      detail,
      pagesConfirmed: this.#confirmed,
      pageInFlight: this.#page === 'in_flight' || this.#page === 'whole',
      remoteId: this.#remoteId,
      line: this.#line,
    };
  }
}
