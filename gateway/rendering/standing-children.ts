/** When a standing child is replaced, whatever it has been through. */
export const STANDING_LIFE = {
  /** Jobs. */
  jobs: 5_000,
  /** Milliseconds. */
  age: 600_000,
} as const;

/** Leavings of a job are freed in the child at the latest this long after it, in ms: a second is promised, a rest takes some 30. */
const REST_AFTER = 600;

/** After a start that failed, the ordinary way serves for this time, in milliseconds. */
const TRY_AGAIN = 30_000;

/** Jobs that may wait for a child; more take the ordinary way. */
const MOST_WAITING = 256;

/** What is asked of a child here; `RenderChild` has it. */
export interface StandingProcess {
  readonly alive: boolean;
  hold(working: boolean): void;
  kill(): void;
  onEnd(then: () => void): void;
}

/** What the children are started with. */
export interface StandingStart<C extends StandingProcess> {
  readonly start: () => C;
  /** Resolves when a child can take a job; false when it never will. */
  readonly ready: (child: C) => Promise<boolean>;
  /** Lets a child free what it still holds of the jobs before; false when it does not answer. */
  readonly rest: (child: C) => Promise<boolean>;
  readonly children: number;
  /** No child is started ahead of need before this resolves; default at once. */
  readonly ahead?: Promise<void>;
}

/** One child with its history. */
interface Standing<C> {
  readonly child: C;
  readonly since: number;
  jobs: number;
  /** When the first job since the last rest ended. */
  used: number | undefined;
}

/**
 * A few children that take one job after the other. A child is replaced after {@link STANDING_LIFE}, and at once when a
 * job in it fails in any way; that job is the caller's to do elsewhere.
 */
export class StandingChildren<C extends StandingProcess> {
  readonly #parts: StandingStart<C>;
  readonly #idle: Standing<C>[] = [];
  readonly #waiting: ((place: boolean) => void)[] = [];
  readonly #alive = new Set<C>();
  #free: number;
  #restTimer: NodeJS.Timeout | undefined;
  #failedAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(parts: StandingStart<C>) {
    this.#parts = parts;
    this.#free = parts.children;
    const warm = () => {
      for (let n = 0; n < parts.children; n++) void this.#warm();
    };
    if (parts.ahead === undefined) warm();
    else void parts.ahead.then(warm);
  }

  /** Runs `job` in a child of its own for the time; undefined when none can be had or the job threw. */
  async run<T>(job: (child: C) => Promise<T>): Promise<T | undefined> {
    if (!(await this.#enter())) return undefined;
    try {
      const standing = await this.#take();
      return standing === undefined ? undefined : await this.#use(standing, job);
    } finally {
      this.#leave();
    }
  }

  /** Ends every child; jobs under way fail. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#restTimer);
    for (const resume of this.#waiting.splice(0)) resume(false);
    const ended = [...this.#alive].map((child) => new Promise<void>((resolve) => child.onEnd(resolve)));
    for (const child of this.#alive) {
      child.hold(true);
      child.kill();
    }
    await Promise.all(ended);
  }

  async #enter(): Promise<boolean> {
    if (this.#closed || this.#waiting.length >= MOST_WAITING || this.#failedLately()) return false;
    if (this.#free > 0) {
      this.#free--;
      return true;
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next !== undefined) next(true);
    else this.#free++;
  }

  #failedLately(): boolean {
    return performance.now() - this.#failedAt < TRY_AGAIN;
  }

  /** A place is held: at most `children` are taken at once, so that a new one stays within their number. */
  async #take(): Promise<Standing<C> | undefined> {
    const known = this.#idle.pop();
    if (known === undefined) return this.#start();
    known.child.hold(true);
    if (known.child.alive && !isOver(known) && (await this.#rested(known))) return known;
    known.child.kill();
    return this.#start();
  }

  /** Under load there is no idle moment: a child that is due rests before its next job. */
  async #rested(standing: Standing<C>): Promise<boolean> {
    if (standing.used === undefined || performance.now() - standing.used < REST_AFTER) return true;
    standing.used = undefined;
    return this.#parts.rest(standing.child);
  }

  async #start(): Promise<Standing<C> | undefined> {
    if (this.#closed) return undefined;
    const child = this.#parts.start();
    this.#alive.add(child);
    child.onEnd(() => this.#alive.delete(child));
    if (await this.#parts.ready(child)) return { child, since: performance.now(), jobs: 0, used: undefined };
    child.kill();
    this.#failedAt = performance.now();
    return undefined;
  }

  async #use<T>(standing: Standing<C>, job: (child: C) => Promise<T>): Promise<T | undefined> {
    try {
      const answer = await job(standing.child);
      standing.jobs++;
      standing.used ??= performance.now();
      this.#putBack(standing);
      return answer;
    } catch {
      standing.child.kill(); // the job goes another way, which says what is wrong with it
      return undefined;
    }
  }

  #putBack(standing: Standing<C>): void {
    standing.child.hold(false);
    this.#idle.push(standing);
    if (this.#restTimer !== undefined || standing.used === undefined) return;
    this.#restTimer = setTimeout(() => this.#restAll(), REST_AFTER);
  }

  /** Takes the idle children away for a moment, one place each, so that no job meets them at rest. */
  #restAll(): void {
    this.#restTimer = undefined;
    for (const standing of this.#idle.filter(({ used }) => used !== undefined)) void this.#restIdle(standing);
  }

  async #restIdle(standing: Standing<C>): Promise<void> {
    if (this.#free === 0) return; // whoever takes its place lets it rest
    this.#free--;
    this.#idle.splice(this.#idle.indexOf(standing), 1);
    standing.child.hold(true);
    standing.used = undefined;
    if (await this.#parts.rest(standing.child)) this.#putBack(standing);
    else standing.child.kill();
    this.#leave();
  }

  /** Started ahead of need, unless a job has started one before. */
  async #warm(): Promise<void> {
    if (!(await this.#enter())) return;
    const standing = this.#alive.size < this.#parts.children ? await this.#start() : undefined;
    if (standing !== undefined) this.#putBack(standing);
    this.#leave();
  }
}

function isOver({ jobs, since }: Standing<unknown>): boolean {
  return jobs >= STANDING_LIFE.jobs || performance.now() - since > STANDING_LIFE.age;
}
