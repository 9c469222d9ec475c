import { open } from 'node:fs/promises';

/**
 * Writes `chunks` to a file that must not exist yet and that nobody else may read. Each chunk is on its way to the disk
 * before the next is asked for: an answer's are zeroed then.
 */
export async function writeNewFile(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of chunks) await file.writeFile(chunk);
  } finally {
    await file.close();
  }
}
