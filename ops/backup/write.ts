import { createWriteStream } from 'node:fs';
import { mkdir, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { randomId, wipe } from '../../crypto/index.ts';
import { sealBackup } from './container.ts';
import { openSnapshot } from './dump.ts';
import { makeFileKey } from './file-key.ts';
import { expired, type KeepRule } from './keep.ts';
import { type SealedKey, writeLines } from './lines.ts';
import { backupName } from './name.ts';
import type { BackupTarget } from './target.ts';
import { verifyBackup } from './verify.ts';

/** What a backup is made of. */
export interface BackupParts {
  readonly pool: pg.Pool;
  /** 32 octets. */
  readonly rootKey: Uint8Array;
  /** Pin of the gateway's root identity. */
  readonly pin: string;
  /** Sealed files of the key directory; none where the lasting keys stand in the records. */
  readonly keys: readonly SealedKey[];
  /** Public key (SPKI) to which backups are sealed besides the root key. */
  readonly recipient: Uint8Array | undefined;
  readonly target: BackupTarget;
  /** Folder for the sealed copy until it lies at the target; emptied before and after. */
  readonly spool: string;
  readonly keep: KeepRule;
}

/** A backup that lies at its target, verified. */
export interface FinishedBackup {
  readonly name: string;
  readonly id: string;
  /** When the copy was taken, ms since 1970. */
  readonly takenAt: number;
  readonly bytes: number;
  readonly rows: number;
  readonly seconds: number;
  /** Older backups that were removed. */
  readonly removed: number;
}

/**
 * Copies configuration and records as they stand in one moment, sealed, to the target, and checks what it has written.
 * Memory is bounded whatever the size of the records. The caller sees to it that only one runs at a time.
 *
 * @throws BackupError
 */
export async function writeBackup(parts: BackupParts): Promise<FinishedBackup> {
  const started = performance.now();
  await rm(parts.spool, { recursive: true, force: true });
  await mkdir(parts.spool, { recursive: true, mode: 0o700 });
  try {
    const file = join(parts.spool, 'backup.sfb');
    const { id, takenAt, rows } = await writeFile(parts, file);
    const name = backupName(parts.pin, takenAt, id);
    await parts.target.put(name, file);
    const removed = await removeExpired(parts, takenAt);
    const { size } = await stat(file);
    return { name, id, takenAt, bytes: size, rows, seconds: (performance.now() - started) / 1_000, removed };
  } finally {
    await rm(parts.spool, { recursive: true, force: true });
  }
}

interface Written {
  readonly id: string;
  readonly takenAt: number;
  readonly rows: number;
}

/** The sealed file, durable and read once more. */
async function writeFile({ pool, rootKey, pin, keys, recipient }: BackupParts, file: string): Promise<Written> {
  const client = await pool.connect();
  const broken = () => undefined;
  client.on('error', broken);
  const id = randomId('bak');
  const fileKey = await makeFileKey(id, rootKey, recipient);
  let whole = false;
  try {
    const { schema, at, lines } = await openSnapshot(client, keys);
    const header = { v: 1, id, schema, created: new Date(at).toISOString(), gateway: pin } as const;
    const sealed = sealBackup(header, fileKey, writeLines(lines));
    await pipeline(sealed, createWriteStream(file, { flags: 'wx', mode: 0o600 }));
    whole = true;
    await sync(file);
    const { rows } = await verifyBackup(file, { fileKey: fileKey.key });
    return { id, takenAt: at, rows };
  } finally {
    wipe(fileKey.key);
    client.off('error', broken);
    // A connection in the middle of a cursor is not lent again.
    client.release(!whole);
  }
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  await handle.sync().finally(() => handle.close());
}

async function removeExpired({ target, pin, keep }: BackupParts, now: number): Promise<number> {
  const names = expired(await target.list(), pin, keep, now);
  for (const name of names) await target.remove(name);
  return names.length;
}
