import type { CallResult } from '../../gateway/fax/call-result.ts';

/** References that are remembered: a day of a busy gateway. */
const LIMIT = 10_000;

/** A fax that etherFAX has taken. */
export interface Job {
  readonly id: string;
  readonly pages: number;
  /** What it came to, once that is known. */
  readonly result?: CallResult;
}

/**
 * Which of the carrier's ids belongs to which of our references. The carrier finds a fax by its own id alone, so this is
 * the only way back, and it lasts as long as the process.
 */
export class Jobs {
  readonly #jobs = new Map<string, Job>();

  get(reference: string): Job | undefined {
    return this.#jobs.get(reference);
  }

  /** Keeps `job`; the oldest gives way when there are too many. */
  keep(reference: string, job: Job): void {
    this.#jobs.delete(reference);
    this.#jobs.set(reference, job);
    const [oldest] = this.#jobs.keys();
    if (this.#jobs.size > LIMIT && oldest !== undefined) this.#jobs.delete(oldest);
  }
}
