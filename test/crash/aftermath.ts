import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { verifyCertifiedReceipt, verifyReceipt } from '../../crypto/client.ts';
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
  'receipt without its epoch': 'select fax as id from receipts where epoch_jws is null',
};
/** What an orderly stop of the only process may not leave. */
const LIVING_EPOCH = { 'living key epoch': `select number::text as id from epochs where state <> 'destroyed'` };

/** Looks through what a stopped gateway has left on the disk: rows, blobs, receipts that do not verify. */
export async function aftermath(dataDir: string): Promise<string[]> {
  const postgres = await startPostgres({ dataDir, log: silentLog });
  const client = new pg.Client({ ...postgres.connection });
  try {
    await client.connect();
    const verify = await receiptVerifier(`${dataDir}-keys`);
    const rows = await rowsLeft(client, { ...FORBIDDEN, ...LIVING_EPOCH });
    return [...rows, ...(await forgedReceipts(client, verify)), ...(await blobs(join(dataDir, 'vault')))];
  } finally {
    await client.end();
    await postgres.stop();
  }
}

/** Rows that should not be there, each as a line. */
export async function rowsLeft(
  client: pg.Client,
  forbidden: Readonly<Record<string, string>> = FORBIDDEN,
): Promise<string[]> {
  const rows: string[] = [];
  for (const [what, query] of Object.entries(forbidden)) {
    const found = await client.query<{ id: string }>(query);
    rows.push(...found.rows.map(({ id }) => `${what} ${id}`));
  }
  return rows;
}

/** Answers whether `jws` is a genuine receipt: a first one of `fax`, or without it one about a key epoch. */
export type ReceiptVerifier = (jws: string, fax?: string) => Promise<boolean>;

export async function forgedReceipts(client: pg.Client, verify: ReceiptVerifier): Promise<string[]> {
  const { rows } = await client.query<{ fax: string; jws: string; epoch_jws: string }>(
    'select fax, jws, epoch_jws from receipts where epoch_jws is not null',
  );
  const forged: string[] = [];
  for (const { fax, jws, epoch_jws } of rows) {
    if (!((await verify(jws, fax)) && (await verify(epoch_jws)))) forged.push(`receipt of ${fax} that does not verify`);
  }
  return forged;
}

/** By the key of the gateway. */
async function receiptVerifier(keyDir: string): Promise<ReceiptVerifier> {
  const directory = await openKeyDirectory(keyDir, { value: undefined, file: undefined });
  const { receipt } = await lastingKeys(directory, Date.now);
  directory.close();
  return verifierBy((jws) => verifyReceipt(jws, receipt.publicSpki));
}

/** By the root's word for the key, which receipts carry: `pin` is the root's. */
export function pinnedVerifier(pin: string): ReceiptVerifier {
  return verifierBy(async (jws) => {
    const certified = await verifyCertifiedReceipt(jws);
    if (certified.pin !== pin) throw new Error('another gateway signed this');
    return certified.claims;
  });
}

/** Checks signatures, and of first receipts the fax and the checks after the erasure. */
function verifierBy(open: (jws: string) => Promise<Readonly<Record<string, unknown>>>): ReceiptVerifier {
  return async (jws, fax) => {
    try {
      const claims = await open(jws);
      if (fax === undefined) return claims.method === 'kek-destroyed';
      const checks = Object.values(claims.checks ?? {});
      return claims.fax === fax && checks.length === 3 && checks.every((check) => check === true);
    } catch {
      return false;
    }
  };
}

export async function blobs(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => `blob ${entry.name}`);
}
