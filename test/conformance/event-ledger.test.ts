import { createRecords } from '../../gateway/records/index.ts';
import { silentLog, testDatabases } from '../postgres.ts';
import { eventLedgerConformance, type SharedBackend } from './event-ledger.ts';

for (const database of await testDatabases()) {
  eventLedgerConformance(database.name, async () => {
    const postgres = await database.start();
    const another: SharedBackend['another'] = (clock) =>
      createRecords({ pool: postgres.pool({ max: 8 }), log: silentLog, ...(clock === undefined ? {} : { clock }) });
    const records = another();
    await records.migrate();
    return {
      records,
      another,
      stop: async () => {
        await records.close();
        await postgres.stop();
      },
    };
  });
}
