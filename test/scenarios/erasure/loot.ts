import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { openObject, SealError, unwrapKey } from '../../../crypto/index.ts';
import { ROLE } from '../../../ops/postgres/cluster.ts';
import { SOCKET_NUMBER, socketDirectory } from '../../../ops/postgres/socket.ts';

/** A row of vault_keys. */
interface KeyRow {
  readonly fax: string;
  readonly dek: string;
  readonly epoch: string;
  readonly wrapped: Uint8Array;
}

/** A row of pages. */
interface PageRow {
  readonly fax: string;
  readonly number: number;
  readonly width: number;
  readonly rows: number;
}

/** A page that was opened: its T.6 data. */
export interface OpenedPage extends PageRow {
  readonly t6: Uint8Array;
}

/** What someone has who took every disk of a gateway at one moment: sealed objects and wrapped keys. */
export interface Loot {
  /** Copy of the vault's directory. */
  readonly vault: string;
  readonly keys: readonly KeyRow[];
  readonly pages: readonly PageRow[];
}

/** Copies the vault and its rows as they are now. */
export async function takeLoot(dataDir: string, vault: string): Promise<Loot> {
  await copied(join(dataDir, 'vault'), vault);
  const socket = await socketDirectory(clusterOf(dataDir));
  const client = new pg.Client({ host: socket.path, port: SOCKET_NUMBER, user: ROLE, database: ROLE });
  await client.connect();
  try {
    const keys = await client.query<KeyRow>('select fax, dek, epoch, wrapped from vault_keys order by fax');
    const pages = await client.query<PageRow>('select fax, number, width, rows from pages order by fax, number');
    return { vault, keys: keys.rows, pages: pages.rows };
  } finally {
    await client.end();
    await socket.remove();
  }
}

/** Files are renamed and removed while they are copied: what has gone is left out by copying anew. */
async function copied(from: string, to: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await rm(to, { recursive: true, force: true });
      return await cp(from, to, { recursive: true });
    } catch (error) {
      const gone = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (!gone || tries === 20) throw error;
    }
  }
}

function clusterOf(dataDir: string): string {
  const name = readdirSync(dataDir).find((entry) => existsSync(join(dataDir, entry, 'PG_VERSION')));
  if (name === undefined) throw new Error('no database cluster in the data directory');
  return join(dataDir, name);
}

/** Every page of which the key opens under one of `keks`. */
export async function openLoot({ vault, keys, pages }: Loot, keks: readonly Uint8Array[]): Promise<OpenedPage[]> {
  const opened: OpenedPage[] = [];
  for (const row of keys) {
    const dek = await unwrapped(row, keks);
    if (dek === undefined) continue;
    for (const page of pages.filter(({ fax }) => fax === row.fax)) {
      const file = createReadStream(join(vault, row.fax, `page-${page.number}.sfv`));
      opened.push({ ...page, t6: await whole(openObject(dek, { fax: row.fax, object: `page/${page.number}` }, file)) });
    }
  }
  return opened;
}

/** A stream in one piece. */
export async function whole(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const copies: Buffer[] = [];
  for await (const chunk of chunks) copies.push(Buffer.from(chunk));
  return new Uint8Array(Buffer.concat(copies));
}

async function unwrapped({ fax, dek, epoch, wrapped }: KeyRow, keks: readonly Uint8Array[]) {
  for (const kek of keks) {
    try {
      return await unwrapKey(kek, wrapped, `dek ${fax} ${dek} ${epoch}`);
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
    }
  }
  return undefined;
}
