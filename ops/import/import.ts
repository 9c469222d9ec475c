import { basename } from 'node:path';
import type pg from 'pg';
import { base64url, fromBase64url, openSmall, sealSmall, wipe } from '../../crypto/index.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import type { Log } from '../../gateway/ports/log.ts';
import { openDatabase, type Transaction } from '../../gateway/records/database.ts';
import { openSnapshot, type Snapshot } from '../backup/dump.ts';
import type { SealedKey } from '../backup/lines.ts';
import { loadRows, moveSequences } from '../backup/load.ts';
import { refuseRows } from '../backup/restore.ts';
import { readKeyFiles, storeKeyRows } from '../backup/sealed-keys.ts';
import type { ImageStores } from '../image-stores.ts';
import { markMoved, unmarkMoved } from '../moved-mark.ts';
import { type MovedImages, moveKeys, moveObjects } from './images.ts';
import type { Source } from './source.ts';

/** Where a gateway is moved to: records of this release's schema, empty, with nobody else at them. */
export interface Target {
  readonly pool: pg.Pool;
  readonly rootKey: Uint8Array;
  readonly stores: Pick<ImageStores, 'epochs' | 'blobs'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

/** What was moved. */
export interface Moved {
  /** Rows by table. */
  readonly tables: Readonly<Record<string, number>>;
  readonly images: MovedImages;
}

/**
 * Moves an embedded gateway: every row from one moment, its lasting keys under the root key of the target, the images of
 * unfinished faxes as they are, and their keys under an epoch of the target. All in one transaction, with the mark at the
 * source before its commit: the gateway is here or there, and never at both.
 *
 * @throws BackupError database_not_empty
 */
export async function importGateway(source: Source, target: Target): Promise<Moved> {
  const database = openDatabase(target.pool, target.log);
  const client = await source.pool.connect();
  try {
    return await database.transaction((tx) => move(tx, client, source, target));
  } catch (error) {
    await unmarkMoved(source.dataDir);
    throw error;
  } finally {
    client.release(true);
  }
}

async function move(tx: Transaction, client: pg.PoolClient, source: Source, target: Target): Promise<Moved> {
  const now = target.clock.now();
  await refuseRows(tx);
  const counts: Record<string, number> = {};
  const snapshot = await openSnapshot(client, [], 'move');
  await loadRows(tx, counted(snapshot.lines, counts), () => undefined);
  await moveSequences(tx, 0);
  const keys = await resealed(source, target);
  await storeKeyRows(tx, keys, target.rootKey, now);
  const newest = await tx.row<{ number: number }>('select coalesce(max(number), 0)::bigint as number from epochs');
  const known = (await target.stores.epochs.load()).map(({ number }) => number);
  const epoch = await target.stores.epochs.create(Math.max(newest?.number ?? 0, ...known) + 1, now);
  const lostKeys = await moveKeys(tx, source.epochs, epoch, now);
  const images = await moveObjects(tx, source.blobs, target.stores.blobs);
  await markMoved(source.dataDir, new Date(now));
  target.log.info({ from: basename(source.dataDir), tables: Object.keys(counts).length }, 'a gateway is moved');
  return { tables: counts, images: { ...images, lost: images.lost + lostKeys } };
}

/** Passes the lines on and counts the rows of each table. */
async function* counted(lines: Snapshot['lines'], counts: Record<string, number>): Snapshot['lines'] {
  let table = '';
  for await (const line of lines) {
    if (line.kind === 'table') table = line.table.name;
    if (line.kind === 'end') counts[table] = line.rows;
    yield line;
  }
}

/** The lasting keys of the source under the root key of the target. */
async function resealed({ keys }: Source, { rootKey }: Target): Promise<SealedKey[]> {
  const files = await readKeyFiles(keys.path('.'));
  return Promise.all(
    files.map(async ({ name, sealed }) => {
      const bytes = await openSmall(keys.rootKey, `key ${name}`, fromBase64url(sealed));
      try {
        return { name, sealed: base64url(await sealSmall(rootKey, `key ${name}`, bytes)) };
      } finally {
        wipe(bytes);
      }
    }),
  );
}
