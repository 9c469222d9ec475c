// A gateway's vault at work, to be killed: argv[2] is JSON of ChildWork. It prints one line for each step that is durable.

import pg from 'pg';
import { fromHex, importSigningKey, sealObject } from '../../../crypto/index.ts';
import { createRecords } from '../../../gateway/records/index.ts';
import { createEpochRoll, createFileVault, createSlotFileStore } from '../../../gateway/vault/index.ts';
import { silentLog } from '../../postgres.ts';
import { ACCOUNT, Notes, newFax, plaintext } from '../../unit/vault/setting.ts';

export interface ChildWork {
  readonly database: pg.PoolConfig;
  readonly directory: string;
  readonly slots: string;
  readonly rootKey: string;
  readonly receiptPem: string;
}

const work: ChildWork = JSON.parse(process.argv[2] ?? '');
const pool = new pg.Pool({ ...work.database, max: 6 });
const { vault: records } = createRecords({ pool, log: silentLog });
const clock = { now: () => Date.now(), monotonic: () => performance.now(), after: () => () => undefined };
const store = await createSlotFileStore({ path: work.slots, rootKey: fromHex(work.rootKey) });
const shared = {
  records,
  receiptKey: await importSigningKey(work.receiptPem),
  clock,
  log: silentLog,
  metrics: new Notes().metrics,
};
const vault = createFileVault({ ...shared, directory: work.directory, epochs: store });
const say = (line: string) => process.stdout.write(`${line}\n`);
const roll = createEpochRoll({ ...shared, store, vault, imageLost: async (fax) => void say(`lost ${fax}`) });
await roll.start();
say('started');

async function one(end: boolean): Promise<void> {
  const fax = newFax();
  const dek = await vault.open(fax, ACCOUNT);
  await vault.put(fax, 'page/1', sealObject(dek, { fax, object: 'page/1' }, plaintext('page')));
  dek.fill(0);
  await pool.query(`update vault_keys set state = 'live', expires_at = null where fax = $1`, [fax]);
  say(`live ${fax}`);
  if (!end) return;
  await records.addIntent(fax, 'delivered', clock.now());
  say(`ended ${fax}`);
  await vault.wipe(fax, 'delivered');
  say(`wiped ${fax}`);
}

async function lane(): Promise<never> {
  for (let i = 0; ; i++) await one(i % 4 !== 0);
}
async function rolling(): Promise<never> {
  for (;;) await roll.roll();
}
await Promise.all([lane(), lane(), rolling()]);
