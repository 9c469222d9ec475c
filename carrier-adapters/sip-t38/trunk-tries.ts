import type { CallResult } from '../../gateway/fax/call-result.ts';
import { type CallLadder, joinLadders } from '../../gateway/fax/ladder.ts';
import type { Trunks } from './trunks.ts';

/** Trunks that one call is tried over at the most: a dead one takes half a minute (RFC 3261 §17.1.1.2, timer B). */
const MOST = 3;

/** What a try is made with. */
export interface TryParts {
  readonly trunks: Trunks;
  /** ms that never go back. */
  readonly now: () => number;
  /** A trunk did not take the call; `next` is tried after it, if there is one. */
  readonly passed: (trunk: string, next: string | undefined, result: CallResult) => void;
}

/**
 * The trunks that one call is tried over: the next one follows when a trunk did not take the call by its own fault and
 * nothing had rung. To the journal it is one call; its ladder shows every try.
 */
export class TrunkTries {
  readonly #parts: TryParts;
  readonly #names: readonly string[];
  readonly #ladders: { readonly ladder: CallLadder; readonly at: number }[] = [];
  readonly #startedAt: number;
  #tried = 0;
  #triedAt: number;

  constructor(parts: TryParts) {
    this.#parts = parts;
    this.#startedAt = parts.now();
    this.#triedAt = this.#startedAt;
    this.#names = parts.trunks.inOrder(this.#startedAt).slice(0, MOST);
  }

  /** The trunk to try now. */
  get trunk(): string {
    return this.#names[this.#tried] ?? '';
  }

  /** How many tries stand before it. */
  get before(): number {
    return this.#tried;
  }

  /** Notes what a try came to that nobody heard ring; whether there is another trunk to try. */
  again(result: CallResult): boolean {
    const { trunks, now, passed } = this.#parts;
    if (!isTrunksFault(result)) return false;
    trunks.failed(this.trunk, now());
    const next = this.#names[this.#tried + 1];
    passed(this.trunk, next, result);
    if (next === undefined) return false;
    if (result.ladder !== undefined) this.#ladders.push({ ladder: result.ladder, at: this.#triedAt - this.#startedAt });
    this.#tried += 1;
    this.#triedAt = now();
    return true;
  }

  /** The result of the last try as that of the call. */
  whole(result: CallResult): CallResult {
    if (!isTrunksFault(result)) this.#parts.trunks.worked(this.trunk);
    if (this.#ladders.length === 0 || result.ladder === undefined) return result;
    const last = { ladder: result.ladder, at: this.#triedAt - this.#startedAt };
    return { ...result, ladder: joinLadders([...this.#ladders, last]) };
  }
}

/** Another trunk may do better: the account, or the way to the telephone network, is what failed. */
function isTrunksFault({ cause }: CallResult): boolean {
  return cause === 'carrier_unavailable' || cause === 'carrier_refused';
}
