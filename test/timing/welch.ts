/** What two sets of times say of each other. */
export interface Comparison {
  /** Welch's t of the times that were left: how far the means lie apart, in standard errors of their difference. */
  readonly t: number;
  /** Difference of the means that were left, in the unit of the times. */
  readonly apart: number;
  /** Times that were left of both. */
  readonly left: number;
}

/**
 * Welch's t-test (B. L. Welch, Biometrika 34, 1947) of two sets of times, as it is used to look for leaks (Goodwill et
 * al., NIST Non-Invasive Attack Testing Workshop 2011; Reparaz et al., DATE 2017): the longest times of both together are
 * cropped first, because what interrupts a process hides small differences.
 *
 * @param crop share of the times that stay, 0 to 1
 */
export function compare(one: readonly number[], other: readonly number[], crop: number): Comparison {
  const pooled = [...one, ...other].toSorted((a, b) => a - b);
  const limit = pooled[Math.min(pooled.length - 1, Math.floor(pooled.length * crop))] ?? 0;
  const [a, b] = [one, other].map((times) => momentsOf(times.filter((time) => time <= limit)));
  if (a === undefined || b === undefined || a.count < 2 || b.count < 2) throw new RangeError('too few times');
  const error = Math.sqrt(a.variance / a.count + b.variance / b.count);
  const apart = a.mean - b.mean;
  const t = error === 0 ? (apart === 0 ? 0 : Math.sign(apart) * Number.POSITIVE_INFINITY) : apart / error;
  return { t, apart, left: a.count + b.count };
}

/** The comparison that shows the most, of some shares that stay. */
export function worst(one: readonly number[], other: readonly number[]): Comparison {
  const found = CROPS.map((crop) => compare(one, other, crop));
  return found.reduce((most, next) => (Math.abs(next.t) > Math.abs(most.t) ? next : most));
}

const CROPS = [0.5, 0.75, 0.9, 0.99, 1];

function momentsOf(values: readonly number[]) {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  return { count, mean, variance };
}
