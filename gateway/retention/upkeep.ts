import type { Clock } from '../ports/clock.ts';
import type { Exclusion } from '../ports/exclusion.ts';
import type { Log, Metrics } from '../ports/log.ts';
import { nameOf } from './image-loss.ts';

/** What every upkeep works with. */
export interface UpkeepParts {
  readonly exclusion: Pick<Exclusion, 'tryExclusively'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Something that is looked after again and again, in one process at a time. */
export interface Upkeep {
  /** Looks at once, and every ten minutes from then on. */
  start(): void;
  /** Ends the timer; resolves when what is running has ended. */
  stop(): Promise<void>;
  /** One look; never throws. False when another process is at it. */
  runOnce(): Promise<boolean>;
}

/** Pause between two looks. Milliseconds. */
const EVERY = 600_000;

/**
 * @param of what keeps two processes from being at it, counts a failure, and what is looked after, for the log
 * @param look one look; ends early when it is told to
 */
export function createUpkeep(
  { clock, log, exclusion }: UpkeepParts,
  of: { readonly name: string; readonly failed: () => void; readonly things: string },
  look: (isStopped: () => boolean) => Promise<void>,
): Upkeep {
  let stopped = false;
  let cancel = () => {};
  let running: Promise<unknown> = Promise.resolve();

  const runOnce = async (): Promise<boolean> => {
    try {
      return (await exclusion.tryExclusively(of.name, () => look(() => stopped))).ran;
    } catch (error) {
      of.failed();
      log.warn({ error: nameOf(error) }, `the upkeep of the ${of.things} failed; it is tried again`);
      return true;
    }
  };
  const runAndGoOn = async (): Promise<void> => {
    await runOnce();
    if (!stopped) cancel = clock.after(EVERY, again);
  };
  const again = (): void => {
    running = runAndGoOn();
  };
  return {
    runOnce,
    start: again,
    async stop() {
      stopped = true;
      cancel();
      await running;
    },
  };
}
