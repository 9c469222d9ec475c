import type { CallResult } from '../../gateway/fax/call-result.ts';
import type { LookupAnswer } from '../../gateway/ports/carrier-adapter.ts';

/** Ended calls that are remembered: an hour of a busy gateway. */
const ENDED = 10_000;
/** Of the last of them the ladder too; a long one is 70 KB, and those of all would be hundreds of megabytes. */
const WITH_LADDER = 100;

/** What became of the calls of this process, by their reference. Nothing of it outlives the process. */
export class CallJournal {
  readonly #live = new Set<string>();
  readonly #ended = new Map<string, CallResult>();
  /** References whose ladder is kept, the oldest first. */
  readonly #withLadder = new Set<string>();

  begun(reference: string): void {
    this.#live.add(reference);
  }

  ended(reference: string, result: CallResult): void {
    this.#live.delete(reference);
    this.#ended.set(reference, result);
    this.#withLadder.add(reference);
    this.#shorten();
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

  /** Takes the ladders off results that have grown old. */
  #shorten(): void {
    for (const reference of this.#withLadder) {
      if (this.#withLadder.size <= WITH_LADDER) break;
      this.#withLadder.delete(reference);
      const old = this.#ended.get(reference);
      if (old === undefined) continue;
      const { ladder: _, ...result } = old;
      this.#ended.set(reference, result);
    }
  }
}
