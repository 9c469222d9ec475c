import { type Patience, RenderChild } from './child-process.ts';
import { RenderingError } from './error.ts';
import type { ChildLimits } from './limits.ts';
import type { ChildCommand } from './sandbox.ts';
import { WARM_UPS, type WarmUp } from './warm-up-kind.ts';

/** How many children there are. */
export interface PoolSize {
  /** Children started ahead of need. */
  readonly spare: number;
  /** Children at work at once; more jobs wait. */
  readonly working: number;
  /** Jobs that may wait; more are refused with `busy`. */
  readonly waiting: number;
}

/** How the cache of compiled code is filled; absent where children have none. */
export interface Filling {
  /** Starts the child that fills it. */
  readonly command: ChildCommand;
  /** Whether an earlier life of the gateway has filled it with this very program. */
  isDone(): Promise<boolean>;
  /** Notes that it is filled. */
  done(): Promise<void>;
}

/** How the machine code of what draws pages comes into that cache. */
export interface Training extends Filling {
  /** Milliseconds after the preparation: it takes seconds of a processor, and who has just started has other work. */
  readonly delay: number;
}

/** What is done ahead of the first job. */
export interface Preparation {
  readonly filling?: Filling;
  readonly training?: Training;
  /** Nothing is started ahead of need before this resolves; default at once. A job does not wait for it. */
  readonly after?: Promise<void>;
}

/** Starts in a row that may fail before a job is given up: one is bad luck, three are a broken installation. */
const MOST_FAILED_STARTS = 3;

/** Children started ahead of need, each used for one job. */
export class ChildPool {
  readonly #command: ChildCommand;
  readonly #limits: ChildLimits;
  readonly #size: PoolSize;
  readonly #spares: Promise<RenderChild | undefined>[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #children = new Set<RenderChild>();
  /** Resolves when the cache is filled, or cannot be, and children are started ahead of need. */
  readonly prepared: Promise<void>;
  #training: NodeJS.Timeout | undefined;
  #working = 0;
  #next: WarmUp = 'pdf';
  #ahead = false;
  #closed = false;

  constructor(command: ChildCommand, limits: ChildLimits, size: PoolSize, preparation: Preparation = {}) {
    this.#command = command;
    this.#limits = limits;
    this.#size = size;
    const { after } = preparation;
    this.prepared = after === undefined ? this.#prepare(preparation) : after.then(() => this.#prepare(preparation));
  }

  /** Says of what kind the next document is likely to be: spare children warm up for it. */
  expect(kind: WarmUp): void {
    this.#next = kind;
  }

  /** A ready child, for this caller alone. @throws {RenderingError} `busy`, `start`, `closed` */
  async acquire(): Promise<RenderChild> {
    await this.#enter();
    try {
      const child = await this.#ready();
      child.hold(true);
      return child;
    } catch (error) {
      this.#leave();
      throw error;
    }
  }

  /** Ends a child that was acquired and lets the next job in. */
  release(child: RenderChild): void {
    child.kill();
    this.#leave();
  }

  /** Ends all children, working ones too. Jobs that wait are refused. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#training);
    for (const resume of this.#waiting.splice(0)) resume();
    const ended = [...this.#children].map((child) => new Promise<void>((resolve) => child.onEnd(resolve)));
    for (const child of this.#children) {
      child.hold(true); // its end is awaited: a spare alone would let the process exit first
      child.kill('crash');
    }
    await Promise.all(ended);
  }

  async #enter(): Promise<void> {
    if (this.#closed) throw new RenderingError('closed', 'the renderer is closed');
    if (this.#working < this.#size.working) {
      this.#working++;
      return;
    }
    if (this.#waiting.length >= this.#size.waiting) throw new RenderingError('busy', 'too many documents wait');
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.#closed) throw new RenderingError('closed', 'the renderer is closed');
  }

  /** The place of a finished job goes to the one that has waited longest. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next !== undefined) next();
    else this.#working--;
  }

  async #ready(): Promise<RenderChild> {
    for (let failed = 0; failed < MOST_FAILED_STARTS; ) {
      const spare = this.#spares.shift() ?? this.#start();
      const child = await spare;
      if (this.#closed) break;
      this.#refill();
      if (child?.alive === true) return child;
      if (child === undefined) failed++; // one that was ready and died since is only replaced
    }
    throw new RenderingError('start', 'no rendering child can be started');
  }

  /** Spare children begin when the cache is filled: without it each costs several times as much. */
  async #prepare({ filling, training }: Preparation): Promise<void> {
    if (filling !== undefined) await this.#fill(filling).catch(() => undefined); // what is wrong, the first job will say
    this.#ahead = true;
    this.#refill();
    if (training === undefined || this.#closed) return;
    this.#training = setTimeout(() => void this.#train(training).catch(() => undefined), training.delay).unref();
  }

  #refill(): void {
    while (this.#ahead && !this.#closed && this.#spares.length < this.#size.spare) this.#addSpare();
  }

  /** A spare that a job takes before it is ready does not warm up: under load that would only delay the job. */
  #addSpare(): void {
    const spare = this.#start();
    this.#spares.push(spare);
    void spare.then((child) => {
      if (this.#spares.includes(spare)) return child?.warmUp(this.#next, this.#starting);
    });
  }

  get #starting(): Patience {
    return { wall: this.#limits.wall, cpu: this.#limits.wall };
  }

  /** For a child that no job waits for: on a busy host seconds of work take a minute, and all of it would be lost. */
  get #leisure(): Patience {
    return { wall: this.#limits.wall * 10, cpu: this.#limits.cpuPerDocument };
  }

  /** A started child when it says that it is ready, or undefined when it ends before. */
  async #start(): Promise<RenderChild | undefined> {
    const child = this.#closed ? undefined : await this.#run(this.#command);
    child?.hold(false);
    return child;
  }

  async #run(command: ChildCommand): Promise<RenderChild | undefined> {
    const child = new RenderChild(command, this.#limits.cpuPerDocument);
    this.#children.add(child);
    child.onEnd(() => this.#children.delete(child));
    const frame = await child.next(this.#starting);
    if (frame?.kind === 'ready') return child;
    child.kill('crash');
    return undefined;
  }

  /**
   * Lets one child load everything a document of any kind needs, and end in peace, which is when Node writes its cache.
   * A job that comes meanwhile starts without the cache, which is sooner than waiting for it.
   */
  async #fill({ command, isDone, done }: Filling): Promise<void> {
    if (this.#closed || (await isDone())) return;
    const child = this.#closed ? undefined : await this.#run(command);
    for (const kind of WARM_UPS) await child?.warmUp(kind, this.#leisure);
    if (await child?.dismiss(this.#leisure)) await done();
  }

  /** Lets one child draw until V8 has optimised what draws, and keep its code. */
  async #train({ command, isDone, done }: Training): Promise<void> {
    if (await isDone()) return;
    const child = this.#closed ? undefined : await this.#run(command);
    child?.hold(false);
    await child?.keepCode(this.#leisure);
    if (await child?.dismiss(this.#leisure)) await done();
  }
}
