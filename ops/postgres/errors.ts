/** Why the database cannot be had. */
export type PostgresErrorCode =
  | 'no_binaries'
  | 'cannot_run'
  | 'no_user'
  | 'initdb_failed'
  | 'no_room'
  | 'version_mismatch'
  | 'already_running'
  | 'start_failed'
  /** The server of DATABASE_URL does not answer. */
  | 'unreachable';

/** The database cannot be had; the message says what a person can do about it. */
export class PostgresError extends Error {
  readonly code: PostgresErrorCode;

  constructor(code: PostgresErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'PostgresError';
    this.code = code;
  }
}

/** What a person does who has no use for the embedded server. */
export const USE_A_SERVER = 'or name a PostgreSQL server in DATABASE_URL';
