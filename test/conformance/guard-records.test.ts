import { testDatabases } from '../postgres.ts';
import { startRecords } from './fax-records-backend.ts';
import { guardRecordsConformance } from './guard-records.ts';

for (const database of await testDatabases()) {
  guardRecordsConformance(database.name, () => startRecords(database));
}
