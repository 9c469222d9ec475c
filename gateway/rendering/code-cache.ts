import { mkdir, stat } from 'node:fs/promises';

/**
 * A folder with the child's program as Node has compiled it: types stripped, code cached. Without it every child
 * strips and compiles its modules anew, which is most of what its start costs.
 *
 * Whoever writes here chooses what children run, so that only a child that never sees a document may: it fills the
 * folder once, for all others it is read-only. Node itself tells its versions apart, and entries that no longer match
 * their source are not used.
 */
export interface CodeCache {
  readonly folder: string;
  /** Whether this child is the one that fills it. */
  readonly fill: boolean;
}

/**
 * Makes `folder` for this user alone. False when it cannot be had, or when others own it or may write to it; children
 * then start without it.
 */
export async function makeCacheFolder(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const { uid, mode } = await stat(folder);
    return uid === process.getuid?.() && (mode & 0o022) === 0;
  } catch {
    return false;
  }
}
