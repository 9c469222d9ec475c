import { openDirectoryTarget } from './directory-target.ts';
import { BackupError } from './errors.ts';
import { openS3Target, type S3Credentials } from './s3-target.ts';
import { openSftpTarget, type SftpOptions } from './sftp-target.ts';

/** A backup that lies at a target. */
export interface StoredBackup {
  readonly name: string;
  readonly bytes: number;
}

/** Where backups are kept. Every method throws BackupError target_failed when the target does not do what it should. */
export interface BackupTarget {
  /** For people and logs; no secret is in it. */
  readonly description: string;
  /** Files of the target that are named as backups are, in the order of their names. */
  list(): Promise<StoredBackup[]>;
  /**
   * Stores the local file `path` under `name`: whole or not at all, never over another one, and checked afterwards.
   *
   * @throws BackupError target_exists
   */
  put(name: string, path: string): Promise<void>;
  /** Copies the backup `name` into the new local file `path`. @throws BackupError not_found */
  fetch(name: string, path: string): Promise<void>;
  remove(name: string): Promise<void>;
}

/** What targets need beside their address. */
export interface TargetOptions {
  readonly s3: S3Credentials | undefined;
  readonly sftp: SftpOptions;
}

/** The target that `text` names: a directory, `s3://…` or `sftp://…`. @throws BackupError target_invalid */
export function openTarget(text: string, options: TargetOptions): BackupTarget {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//.exec(text)?.[1];
  if (scheme === undefined) return openDirectoryTarget(text);
  if (scheme === 's3') return openS3Target(urlOf(text), options.s3);
  if (scheme === 'sftp') return openSftpTarget(urlOf(text), options.sftp);
  throw new BackupError(
    'target_invalid',
    `${scheme}:// is no target for backups; there are directories, s3:// and sftp://`,
  );
}

function urlOf(text: string): URL {
  const url = URL.parse(text);
  if (url === null) throw new BackupError('target_invalid', 'the target of the backups is no address');
  if (url.password !== '') {
    throw new BackupError(
      'target_invalid',
      'the target of the backups holds a password; there are settings and key files for it',
    );
  }
  return url;
}
