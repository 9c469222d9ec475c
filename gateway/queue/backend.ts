import type pg from 'pg';

/** Where the bell hangs: the database that the records live in, or the Redis of a cluster. */
export type QueueConnection =
  | { readonly kind: 'postgres'; readonly config: pg.PoolConfig }
  /** REDIS_URL, and the JSON of SEALFAX_REDIS_OPTIONS. */
  | { readonly kind: 'redis'; readonly url: string; readonly options?: unknown };

/** A job carries an id and nothing else. */
export interface Ring {
  readonly id: string;
}

/** BullMQ's classes bound to one backend: the only thing that differs between PostgreSQL and Redis. */
export interface Backend {
  /** Makes what the backend needs; may be called again. Throws when it does not answer. */
  prepare(): Promise<void>;
  queue(name: string): RingQueue;
  worker(name: string, concurrency: number, handle: (id: string) => Promise<void>): RingWorker;
  check(): Promise<void>;
  close(): Promise<void>;
}

export interface RingQueue {
  add(ring: Ring, options: { readonly delay: number; readonly priority: number }): Promise<void>;
  close(): Promise<void>;
}

export interface RingWorker {
  /** Resolves when running handlers have returned. */
  close(): Promise<void>;
}

/** A server that does not answer in this time in ms is given up: the poller covers the ring. */
export const RING_WITHIN = 3_000;

/** Tried once, and nothing kept afterwards. */
export const ONCE = { attempts: 1, removeOnComplete: true, removeOnFail: true } as const;
