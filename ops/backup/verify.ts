import { createReadStream } from 'node:fs';
import { type OpenedBackup, type OpeningKeys, openBackup } from './container.ts';
import { BackupError } from './errors.ts';
import type { BackupHeader } from './header.ts';
import { type Line, type Manifest, readLines } from './lines.ts';

/** A backup whose every octet was read and found right. */
export interface VerifiedBackup {
  readonly header: BackupHeader;
  readonly manifest: Manifest;
  /** All tables together. */
  readonly rows: number;
}

/** Opens, decompresses and reads the local file `path` to its end. @throws BackupError */
export async function verifyBackup(path: string, keys: OpeningKeys): Promise<VerifiedBackup> {
  return withBackup(path, async ({ header, plaintext }) => {
    let manifest: Manifest = { tables: {}, sha256: '' };
    for await (const line of readLines(plaintext(keys))) if (line.kind === 'manifest') manifest = line.manifest;
    return { header, manifest, rows: Object.values(manifest.tables).reduce((sum, rows) => sum + rows, 0) };
  });
}

/** Hands the opened file to `work` and closes it after it. @throws BackupError not_found, format_unknown */
export async function withBackup<T>(path: string, work: (backup: OpenedBackup) => Promise<T>): Promise<T> {
  const file = createReadStream(path, { highWaterMark: 65_536 });
  try {
    return await work(await openBackup(file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new BackupError('not_found', `there is no file ${path}`, error);
  } finally {
    file.destroy();
  }
}

/** The lines of an opened backup. */
export function linesOf(backup: OpenedBackup, keys: OpeningKeys): AsyncGenerator<Line> {
  return readLines(backup.plaintext(keys));
}
