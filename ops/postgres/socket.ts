import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Part of the socket's file name; no port is opened. */
export const SOCKET_NUMBER = 5432;
/** sun_path holds 108 bytes with the closing zero on Linux, 104 on BSD and macOS (unix(7)). */
const LONGEST_SOCKET_PATH = process.platform === 'linux' ? 107 : 103;

/** A folder name through which clients reach the server's socket. */
export interface SocketDirectory {
  readonly path: string;
  remove(): Promise<void>;
}

/**
 * `directory` itself, or, when the socket's path would be too long for the operating system, a short name for it in a
 * private folder (0700) under the temporary directory. The server itself binds relative to its working directory and
 * knows no limit.
 */
export async function socketDirectory(directory: string): Promise<SocketDirectory> {
  const longest = Buffer.byteLength(join(directory, `.s.PGSQL.${SOCKET_NUMBER}`));
  if (longest <= LONGEST_SOCKET_PATH) return { path: directory, remove: async () => undefined };
  const folder = await mkdtemp(join(tmpdir(), 'sealfax-'));
  const path = join(folder, 's');
  await symlink(directory, path);
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}
