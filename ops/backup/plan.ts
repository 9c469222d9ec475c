import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, ConfigError, SETTINGS, sshEnvironment } from '../config.ts';
import type { KeepRule } from './keep.ts';
import { recipientOf } from './origin.ts';
import { type BackupTarget, openTarget, type TargetOptions } from './target.ts';
import type { BackupParts } from './write.ts';

/** What the settings say of backups, without a target to go to. */
export function targetOptions(config: Config): TargetOptions {
  const { backupS3Key: keyId, backupS3Secret, backupS3SecretFile: file } = config;
  const secret = backupS3Secret ?? (file === undefined ? undefined : secretIn(file));
  return {
    s3: keyId === undefined || secret === undefined ? undefined : { keyId, secret },
    sftp: { config: config.backupSshConfig, environment: sshEnvironment() },
  };
}

function secretIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new ConfigError(
      SETTINGS.backupS3SecretFile.variable,
      'names a file that cannot be read',
      SETTINGS.backupS3SecretFile.example,
    );
  }
}

/** The part of a backup that the settings decide. @throws BackupError target_invalid, ConfigError */
export function backupPlan(
  config: Config,
  to: string,
): Pick<BackupParts, 'recipient' | 'spool' | 'keep'> & { readonly target: BackupTarget } {
  const keep: KeepRule = { newest: config.backupKeep, days: config.backupDays };
  return {
    target: openTarget(to, targetOptions(config)),
    recipient: recipientOf(config),
    spool: join(config.dataDir, 'backup-spool'),
    keep,
  };
}
