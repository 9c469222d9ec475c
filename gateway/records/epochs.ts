import type { EpochRow, VaultRecords } from '../ports/vault-records.ts';
import type { Database } from './database.ts';
import { RecordsError } from './errors.ts';

type Epochs = Pick<VaultRecords, 'epochs' | 'openEpoch' | 'closeEpoch' | 'destroyEpoch'>;

/** How long destroyed epochs are still listed: for whoever looks after them; older ones stand in receipts only. */
const LISTED_DESTROYED = 100;

export function createEpochs(database: Database): Epochs {
  return {
    epochs: () =>
      database.rows<EpochRow>(
        `select number, state, opened_at as "openedAt", destroyed_at as "destroyedAt" from epochs
         where state <> 'destroyed' or number > (select max(number) - $1 from epochs) order by number`,
        [LISTED_DESTROYED],
      ),
    openEpoch: async (number, now) => {
      await database.change(
        `insert into epochs (number, state, opened_at) values ($1, 'open', $2) on conflict (number) do nothing`,
        [number, now],
      );
    },
    closeEpoch: async (number) => {
      await database.change(`update epochs set state = 'closing' where number = $1 and state = 'open'`, [number]);
    },
    destroyEpoch: (number, jws, now) => destroyEpoch(database, number, jws, now),
  };
}

/** The row lock waits for writers that hold it FOR SHARE, so that the count of keys is the last word. */
function destroyEpoch(database: Database, number: number, jws: string | null, now: number): Promise<void> {
  return database.transaction(async (tx) => {
    const epoch = await tx.row<{ state: string }>('select state from epochs where number = $1 for update', [number]);
    if (epoch === undefined || epoch.state === 'destroyed') return;
    const key = await tx.row<{ fax: string }>('select fax from vault_keys where epoch = $1 limit 1', [number]);
    if (key !== undefined) throw new RecordsError('epoch_in_use', `keys are still wrapped under epoch ${number}`);
    await tx.change(`update epochs set state = 'destroyed', destroyed_at = $2 where number = $1`, [number, now]);
    await tx.change('update receipts set epoch_jws = $2 where epoch = $1', [number, jws]);
  });
}
