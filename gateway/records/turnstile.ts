/** Lets so many pieces of work in at a time; others wait outside, in the order of their coming. */
export function createTurnstile(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let inside = 0;
  const enter = (): Promise<void> => {
    if (inside === most) return new Promise((resolve) => waiting.push(resolve));
    inside += 1;
    return Promise.resolve();
  };
  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) inside -= 1;
    else next();
  };
  return async (work) => {
    await enter();
    return work().finally(leave);
  };
}
