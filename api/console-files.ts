import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of the console as it is served. */
export interface ConsoleFile {
  readonly type: string;
  readonly content: Buffer;
}

/** The built console, read once and kept in memory: no request reaches the file system. */
export interface ConsoleFiles {
  readonly index: ConsoleFile;
  /** By name; each name holds the hash of its content, so that it never changes. */
  readonly assets: ReadonlyMap<string, ConsoleFile>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Where `npm run console` leaves it. */
export const BUILT_CONSOLE = fileURLToPath(new URL('./console/dist/', import.meta.url));

/** The console built into `directory`; undefined when there is none. */
export async function readConsole(directory: string): Promise<ConsoleFiles | undefined> {
  try {
    const index = await fileOf(`${directory}/index.html`);
    const names = (await readdir(`${directory}/assets`)).filter((name) => TYPES[extname(name)] !== undefined);
    const assets = await Promise.all(
      names.map(async (name) => [name, await fileOf(`${directory}/assets/${name}`)] as const),
    );
    return { index, assets: new Map(assets) };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function fileOf(path: string): Promise<ConsoleFile> {
  return { type: TYPES[extname(path)] ?? 'application/octet-stream', content: await readFile(path) };
}
