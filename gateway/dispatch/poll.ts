import { wiped } from './finish.ts';
import type { DispatchParts } from './parts.ts';
import { reconcile } from './reconcile.ts';

/** What the poller may ask of the stage that it belongs to. */
export interface PollTarget {
  /** Whether calls may be placed now; false while draining. */
  readonly open: boolean;
  /** Begins the calls that may be placed now, without waiting for their end. */
  fill(): Promise<unknown>;
}

/** Finds the work that the bell missed: due calls, faxes past their deadline, orphaned calls. */
export class Poller {
  readonly #parts: DispatchParts;
  readonly #target: PollTarget;
  #stopTimer = () => {};
  #running: Promise<void> = Promise.resolve();
  #reconciledAt: number;
  #stopped = true;

  constructor(parts: DispatchParts, target: PollTarget) {
    this.#parts = parts;
    this.#target = target;
    this.#reconciledAt = parts.clock.monotonic();
  }

  start(): void {
    this.#stopped = false;
    this.#arm();
  }

  /** No look is under way when this resolves. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopTimer();
    await this.#running;
  }

  /** One look. Its failure is logged; the next look comes all the same. */
  async look(): Promise<void> {
    try {
      if (this.#target.open) await this.#target.fill();
      await this.#pastDeadline();
      await this.#orphans();
    } catch (error) {
      this.#parts.log.warn({ error: String(error) }, 'the poller could not read the records');
    }
  }

  #arm(): void {
    if (this.#stopped) return;
    this.#stopTimer = this.#parts.clock.after(this.#parts.settings.poll, () => {
      this.#running = this.look().finally(() => this.#arm());
    });
  }

  async #pastDeadline(): Promise<void> {
    const { records, clock, settings } = this.#parts;
    for (const id of await records.pastDeadline(clock.now(), settings.batch)) {
      const fax = await records.fax(id);
      const state = (fax?.pagesConfirmed ?? 0) > 0 ? 'partial' : 'failed';
      const detail = 'the deadline has passed';
      if (await records.endUncalled(id, null, state, 'deadline_passed', detail, clock.now())) {
        await wiped(this.#parts, id);
      }
    }
  }

  async #orphans(): Promise<void> {
    const now = this.#parts.clock.monotonic();
    if (now - this.#reconciledAt < this.#parts.settings.reconcile) return;
    this.#reconciledAt = now;
    await reconcile(this.#parts, false);
  }
}
