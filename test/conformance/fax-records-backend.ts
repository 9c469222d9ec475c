import { createRecords } from '../../gateway/records/index.ts';
import { silentLog, type TestDatabase } from '../postgres.ts';
import type { Backend } from './fax-records.ts';

/** Migrated records on a database of their own. */
export async function startRecords(database: TestDatabase): Promise<Backend> {
  const postgres = await database.start();
  const records = createRecords({ pool: postgres.pool(), log: silentLog });
  await records.migrate();
  return {
    records,
    stop: async () => {
      await records.close();
      await postgres.stop();
    },
  };
}
