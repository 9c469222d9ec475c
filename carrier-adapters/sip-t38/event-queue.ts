import type { CallEvent } from './call/call-io.ts';

/** Events of a call that wait to be taken one by one. Progress of a page that nobody took is replaced by later progress. */
export class EventQueue {
  readonly #waiting: CallEvent[] = [];
  #taker: ((event: CallEvent) => void) | null = null;

  push(event: CallEvent): void {
    const taker = this.#taker;
    this.#taker = null;
    if (taker !== null) {
      taker(event);
      return;
    }
    const last = this.#waiting.at(-1);
    if (event.type === 'page_progress' && last?.type === 'page_progress') this.#waiting.pop();
    this.#waiting.push(event);
  }

  /** The next event; one taker at a time. */
  next(): Promise<CallEvent> {
    const event = this.#waiting.shift();
    if (event !== undefined) return Promise.resolve(event);
    return new Promise((resolve) => {
      this.#taker = resolve;
    });
  }
}
