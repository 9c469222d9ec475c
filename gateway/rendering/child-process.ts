import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import type { RejectionCause } from '../ports/renderer.ts';
import { cpuSeconds } from './cpu-time.ts';
import { RenderingError } from './error.ts';
import { FrameSplitter } from './frame-splitter.ts';
import type { Frame, FrameKind } from './frames.ts';
import { frameHeader, pieces } from './frames.ts';
import type { ChildCommand } from './sandbox.ts';
import { WARM_UPS, type WarmUp } from './warm-up-kind.ts';

/** What is kept of a dying child's last words; only to tell a full heap from a crash, never shown. */
const LAST_WORDS = 4096;

/** Milliseconds between two looks at a child's clock and CPU. */
const WATCH_INTERVAL = 200;

/** How long and how much CPU a child may take until its next frame, in seconds. */
export interface Patience {
  readonly wall: number;
  readonly cpu: number;
}

/** One rendering child as the gateway sees it: frames in, frames out, and an end that is always explained. */
export class RenderChild {
  readonly #process: ChildProcess;
  readonly #input: Writable;
  readonly #output: Readable;
  readonly #frames: AsyncGenerator<Frame>;
  readonly #ended: Promise<void>;
  readonly #cpuLimit: number;
  #verdict: RejectionCause | undefined;
  #lastWords = '';
  #cpuSeen = 0;

  /** @param cpuLimit the RLIMIT_CPU that `command` sets, to recognise its signal */
  constructor(command: ChildCommand, cpuLimit: number) {
    this.#cpuLimit = cpuLimit;
    this.#process = spawn(command.file, [...command.args], {
      env: command.env,
      cwd: '/',
      // A process group of its own, see #end; and the interrupt key of a terminal is for the gateway alone.
      detached: true,
      stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    });
    const [input, , errors, output] = this.#process.stdio;
    if (input == null || errors == null || output == null) throw new RenderingError('start', 'a child has no pipes');
    this.#input = input;
    this.#input.on('error', () => undefined); // EPIPE: the end of its output says why
    errors.on('data', (chunk: Buffer) => {
      this.#lastWords = (this.#lastWords + chunk.toString('latin1')).slice(-LAST_WORDS);
    });
    this.#output = output as Readable;
    this.#frames = readFrames(this.#output);
    this.#ended = new Promise((resolve) => {
      this.#process.once('close', () => resolve());
      this.#process.once('error', () => resolve());
    });
  }

  /** Lets the gateway exit while the child waits for work, or holds the gateway while it works. */
  hold(working: boolean): void {
    const handles = [this.#process, ...this.#process.stdio.map((stream) => stream as Socket | null)];
    for (const handle of handles) working ? handle?.ref() : handle?.unref();
  }

  /** Whether the process still runs. */
  get alive(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null && this.#process.pid !== undefined;
  }

  /** Calls `then` when the process has ended. */
  onEnd(then: () => void): void {
    void this.#ended.then(then);
  }

  /** Sends one frame; false when the child takes nothing any more. Waits at most `patience` for room in the pipe. */
  async send(kind: FrameKind, payload: Uint8Array, patience: Patience): Promise<boolean> {
    const input = this.#input;
    if (!input.writable) return false;
    input.cork(); // frames that follow each other go in one system call
    process.nextTick(() => input.uncork());
    input.write(frameHeader(kind, payload.length));
    if (input.write(payload)) return true;
    await this.#watched(patience, () => drained(input));
    return input.writable;
  }

  /** Lets an idle child prepare for documents of `kind`. It takes a job meanwhile, and begins when it has done so. */
  async warmUp(kind: WarmUp, patience: Patience): Promise<void> {
    await this.send('warm', Uint8Array.of(WARM_UPS.indexOf(kind)), patience);
  }

  /** Lets a child that may write to the cache leave the machine code of what draws documents there. */
  async keepCode(patience: Patience): Promise<void> {
    await this.send('keep', new Uint8Array(0), patience);
  }

  /** Says that no job will come, and waits for the child's end; whether it ended in peace. */
  async dismiss(patience: Patience): Promise<boolean> {
    this.#input.end();
    while ((await this.next(patience)) !== undefined);
    await this.#watched(patience, () => this.#ended);
    return this.#process.exitCode === 0;
  }

  /** Sends `bytes` as chunks. */
  async sendChunks(bytes: Uint8Array, patience: Patience): Promise<boolean> {
    for (const piece of pieces(bytes)) if (!(await this.send('chunk', piece, patience))) return false;
    return true;
  }

  /** The next frame, or undefined at the end of the child; {@link causeOfEnd} then says why. */
  next(patience: Patience): Promise<Frame | undefined> {
    return this.#watched(patience, async () => {
      try {
        const { value, done } = await this.#frames.next();
        return done === true ? undefined : value;
      } catch {
        this.kill('crash'); // a broken frame: whatever wrote it is no longer our program
        return undefined;
      }
    });
  }

  /** Ends the process. The first `cause` given is the one reported. */
  kill(cause?: RejectionCause): void {
    this.#verdict ??= cause;
    this.#end();
    this.#input.destroy();
    this.#output.destroy(); // what nobody will read would keep the pipe, and with it the end of the process, open
  }

  /**
   * Kills the whole group: bubblewrap's inner process asks to die with the outer one, but when the outer one is killed
   * before it has asked, it waits for it for ever and holds our pipes.
   */
  #end(): void {
    const { pid, exitCode, signalCode } = this.#process;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // Nobody is left in the group; an id that has not been waited for cannot be another's.
      if (exitCode === null && signalCode === null) this.#process.kill('SIGKILL');
    }
  }

  /** Why a child ended without saying so. Waits for its end. */
  async causeOfEnd(): Promise<RejectionCause> {
    this.#end();
    await this.#ended;
    if (this.#verdict !== undefined) return this.#verdict;
    if (/heap out of memory|out of memory|bad_alloc/i.test(this.#lastWords)) return 'memory';
    return this.#cpuSeen >= this.#cpuLimit - 2 ? 'timeout' : 'crash';
  }

  /** Runs `wait` and kills the child when it lasts longer or costs more than `patience`. */
  async #watched<T>(patience: Patience, wait: () => Promise<T>): Promise<T> {
    const pid = this.#process.pid ?? 0;
    // Read with the first look: most waits are over by then, and each reading is half a dozen files of /proc.
    let cpuBefore: number | undefined;
    const started = performance.now();
    const timer = setInterval(() => {
      this.#cpuSeen = cpuSeconds(pid);
      cpuBefore ??= this.#cpuSeen;
      const tooLong = performance.now() - started > patience.wall * 1000;
      if (tooLong || this.#cpuSeen - cpuBefore > patience.cpu) this.kill('timeout');
    }, WATCH_INTERVAL);
    try {
      return await wait();
    } finally {
      clearInterval(timer);
    }
  }
}

async function* readFrames(output: Readable): AsyncGenerator<Frame> {
  const splitter = new FrameSplitter();
  for await (const chunk of output as AsyncIterable<Buffer>) yield* splitter.push(chunk);
}

/** Resolves when `stream` takes more, or never will. */
function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.once('drain', done);
    stream.once('close', done);
  });
}
