import { stat } from 'node:fs';
import type { Clock } from '../../../gateway/ports/clock.ts';

/** Turns of the event loop between two jumps, so that file and WebCrypto work of this turn is done before time passes. */
const TURNS = 40;

/** Time that passes only when nothing else is left to do: a call of minutes takes milliseconds, always the same ones. */
export class VirtualClock implements Clock {
  #now: number;
  #timers: { readonly at: number; readonly order: number; readonly run: () => void }[] = [];
  #order = 0;
  #held = 0;
  /** Those who wait until nothing holds the clock, or what they wait for has come. */
  #woken: (() => void)[] = [];
  readonly #turns: number;

  /** @param turns of the event loop between two jumps; few are enough where no file or WebCrypto work is waited for */
  constructor(start = Date.UTC(2030, 0, 1), turns = TURNS) {
    this.#now = start;
    this.#turns = turns;
  }

  now(): number {
    return Math.floor(this.#now);
  }

  monotonic(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, order: this.#order++, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Time stands still until `work` has settled: for work outside of this process, such as a query. */
  async holding<T>(work: Promise<T>): Promise<T> {
    this.#held++;
    try {
      return await work;
    } finally {
      if (--this.#held === 0) this.#wake();
    }
  }

  /** Jumps from timer to timer until `work` has settled. Throws when nothing is left that could settle it. */
  async until<T>(work: Promise<T>, limit = 48 * 3_600_000): Promise<T> {
    const state = { settled: false };
    const watched = work.finally(() => {
      state.settled = true;
      this.#wake();
    });
    watched.catch(() => {});
    const end = this.#now + limit;
    for (let idle = 0; ; ) {
      await this.turns(() => state.settled);
      if (state.settled) return watched;
      idle = this.#fire(end) ? 0 : idle + 1;
      if (idle > 2_000) throw new Error(`nothing is left to do at ${this.#now}, and the work has not ended`);
    }
  }

  /** Lets `ms` pass. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    do await this.turns(() => false);
    while (this.#fire(end));
    this.#now = end;
    await this.turns(() => false);
  }

  /** The process sleeps: time passes, and whatever was due in it comes late. */
  sleep(ms: number): void {
    this.#now += ms;
  }

  /** Lets the event loop turn without time passing; begins anew when the clock was held. */
  async turns(enough: () => boolean = () => false): Promise<void> {
    for (let done = false; !done && !enough(); ) {
      if (this.#held > 0) await new Promise<void>((resolve) => this.#woken.push(resolve));
      else done = await new Promise<boolean>((resolve) => this.#turn(1, enough, resolve));
    }
  }

  /** Turn after turn in one promise: the test runner watches each promise, and a call has very many turns. */
  #turn(count: number, enough: () => boolean, end: (done: boolean) => void): void {
    const turned = () => {
      if (this.#held > 0 || enough()) end(false);
      else if (count === this.#turns) end(true);
      else this.#turn(count + 1, enough, end);
    };
    // Each tenth is a round trip through the thread pool, where files and WebCrypto work: what was queued before has begun.
    setImmediate(count % 10 === 0 ? () => stat('/', turned) : turned);
  }

  #wake(): void {
    for (const resolve of this.#woken.splice(0)) resolve();
  }

  #fire(end: number): boolean {
    const next = this.#timers.toSorted((a, b) => a.at - b.at || a.order - b.order)[0];
    if (next === undefined || next.at > end) return false;
    this.#timers = this.#timers.filter((timer) => timer !== next);
    this.#now = Math.max(this.#now, next.at);
    next.run();
    return true;
  }
}
