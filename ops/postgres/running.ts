import { access, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { ROLE } from './cluster.ts';
import type { EmbeddedConnection } from './index.ts';
import { SOCKET_NUMBER, socketDirectory } from './socket.ts';

/** A way to the embedded server of a gateway that runs on the same data directory. */
export interface RunningServer {
  readonly connection: EmbeddedConnection;
  /** Takes a short name of the socket away again. */
  close(): Promise<void>;
}

/** Whether a gateway has ever run on `dataDir` with a server of its own. */
export async function hasCluster(dataDir: string): Promise<boolean> {
  return access(join(dataDir, 'postgres', 'PG_VERSION')).then(
    () => true,
    () => false,
  );
}

/** Where the server of `dataDir` listens while its gateway runs: only the gateway's own user gets in. */
export async function runningServer(dataDir: string): Promise<RunningServer> {
  const socket = await socketDirectory(join(await realpath(dataDir), 'postgres'));
  const connection = { host: socket.path, port: SOCKET_NUMBER, user: ROLE, database: ROLE };
  return { connection, close: () => socket.remove() };
}
