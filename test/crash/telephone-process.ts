import { fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Lines of the telephone after which a fault may strike. */
export const MOMENTS = ['dial', 'answered', 'page', 'block', 'whole', 'mcf', 'end'] as const;
export type Moment = (typeof MOMENTS)[number];

/**
 * Longest wait for such a line, ms: with nothing on the lines the fault strikes all the same. A slow machine needs most
 * of it to render the first page of a life; when once nothing came, nothing much is left to come.
 */
const MOMENT_WAIT = 15_000;
const QUIET_WAIT = 2_000;

/** The telephone process: it hears its lines and outlives every gateway. */
export class TelephoneProcess {
  readonly socket: string;
  /** Its own record of what passed its lines. */
  readonly log: string;
  readonly #lines = new EventEmitter();
  readonly #end: () => void;
  #patience = MOMENT_WAIT;

  private constructor(directory: string, line: readonly string[]) {
    this.socket = join(directory, 'telephone.sock');
    this.log = join(directory, 'lines.log');
    const child = fork(resolve(import.meta.dirname, 'witness-process.ts'), [this.socket, this.log, ...line]);
    child.on('message', (what) => this.#lines.emit(String(what)));
    this.#end = () => void child.kill('SIGKILL');
  }

  /** @param line speed in bit/s, and the part of its time that a phase takes */
  static async start(directory: string, line?: readonly [speed: number, pace: number]): Promise<TelephoneProcess> {
    const telephone = new TelephoneProcess(directory, (line ?? []).map(String));
    await once(telephone.#lines, 'ready');
    return telephone;
  }

  /** Waits for `what` on some line, but not for ever. */
  async heard(what: Moment): Promise<void> {
    const late = pause(this.#patience, 'late', { ref: false });
    const first = await Promise.race([once(this.#lines, what), late]);
    this.#patience = first === 'late' ? QUIET_WAIT : MOMENT_WAIT;
  }

  stop(): void {
    this.#end();
  }
}
