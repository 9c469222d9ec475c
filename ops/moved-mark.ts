import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DataDirectoryError } from './data-directory.ts';

/** In a data directory whose gateway lives on a database server now. */
const MARK = 'moved.json';

/** @throws DataDirectoryError moved: started again, the old gateway would send the same faxes once more */
export async function refuseMoved(dataDir: string): Promise<void> {
  const text = await readFile(join(dataDir, MARK), 'utf8').catch(() => undefined);
  if (text === undefined) return;
  throw new DataDirectoryError(
    'moved',
    `the gateway of ${dataDir} was moved to a database server (${MARK} says when); start it there with its DATABASE_URL. ` +
      `Only if that was undone, and the database is gone: remove ${MARK}`,
  );
}

/** Durable when it resolves. */
export async function markMoved(dataDir: string, at: Date): Promise<void> {
  const file = await open(join(dataDir, MARK), 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify({ movedAt: at.toISOString() })}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  const directory = await open(dataDir, 'r');
  await directory.sync().finally(() => directory.close());
}

/** The move came to nothing. */
export async function unmarkMoved(dataDir: string): Promise<void> {
  await rm(join(dataDir, MARK), { force: true });
}
