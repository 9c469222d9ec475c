/** Faults of Redis. `unavailable`: it does not answer, or not as it should; whether a write happened is not known. */
export type RedisErrorCode =
  | 'unavailable'
  /** Out of memory (maxmemory with noeviction). */
  | 'full'
  /** REDIS_URL or its options cannot be used; the message says what is wrong and quotes no secret. */
  | 'address';

/** A fault of Redis. Messages name no key and no value. */
export class RedisError extends Error {
  override readonly name = 'RedisError';
  readonly code: RedisErrorCode;

  constructor(code: RedisErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What a client's error means to us. */
export function asRedisError(error: unknown): RedisError {
  if (error instanceof RedisError) return error;
  const text = error instanceof Error ? error.message : '';
  // Inside a script some releases put words before the code.
  if (/\bOOM command not allowed/.test(text)) return new RedisError('full', 'Redis has no room left', { cause: error });
  return new RedisError('unavailable', 'Redis does not answer', { cause: error });
}

/** Whether Redis did nothing because it does not know the script of a digest. */
export function isUnknownScript(error: unknown): boolean {
  return error instanceof RedisError && error.cause instanceof Error && /\bNOSCRIPT\b/.test(error.cause.message);
}
