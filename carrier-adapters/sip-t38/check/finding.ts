/** `skipped`: not looked at, and why; `warning`: calls may fail; `fault`: calls will fail. Worst last. */
export const SEVERITIES = ['ok', 'skipped', 'warning', 'fault'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What was looked at, in the order in which it is. */
export type Topic = 'listen' | 'name' | 'connection' | 'options' | 'address' | 'register' | 't38' | 'media';

/** One thing that is known of a trunk now. Holds no password and no number. */
export interface Finding {
  readonly severity: Severity;
  readonly topic: Topic;
  /** What is the case. Words of the trunk stand in quotation marks; whoever shows them cleans them of control characters. */
  readonly text: string;
  /** What to do about it. */
  readonly advice: string | null;
}

/** Everything that a check found out about one trunk. */
export interface TrunkReport {
  readonly carrier: string;
  readonly trunk: string;
  /** The worst of its findings. */
  readonly severity: Severity;
  readonly findings: readonly Finding[];
}

export function ok(topic: Topic, text: string): Finding {
  return { severity: 'ok', topic, text, advice: null };
}

export function skipped(topic: Topic, text: string, advice: string | null = null): Finding {
  return { severity: 'skipped', topic, text, advice };
}

export function warning(topic: Topic, text: string, advice: string): Finding {
  return { severity: 'warning', topic, text, advice };
}

export function fault(topic: Topic, text: string, advice: string): Finding {
  return { severity: 'fault', topic, text, advice };
}

/** The worst severity; what was skipped does not make a trunk worse than ok. */
export function worst(findings: readonly Finding[]): Severity {
  const ranks = findings.map(({ severity }) => SEVERITIES.indexOf(severity === 'skipped' ? 'ok' : severity));
  return SEVERITIES[Math.max(0, ...ranks)] ?? 'ok';
}

/** Longest words of a trunk that are shown. */
const LONGEST = 80;

/** Words of the trunk, bounded and marked as its own. */
export function quoted(words: string): string {
  return `“${words.length > LONGEST ? `${words.slice(0, LONGEST)}…` : words}”`;
}
