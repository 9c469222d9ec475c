/** What a question costs: the first time, with nothing of it in memory perhaps, and the median of all rounds, ms. */
export interface Cost<T> {
  readonly first: number;
  readonly median: number;
  /** What the last round answered. */
  readonly answer: T;
}

/** Asks `rounds` times, one after the other. */
export async function costOf<T>(rounds: number, ask: () => Promise<T>): Promise<Cost<T>> {
  const times: number[] = [];
  let answer = await timed(times, ask);
  for (let round = 1; round < rounds; round++) answer = await timed(times, ask);
  const [first = 0] = times;
  return { first, median: times.toSorted((a, b) => a - b)[rounds >> 1] ?? 0, answer };
}

async function timed<T>(times: number[], ask: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const answer = await ask();
  times.push(performance.now() - started);
  return answer;
}
