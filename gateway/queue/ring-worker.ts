import type { RingWorker } from './backend.ts';

/** After an error a worker begins anew in this time in ms. */
export const ASK_AGAIN = 1_000;

/** The part of BullMQ's worker that is needed to replace it. */
interface Replaceable {
  close(force?: boolean): Promise<void>;
}

/**
 * A worker that is made anew after an error: BullMQ's own asks a server that is starting up without any pause, and one
 * whose server died while it finished a job may stay deaf. Handlers that run go on; they are not the worker's to end.
 */
export function keepWorker(make: (broken: () => void) => Replaceable): RingWorker {
  let timer: NodeJS.Timeout | undefined;
  let current: Replaceable | undefined;
  let over = false;
  const begin = (): void => {
    timer = undefined;
    const worker = make(() => replace(worker));
    current = worker;
  };
  const replace = (broken: Replaceable): void => {
    if (over || current !== broken) return;
    current = undefined;
    broken.close(true).catch(() => undefined);
    timer = setTimeout(begin, ASK_AGAIN).unref();
  };
  begin();
  return {
    close: async () => {
      over = true;
      clearTimeout(timer);
      await current?.close();
    },
  };
}
