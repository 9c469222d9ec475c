import { RecordsError } from './errors.ts';

/** One call that waits for its batch. */
interface Waiting<A, R> {
  readonly call: A;
  readonly resolve: (answer: R) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Joins calls: one that comes while a batch is under way goes into the next, together with all others that have come
 * by then, so that a statement, and with it a round trip and an fsync, serves many. A lone call waits for nobody. A batch
 * that is refused is taken apart, each call by itself, so that one call's fault is its own; when the database has not
 * answered, nobody knows what it did, and all calls fail alike.
 *
 * @param run answers each call at its place; `calls` are at most `most`
 */
export function gather<A, R>(
  run: (calls: readonly A[]) => Promise<readonly R[]>,
  most: number,
): (call: A) => Promise<R> {
  let waiting: Waiting<A, R>[] = [];
  let busy = false;

  const settle = async (batch: readonly Waiting<A, R>[]): Promise<void> => {
    try {
      const answers = await run(batch.map(({ call }) => call));
      for (const [index, one] of batch.entries()) one.resolve(answers[index] as R);
    } catch (error) {
      const unknown = error instanceof RecordsError && error.code === 'unavailable';
      if (batch.length === 1 || unknown) for (const one of batch) one.reject(error);
      else for (const one of batch) await settle([one]);
    }
  };

  const goOn = async (): Promise<void> => {
    busy = true;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, most);
      waiting = waiting.slice(most);
      await settle(batch);
    }
    busy = false;
  };

  return (call) =>
    new Promise((resolve, reject) => {
      waiting.push({ call, resolve, reject });
      if (!busy) void goOn();
    });
}
