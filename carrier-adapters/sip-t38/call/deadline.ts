/** Whether a deadline has come. */
export function isDue(deadline: number | null, now: number): boolean {
  return deadline !== null && deadline <= now;
}

/** The earliest of some deadlines; null: there is none. */
export function earliest(deadlines: readonly (number | null)[]): number | null {
  let first: number | null = null;
  for (const deadline of deadlines) {
    if (deadline !== null && (first === null || deadline < first)) first = deadline;
  }
  return first;
}
