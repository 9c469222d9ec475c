/** Why a backup was not made, read or restored. */
export type BackupErrorCode =
  | 'target_invalid'
  | 'target_failed'
  | 'target_exists'
  | 'not_found'
  | 'no_backup'
  | 'format_unknown'
  | 'key_missing'
  | 'wrong_key'
  | 'damaged'
  | 'truncated'
  | 'schema_newer'
  | 'schema_differs'
  | 'database_not_empty'
  | 'keys_differ'
  | 'running'
  | 'program_missing';

/** A backup that cannot be made, read or restored; the message says what an operator can do and holds no row. */
export class BackupError extends Error {
  readonly code: BackupErrorCode;

  constructor(code: BackupErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'BackupError';
    this.code = code;
  }
}
