/** Faults of the records. `unavailable`: the database does not answer; nothing is known to have been written. */
export type RecordsErrorCode =
  | 'unavailable'
  /** The disk of the database has no room: nothing was written. */
  | 'full'
  | 'schema_newer'
  | 'schema_missing'
  /** The schema was not made by a release of ours. */
  | 'schema_foreign'
  | 'server_too_old'
  /** Another gateway has these records to itself, or a cluster does. */
  | 'in_use'
  | 'epoch_in_use'
  | 'key_exists'
  | 'usage';

/** The records could not do what was asked of them. Messages hold no values of rows. */
export class RecordsError extends Error {
  readonly code: RecordsErrorCode;

  constructor(code: RecordsErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'RecordsError';
    this.code = code;
  }
}

/** The SQLSTATE of a database error, or the system's code of a broken connection. */
export function sqlState(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** The name of the constraint or unique index that a statement ran against. */
export function violated(error: unknown): string | undefined {
  const name = (error as { constraint?: unknown } | null)?.constraint;
  return sqlState(error)?.startsWith('23') === true && typeof name === 'string' ? name : undefined;
}

/** What `pg` and its pool say, without a code, of a connection that is gone or could not be had. */
const WITHOUT_CODE = /^Connection terminated|^Client (has encountered a connection error|was closed)|^timeout exceeded/;

/**
 * Whether the server or the way to it is gone. PostgreSQL appendix A: class 08 connection, 57P operator intervention,
 * 53300 too many connections; besides the system's own codes and what `pg` says of a cut connection.
 */
export function isUnavailable(error: unknown): boolean {
  const code = sqlState(error);
  if (code !== undefined) {
    return /^(08...|57P0[1-5]|53300|E[A-Z]+)$/.test(code);
  }
  return error instanceof Error && WITHOUT_CODE.test(error.message);
}

/** Whether the server had no room for what was to be written (PostgreSQL appendix A: 53100). */
export function isFull(error: unknown): boolean {
  return sqlState(error) === '53100';
}

/** Whether the same transaction may succeed when it is run again: serialisation failure or deadlock. */
export function isConflict(error: unknown): boolean {
  const code = sqlState(error);
  return code === '40001' || code === '40P01';
}
