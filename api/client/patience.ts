import { ClientError, type ClientErrorCode } from './errors.ts';
import { pause } from './pause.ts';

/** Pause after a failure, in milliseconds: the first one, and the longest. Each is twice the one before. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;

/** Failures that waiting may cure: the way to the gateway is broken, not the request. */
const PASSING: readonly ClientErrorCode[] = ['unreachable', 'timeout', 'busy', 'answer_rejected', 'transport_rejected'];

/** How an endless reader outlives interruptions. */
export interface Patience {
  /**
   * The result of `run`; undefined, after a pause, when it failed on the way, and at once when the signal has aborted.
   * Any other failure is thrown.
   */
  attempt<T>(run: () => Promise<T>): Promise<T | undefined>;
}

/** @see Patience */
export function createPatience(signal: AbortSignal | undefined): Patience {
  let wait = FIRST_PAUSE;
  return {
    async attempt(run) {
      try {
        const result = await run();
        wait = FIRST_PAUSE;
        return result;
      } catch (error) {
        if (signal?.aborted) return undefined;
        if (!(error instanceof ClientError) || !PASSING.includes(error.code)) throw error;
        await pause(wait, signal);
        wait = Math.min(wait * 2, LONGEST_PAUSE);
        return undefined;
      }
    },
  };
}
