import type { DeliveryId } from '../../gateway/fax/ids.ts';
import { createRecords } from '../../gateway/records/index.ts';
import { silentLog, testDatabases } from '../postgres.ts';
import { webhookRecordsConformance } from './webhook-records.ts';

for (const database of await testDatabases()) {
  webhookRecordsConformance(database.name, async () => {
    const postgres = await database.start();
    const told: DeliveryId[] = [];
    const records = createRecords({
      pool: postgres.pool(),
      log: silentLog,
      onDelivery: (ids) => void told.push(...ids),
    });
    await records.migrate();
    return {
      records,
      told,
      stop: async () => {
        await records.close();
        await postgres.stop();
      },
    };
  });
}
