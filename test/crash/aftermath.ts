import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { verifyReceipt } from '../../crypto/index.ts';
import { lastingKeys } from '../../ops/keys/identity.ts';
import { openKeyDirectory } from '../../ops/keys/key-directory.ts';
import { startPostgres } from '../../ops/postgres/index.ts';
import { silentLog } from '../postgres.ts';

/** Rows that may not exist once every fax has ended and the gateway has stopped, each with what it is called. */
const FORBIDDEN: Readonly<Record<string, string>> = {
  'wrapped key': 'select fax as id from vault_keys',
  'vault object': `select fax || ' ' || object as id from vault_objects`,
  'wipe intent': 'select fax as id from wipe_intents',
  'running Idempotency-Key': `select key as id from idempotency_keys where state = 'running'`,
  'open call': `select id from calls where state <> 'ended'`,
  'claimed fax': 'select id from faxes where lease_until is not null or worker is not null or live_to is not null',
  'fax with an image': 'select id from faxes where image_exists',
  'fax without a receipt': 'select id from faxes where id not in (select fax from receipts)',
  'ended call without its one CDR': 'select id from calls where (select count(*) from cdrs where call = calls.id) <> 1',
  'CDR without a receipt':
    'select id from cdrs where fax not in (select fax from receipts where epoch_jws is not null)',
  'living key epoch': `select number::text as id from epochs where state <> 'destroyed'`,
  'receipt without its epoch': 'select fax as id from receipts where epoch_jws is null',
};

/** Looks through what a stopped gateway has left on the disk: rows, blobs, receipts that do not verify. */
export async function aftermath(dataDir: string): Promise<string[]> {
  const postgres = await startPostgres({ dataDir, log: silentLog });
  const client = new pg.Client({ ...postgres.connection });
  try {
    await client.connect();
    const rows: string[] = [];
    for (const [what, query] of Object.entries(FORBIDDEN)) {
      const found = await client.query<{ id: string }>(query);
      rows.push(...found.rows.map(({ id }) => `${what} ${id}`));
    }
    return [...rows, ...(await forgedReceipts(client, `${dataDir}-keys`)), ...(await blobs(dataDir))];
  } finally {
    await client.end();
    await postgres.stop();
  }
}

async function forgedReceipts(client: pg.Client, keyDir: string): Promise<string[]> {
  const verify = await receiptVerifier(keyDir);
  const { rows } = await client.query<{ fax: string; jws: string; epoch_jws: string }>(
    'select fax, jws, epoch_jws from receipts where epoch_jws is not null',
  );
  const forged: string[] = [];
  for (const { fax, jws, epoch_jws } of rows) {
    if (!((await verify(jws, fax)) && (await verify(epoch_jws)))) forged.push(`receipt of ${fax} that does not verify`);
  }
  return forged;
}

/** Checks signatures by the key of the gateway, and of first receipts the fax and the checks after the erasure. */
async function receiptVerifier(keyDir: string): Promise<(jws: string, fax?: string) => Promise<boolean>> {
  const directory = await openKeyDirectory(keyDir, { value: undefined, file: undefined });
  const { receipt } = await lastingKeys(directory, Date.now());
  directory.close();
  return async (jws, fax) => {
    try {
      const claims = await verifyReceipt(jws, receipt.publicSpki);
      if (fax === undefined) return claims.method === 'kek-destroyed';
      const checks = Object.values(claims.checks ?? {});
      return claims.fax === fax && checks.length === 3 && checks.every((check) => check === true);
    } catch {
      return false;
    }
  };
}

async function blobs(dataDir: string): Promise<string[]> {
  const entries = await readdir(join(dataDir, 'vault'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => `blob ${entry.name}`);
}
