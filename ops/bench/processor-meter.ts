/** What processes use, as Linux tells in /proc (proc(5)). */
import { readFileSync } from 'node:fs';

/** Ticks a second in /proc: USER_HZ is 100 on every Linux. */
const TICKS = 100;
/** Milliseconds between two looks: so much of a process that ends is missed at most. */
const LOOK = 250;

/**
 * Processor time of processes and all their descendants. It looks again and again and remembers: a process that is killed
 * in a sandbox takes its time with it, because nobody but the sandbox, killed as well, would have waited for it.
 */
export class ProcessorMeter {
  readonly #roots: readonly number[];
  /** Ticks of each process, by id and time of its start. */
  readonly #seen = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(roots: readonly number[]) {
    this.#roots = roots;
    this.#look();
    this.#timer = setInterval(() => this.#look(), LOOK);
  }

  /** User and system time in seconds so far, of those that have ended too. */
  seconds(): number {
    this.#look();
    return [...this.#seen.values()].reduce((sum, ticks) => sum + ticks, 0) / TICKS;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const queue = [...this.#roots];
    for (let pid = queue.shift(); pid !== undefined; pid = queue.shift()) {
      try {
        const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
        // From the third field on; the command before them may hold spaces. 14 and 15 are times, 22 is the start.
        const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
        this.#seen.set(`${pid} ${fields[19]}`, Number(fields[11] ?? 0) + Number(fields[12] ?? 0));
        queue.push(
          ...readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean).map(Number),
        );
      } catch {
        // It has ended meanwhile.
      }
    }
  }
}
