/** What a worker is rung for. The bell carries an id only; whoever hears it claims in the records. */
export type Bell = 'render' | 'dial' | 'deliver';

/**
 * The door bell (QUEUE: the queue rings, PostgreSQL decides). Losing a ring is harmless: the poller finds the work.
 * Ringing twice is harmless: only one claim succeeds.
 */
export interface JobQueue {
  /** Rings `bell` for `id` after `delay` ms (default 0). Higher `priority` (0…9) is heard first. Never throws for an unreachable queue: the poller covers it. */
  ring(bell: Bell, id: string, options?: { readonly delay?: number; readonly priority?: number }): Promise<void>;
  /** Hears `bell` with at most `concurrency` handlers at once. A handler that throws is logged; it is not rung again. */
  hear(bell: Bell, concurrency: number, handle: (id: string) => Promise<void>): Promise<void>;
  /** Stops hearing; resolves when running handlers have returned. */
  stop(): Promise<void>;
  /** Closes connections; after `stop`. */
  close(): Promise<void>;
  /** Throws when the backend does not answer (for /readyz). */
  check(): Promise<void>;
}
