/**
 * Structured log. Fields never hold numbers, names, secrets or page content (numbers go through `redactNumber`).
 * `error` means a fault of ours; a busy line is `info`.
 */
export interface Log {
  debug(fields: Record<string, unknown>, text: string): void;
  info(fields: Record<string, unknown>, text: string): void;
  warn(fields: Record<string, unknown>, text: string): void;
  error(fields: Record<string, unknown>, text: string): void;
}

/** Counters and distributions; names are Prometheus names without the `sealfax_` prefix. */
export interface Metrics {
  count(name: string, labels?: Record<string, string>, by?: number): void;
  /** Seconds. */
  observe(name: string, seconds: number, labels?: Record<string, string>): void;
  gauge(name: string, value: number, labels?: Record<string, string>): void;
}
