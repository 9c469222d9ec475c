import { hex, sha256Stream, wipe } from '../../crypto/index.ts';
import type { FaxId } from '../../gateway/fax/ids.ts';
import type { BlobStore } from '../../gateway/ports/blob-store.ts';
import { type Epoch, type EpochKeyStore, VaultError } from '../../gateway/ports/image-vault.ts';
import type { WrappedKey } from '../../gateway/ports/vault-records.ts';
import type { Transaction } from '../../gateway/records/database.ts';
import { marked, markOf, unwrapOf, wrapFor } from '../../gateway/vault/key-wrap.ts';

/** Rows read at a time. */
const BATCH = 200;
const NEVER = new AbortController().signal;

/** What became of the images. */
export interface MovedImages {
  readonly objects: number;
  readonly bytes: number;
  /** Faxes whose image or key was not there any more; they will end as `image_lost`. */
  readonly lost: number;
}

/**
 * Wraps every data key anew under `target`, an epoch that only the new gateway has, and ends the epochs of the old one in
 * the records. Their keys stay where they are: nobody may vouch for their destruction, so that they have no receipt.
 */
export async function moveKeys(tx: Transaction, from: EpochKeyStore, target: Epoch, now: number): Promise<number> {
  await tx.change(`insert into epochs (number, state, opened_at) values ($1, 'open', $2)`, [
    target.number,
    target.openedAt,
  ]);
  let lost = 0;
  for (let after = ''; ; ) {
    const rows = await tx.rows<WrappedKey>(
      `select fax, account, dek, epoch, wrapped, state, expires_at as "expiresAt" from vault_keys
       where fax > $1 and epoch <> $2 order by fax limit $3`,
      [after, target.number, BATCH],
    );
    for (const row of rows) {
      const wrapped = await movedWrap(row, from, target);
      if (markOf(wrapped) === 'lost') lost++;
      await tx.change('update vault_keys set epoch = $2, wrapped = $3 where fax = $1', [
        row.fax,
        target.number,
        wrapped,
      ]);
    }
    after = rows.at(-1)?.fax ?? '';
    if (rows.length < BATCH) break;
  }
  await tx.change(
    `update epochs set state = 'destroyed', destroyed_at = $2 where state <> 'destroyed' and number <> $1`,
    [target.number, now],
  );
  return lost;
}

async function movedWrap(row: WrappedKey, from: EpochKeyStore, target: Epoch): Promise<Uint8Array> {
  if (markOf(row.wrapped) !== undefined) return row.wrapped;
  const kek = (await from.get(row.epoch))?.kek;
  const dek = kek === undefined ? undefined : await unwrapOf(row, kek);
  if (dek === undefined) return marked('lost');
  return wrapFor(row, target.number, target.kek, dek).finally(() => wipe(dek));
}

/** Copies the ciphertext of every stored object, as it is, and holds what was read against its row. */
export async function moveObjects(tx: Transaction, from: BlobStore, to: BlobStore): Promise<MovedImages> {
  let moved: MovedImages = { objects: 0, bytes: 0, lost: 0 };
  for (let after: readonly [string, string] = ['', '']; ; ) {
    const rows = await tx.rows<{ fax: FaxId; object: string; bytes: number; sha256: string }>(
      `select fax, object, bytes, sha256 from vault_objects
       where stored and (fax, object) > ($1, $2) order by fax, object limit $3`,
      [...after, BATCH],
    );
    for (const row of rows) {
      const copied = await copy(row, from, to);
      moved = copied
        ? { ...moved, objects: moved.objects + 1, bytes: moved.bytes + row.bytes }
        : { ...moved, lost: moved.lost + 1 };
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH) return moved;
    after = [last.fax, last.object];
  }
}

/** What was read is not what its row says. */
class Differs extends Error {}

/**
 * False when the object is gone or damaged, and nothing was written: the fax will end as `image_lost`, as it would have
 * where it comes from.
 */
async function copy(
  row: { readonly fax: FaxId; readonly object: string; readonly sha256: string },
  from: BlobStore,
  to: BlobStore,
): Promise<boolean> {
  const hash = sha256Stream();
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of from.read(row.fax, row.object, NEVER)) {
      hash.update(chunk);
      yield chunk;
    }
    if (hex(hash.digest()) !== row.sha256) throw new Differs();
  }
  try {
    await to.write(row.fax, row.object, hashed());
    return true;
  } catch (error) {
    if (error instanceof Differs || (error instanceof VaultError && error.code === 'object_missing')) return false;
    throw error;
  }
}
