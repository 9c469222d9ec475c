import { createReadStream } from 'node:fs';
import { chmod, constants, copyFile, link, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { hex, sha256Stream } from '../../crypto/index.ts';
import { BackupError } from './errors.ts';
import { parseBackupName } from './name.ts';
import type { BackupTarget, StoredBackup } from './target.ts';

/** Backups in a directory, such as a mounted share. */
export function openDirectoryTarget(path: string): BackupTarget {
  const directory = resolve(path);
  return {
    description: directory,
    list: () => told(directory, () => listed(directory)),
    put: (name, file) => told(directory, () => put(directory, name, file)),
    fetch: (name, file) =>
      told(directory, async () => {
        await copyFile(join(directory, name), file, constants.COPYFILE_EXCL).catch(missing(name));
      }),
    remove: (name) => told(directory, () => rm(join(directory, name), { force: true })),
  };
}

async function listed(directory: string): Promise<StoredBackup[]> {
  const names = await readdir(directory).catch(() => []);
  const found = names.filter((name) => parseBackupName(name) !== undefined).sort();
  return Promise.all(found.map(async (name) => ({ name, bytes: (await stat(join(directory, name))).size })));
}

/** A link appears with its whole content or not at all, and only if the name is free. */
async function put(directory: string, name: string, file: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const part = join(directory, `${name}.part`);
  try {
    await rm(part, { force: true });
    await copyFile(file, part, constants.COPYFILE_EXCL);
    await chmod(part, 0o600);
    await sync(part);
    if ((await digest(part)) !== (await digest(file))) {
      throw new BackupError('target_failed', `what was written into ${directory} is not what was to be written`);
    }
    await link(part, join(directory, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
      throw new BackupError('target_exists', `${directory} has a backup of the name ${name} already`);
    });
  } finally {
    await rm(part, { force: true });
  }
  await sync(directory);
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  await handle.sync().finally(() => handle.close());
}

async function digest(path: string): Promise<string> {
  const hash = sha256Stream();
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hex(hash.digest());
}

function missing(name: string): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    if (error.code === 'ENOENT') throw new BackupError('not_found', `there is no backup ${name}`);
    throw error;
  };
}

async function told<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BackupError) throw error;
    const why = error instanceof Error ? error.message : 'unknown';
    throw new BackupError('target_failed', `the directory ${directory} cannot be used: ${why}`, error);
  }
}
