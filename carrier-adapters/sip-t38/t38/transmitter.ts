import type { LineCommand } from '../t30/line.ts';
import type { Pace, TerminalOptions, TerminalOutput } from './terminal-io.ts';
import { KEEP_ALIVE, PAUSE, SLIP } from './timings.ts';
import { keepAlive, type Step, silence, steps, type Transmission, wipeTransmission } from './transmission.ts';

/** What is on the line: a signal, the silence that ends one, or nothing. */
type Line = 'signal' | 'ending' | 'idle';

/** The sending half of a terminal: one signal after the other, each at its time. */
export class Transmitter {
  #options: TerminalOptions;
  readonly #waiting: { readonly command: Transmission; readonly given: number }[] = [];
  #line: Line = 'idle';
  #script: Generator<Step> | null = null;
  /** What the signal under way was asked for by. */
  #command: Transmission | null = null;
  /** What is under way repeats until something else is asked for. */
  #endless = false;
  /** When the next step is due. */
  #due: number;
  /** When the last signal ended. */
  #ended = Number.NEGATIVE_INFINITY;

  constructor(options: TerminalOptions, now: number) {
    this.#options = options;
    this.#due = now;
  }

  /** When `run` has something to do. */
  get deadline(): number {
    return this.#due;
  }

  /** Nothing is on the line or waits for it. */
  get idle(): boolean {
    return this.#line === 'idle' && this.#waiting.length === 0;
  }

  /** Holds from the next signal on. */
  set pace(pace: Pace) {
    this.#options = { ...this.#options, pace };
  }

  /** Puts a signal at the end of the queue. */
  send(command: Transmission, now: number): void {
    this.#waiting.push({ command, given: now });
    if (this.#endless) this.#end(now);
    else if (this.#line === 'idle') this.#begin();
  }

  /** Ends what is under way and forgets what waits. */
  stop(now: number): void {
    this.#forget();
    if (this.#line === 'signal') this.#end(now);
    else if (this.#line === 'idle') this.#rest(now);
  }

  /** Zeroes all that has not left; nothing is sent afterwards. */
  close(): void {
    this.#forget();
    this.#dropCommand();
  }

  #forget(): void {
    for (const { command } of this.#waiting) wipeTransmission(command);
    this.#waiting.length = 0;
  }

  #dropCommand(): void {
    if (this.#command !== null) wipeTransmission(this.#command);
    this.#command = null;
  }

  /** CNG ends when the far station is heard; other signals do not. */
  hush(now: number): void {
    if (this.#endless) this.#end(now);
  }

  /** All steps that are due. */
  run(now: number, out: TerminalOutput[]): void {
    if (now - this.#due > SLIP) this.#due = now;
    while (this.#due <= now) this.#step(out);
  }

  #step(out: TerminalOutput[]): void {
    if (this.#script === null) this.#next();
    const step = this.#script?.next();
    if (step === undefined || step.done === true) this.#finished();
    else if (typeof step.value === 'number') this.#due += step.value;
    else out.push(step.value);
  }

  /** The pause is over, or the line has been idle for long. */
  #next(): void {
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#script = keepAlive(this.#options);
      this.#line = 'ending';
      return;
    }
    this.#command = next.command;
    this.#script = steps(next.command, this.#options);
    this.#endless = next.command.do === 'tone' && next.command.tone === 'cng';
    this.#line = 'signal';
  }

  #finished(): void {
    this.#script = null;
    if (this.#line === 'signal') this.#end(this.#due);
    else if (this.#waiting.length > 0) this.#begin();
    else this.#rest(this.#due);
  }

  #end(now: number): void {
    this.#dropCommand();
    this.#script = silence(this.#options);
    this.#endless = false;
    this.#line = 'ending';
    this.#ended = now;
    this.#due = now;
  }

  /** Waits for the pause before the next signal. */
  #begin(): void {
    const given = this.#waiting[0]?.given ?? 0;
    const pause = this.#options.pace === 'gateway' ? PAUSE : 0;
    this.#line = 'idle';
    this.#due = Math.max(given, this.#ended) + pause;
  }

  #rest(now: number): void {
    this.#line = 'idle';
    this.#due = now + KEEP_ALIVE;
  }
}

/** Whether a command puts a signal on the line. */
export function isTransmission(command: LineCommand): command is Transmission {
  return command.do !== 'listen' && command.do !== 'hasten' && command.do !== 'stop';
}
