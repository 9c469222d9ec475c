import { hex, sha256 } from '../../crypto/index.ts';
import { type ClaimedFax, claimFaxes } from './claim.ts';
import type { DispatchParts } from './parts.ts';

/** What is filled with calls. */
export interface FillTarget {
  /** Whether calls may be placed now; false while draining. */
  readonly open: boolean;
  /** Calls that may still start at once. */
  readonly room: number;
  /** Starts the call; resolves when it is settled. Never throws. */
  begin(claimed: ClaimedFax): Promise<void>;
}

/**
 * Gives the free calls of this worker to the best faxes, whichever of them was rung for: the order is the records' alone,
 * and the bell cannot contradict it. One claim at a time is under way and takes as many faxes as there is room for; rings
 * that come meanwhile are one more look together.
 */
export class Filler {
  readonly #parts: DispatchParts;
  readonly #target: FillTarget;
  #asked = false;
  #running: Promise<readonly Promise<void>[]> | undefined;
  /** Rules with windows that held when the line was last made by this worker. */
  #windows: string | undefined;
  #stopTimer = () => {};

  constructor(parts: DispatchParts, target: FillTarget) {
    this.#parts = parts;
    this.#target = target;
  }

  /** Resolves when nothing more can be called now; answers the calls that were begun. Never throws. */
  fill(): Promise<readonly Promise<void>[]> {
    this.#asked = true;
    this.#running ??= this.#run();
    return this.#running;
  }

  /** No claim is under way when this resolves; whoever is asked after it finds the target closed. */
  async stop(): Promise<void> {
    this.#stopTimer();
    await this.#running;
  }

  async #run(): Promise<readonly Promise<void>[]> {
    const calls: Promise<void>[] = [];
    try {
      while (this.#asked && this.#target.open) {
        this.#asked = false;
        for (const claimed of await this.#claim()) calls.push(this.#target.begin(claimed));
      }
    } catch (error) {
      this.#parts.log.warn({ error: String(error) }, 'the records could not be asked for calls');
    }
    // In one turn with the last look at `asked`, so that no wish falls in between.
    this.#running = undefined;
    return calls;
  }

  async #claim(): Promise<readonly ClaimedFax[]> {
    await this.#plan();
    const { claimed, nextAt } = await claimFaxes(this.#parts, Math.max(0, this.#target.room));
    this.#askAgain(nextAt);
    return claimed;
  }

  /** Before the first claim, and when a window opens or closes: the line may have been made with other routes. */
  async #plan(): Promise<void> {
    const { records, planner, clock } = this.#parts;
    const windows = planner.windows(clock.now());
    if (windows === this.#windows) return;
    await records.replan(hex(sha256(new TextEncoder().encode(planner.settings + windows))));
    this.#windows = windows;
  }

  /** Later times are left to the poller, which asks again before. */
  #askAgain(at: number | null): void {
    const { clock, settings } = this.#parts;
    this.#stopTimer();
    const delay = at === null ? Number.POSITIVE_INFINITY : at - clock.now();
    if (delay <= 0) this.#asked = true;
    else if (delay <= settings.poll) this.#stopTimer = clock.after(delay, () => void this.fill());
  }
}
