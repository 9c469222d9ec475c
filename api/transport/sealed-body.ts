import { SealError, wipe } from '../../crypto/index.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import { ApiError } from '../errors.ts';

/** How often the right to go on is asked for again while a long body comes in. Milliseconds. */
const RECHECK = 2_000;

/** What watches over a body. */
export interface BodyWatch {
  readonly clock: Clock;
  /** The session's end: a running upload stops. */
  readonly ended: AbortSignal;
  /** Throws when the caller may no longer go on. */
  readonly recheck: () => Promise<void>;
}

/** The body of an opened message, with a memory of whether its seal held to the end. */
export class SealedBody {
  readonly #source: AsyncGenerator<Uint8Array>;
  readonly #watch: BodyWatch;
  #broken = false;

  constructor(source: AsyncGenerator<Uint8Array>, watch: BodyWatch) {
    this.#source = source;
    this.#watch = watch;
  }

  /** A record was not authentic, or the message was cut: whatever the application answered must not be believed. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Chunks, each zeroed when the next is asked for. It ends by itself only when the final record has been verified. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    const { clock, ended, recheck } = this.#watch;
    let checked = clock.monotonic();
    try {
      for (;;) {
        const next = await this.#next(ended);
        if (next.done === true) return;
        yield next.value;
        if (clock.monotonic() - checked >= RECHECK) {
          await recheck();
          checked = clock.monotonic();
        }
      }
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      this.#broken = true;
      throw new ApiError('sealed_message_rejected');
    } finally {
      this.close();
    }
  }

  async #next(ended: AbortSignal): Promise<IteratorResult<Uint8Array>> {
    const next = this.#source.next();
    let stop: () => void = () => undefined;
    const end = new Promise<never>((_resolve, reject) => {
      stop = () => reject(new ApiError('session_ended'));
      if (ended.aborted) stop();
      else ended.addEventListener('abort', stop, { once: true });
    });
    try {
      return await Promise.race([next, end]);
    } finally {
      ended.removeEventListener('abort', stop);
      end.catch(() => undefined);
      next.catch(() => undefined);
    }
  }

  /** Verifies a message that must have no body. @throws ApiError body_invalid when it has one, sealed_message_rejected */
  async expectNothing(): Promise<void> {
    let bytes = 0;
    for await (const chunk of this.chunks()) {
      bytes += chunk.length;
      wipe(chunk);
      if (bytes > 0) throw new ApiError('body_invalid', 'this request takes no body, or its content-type is missing');
    }
  }

  /** Gives the rest up. Not awaited: a source that waits for the network ends with its connection. */
  close(): void {
    this.#source.return(undefined).catch(() => undefined);
  }
}
