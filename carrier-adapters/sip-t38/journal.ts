import type { CallResult } from '../../gateway/fax/call-result.ts';
import type { LookupAnswer } from '../../gateway/ports/carrier-adapter.ts';

/** Ended calls that are remembered: an hour of a busy gateway. */
const ENDED = 10_000;

/** What became of the calls of this process, by their reference. Nothing of it outlives the process. */
export class CallJournal {
  readonly #live = new Set<string>();
  readonly #ended = new Map<string, CallResult>();

  begun(reference: string): void {
    this.#live.add(reference);
  }

  ended(reference: string, result: CallResult): void {
    this.#live.delete(reference);
    this.#ended.set(reference, result);
    for (const [oldest] of this.#ended) {
      if (this.#ended.size <= ENDED) break;
      this.#ended.delete(oldest);
    }
  }

  find(reference: string): LookupAnswer {
    if (this.#live.has(reference)) return { found: 'live' };
    const result = this.#ended.get(reference);
    return result === undefined ? { found: 'unknown' } : { found: 'ended', result };
  }
}
