import { testDatabases } from '../postgres.ts';
import { carrierHealthConformance } from './carrier-health.ts';
import { startRecords } from './fax-records-backend.ts';

for (const database of await testDatabases()) {
  carrierHealthConformance(database.name, () => startRecords(database));
}
